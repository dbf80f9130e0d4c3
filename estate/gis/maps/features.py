"""Frames to features: the part of a map that grows with its data, so that each row costs a dict and no object."""

import json
from typing import Any

import shapely
from geopandas import GeoDataFrame

DECIMALS = 5
"""Decimals of a degree that a map keeps: about a metre."""


def features(frame: GeoDataFrame, looks: list[int]) -> list[dict[str, Any]]:
    """A GeoJSON feature for each row of `frame`, drawn by its place in `looks`.

    Columns: geometry (rows without one are left out), `name`; and where they exist `lines` (texts shown below the
    name), `href` with `link` (a page of ours and what to call it), `label_at` (longitude, latitude of the name).
    """
    optional = [column for column in ("lines", "href", "link", "label_at") if column in frame]
    shapes = shapely.to_geojson(shapely.transform(frame.geometry.to_numpy(), lambda xy: xy.round(DECIMALS)))
    rows = zip(shapes, frame["name"], looks, *(frame[column] for column in optional), strict=True)
    result = []
    for shape, name, look, *values in rows:
        if shape is None:
            continue
        properties = {"name": str(name), "look": int(look)}
        for column, value in zip(optional, values, strict=True):
            if isinstance(value, list | tuple | str) and value:
                properties[column] = list(value) if isinstance(value, tuple) else value
        result.append({"type": "Feature", "geometry": json.loads(shape), "properties": properties})
    return result


def bounds_of(*frames: GeoDataFrame | None) -> tuple[float, float, float, float] | None:
    """West, south, east and north of all geometries; None where there is none."""
    boxes = [frame.total_bounds for frame in frames if frame is not None and not frame.geometry.dropna().empty]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return float(min(west)), float(min(south)), float(max(east)), float(max(north))
