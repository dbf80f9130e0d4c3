"""Writes the demo place's boundary files anew."""

import json
from pathlib import Path

import geopandas as gpd
import shapely

from estate.gis.demo.files import DEMO_LEVELS, demo_boundary_path
from estate.gis.demo.place import BOUNDARIES_FOLDER, read_demo_place
from estate.gis.demo.postcodes import postcodes_around
from estate.gis.demo.shapes import demo_frames


def write_demo_boundaries(folder: Path = BOUNDARIES_FOLDER) -> list[Path]:
    """Make the demo boundaries anew from the postcodes; the same postcodes give the same bytes."""
    place = read_demo_place()
    frames = demo_frames(postcodes_around(place), place)
    paths = []
    for level in DEMO_LEVELS:
        path = demo_boundary_path(level, folder)
        path.write_text(_geojson(frames[level], level, place.source), encoding="utf-8")
        paths.append(path)
    return paths


def _geojson(frame: gpd.GeoDataFrame, level: str, source: str) -> str:
    """A FeatureCollection with one feature a line."""
    lines = []
    for row in frame.itertuples(index=False):
        properties = {
            "code": row.code,
            "name": row.name,
            "parent_code": row.parent_code if isinstance(row.parent_code, str) else None,
            "postcode_count": int(row.postcode_count),
        }
        feature = {
            "type": "Feature",
            "properties": properties,
            "geometry": json.loads(shapely.to_geojson(row.geometry)),
        }
        lines.append(json.dumps(feature, separators=(",", ":"), ensure_ascii=False))
    head = json.dumps({"type": "FeatureCollection", "name": f"demo_{level}", "source": source}, ensure_ascii=False)
    return head[:-1] + ',"features":[\n' + ",\n".join(lines) + "\n]}\n"
