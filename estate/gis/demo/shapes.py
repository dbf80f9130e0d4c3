"""Turns labelled postcode locations into areas that meet without gaps and nest exactly."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from estate.gis.demo.neighbourhoods import neighbourhood_labels
from estate.gis.demo.place import DemoPlace
from estate.gis.demo.postcodes import postcode_locations

BRITISH_NATIONAL_GRID = 27700


def demo_frames(postcodes: pd.DataFrame, place: DemoPlace) -> dict[str, gpd.GeoDataFrame]:
    """Areas of the demo place by level (`county`, `district`, `neighbourhood`), in EPSG:4326.

    `postcodes` are those of the place and of its surroundings (`postcodes_around`).
    Each frame has `code`, `name`, `parent_code` (None for the county), `postcode_count` and `geometry`. Parents are
    made of their children's own corners, so that a neighbourhood lies in its district with no sliver left over.
    """
    locations = postcode_locations(postcodes)
    labels = neighbourhood_labels(locations, place)
    neighbourhood_frame = _neighbourhood_frame(locations, labels, place)
    district_frame = _parent_frame(neighbourhood_frame, place.districts, place.county_code)
    county_frame = _parent_frame(district_frame, {place.county_code: place.county_name}, None)
    return {"county": county_frame, "district": district_frame, "neighbourhood": neighbourhood_frame}


def _neighbourhood_frame(locations: pd.DataFrame, labels: pd.Series, place: DemoPlace) -> gpd.GeoDataFrame:
    """One row for each neighbourhood, sorted by code."""
    points = shapely.multipoints(locations[["easting_m", "northing_m"]].to_numpy())
    cells = np.array(shapely.voronoi_polygons(points, ordered=True).geoms)
    groups = {code: rows for code, rows in labels.groupby(labels).groups.items() if code}
    codes = sorted(groups)
    merged = np.array([shapely.coverage_union_all(cells[groups[code]]) for code in codes])
    simple = shapely.coverage_simplify(merged, place.simplify_tolerance_m)
    projected = gpd.GeoSeries(simple, crs=BRITISH_NATIONAL_GRID).to_crs(4326)
    return gpd.GeoDataFrame(
        {
            "code": codes,
            "name": _names(codes, place),
            "parent_code": [code.split("-")[0] for code in codes],
            "postcode_count": [len(groups[code]) for code in codes],
        },
        geometry=_rounded(projected.to_numpy()),
        crs=4326,
    )


def _parent_frame(children: gpd.GeoDataFrame, names: dict[str, str], parent_code: str | None) -> gpd.GeoDataFrame:
    """The areas of the level above, each the union of its children."""
    rows = []
    for code, name in sorted(names.items()):
        own = children[children["parent_code"] == code]
        shape = shapely.normalize(shapely.coverage_union_all(own.geometry.to_numpy()))
        count = int(own["postcode_count"].sum())
        rows.append(
            {"code": code, "name": name, "parent_code": parent_code, "postcode_count": count, "geometry": shape}
        )
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=4326)


def _names(codes: list[str], place: DemoPlace) -> list[str]:
    """Names such as "Sale M33 2"; with its district where a sector lies in two."""
    parts = [code.split("-") for code in codes]
    names = pd.Series([f"{place.localities[outward]} {outward} {sector}" for _, outward, sector in parts])
    districts = pd.Series([place.districts[district] for district, _, _ in parts])
    return list(names.where(~names.duplicated(keep=False), names + " (" + districts + ")"))


def _rounded(shapes: np.ndarray) -> np.ndarray:
    """Shapes with six decimals of a degree, about 0.1 m; corners that neighbours share stay shared."""

    def rounded(coordinates: np.ndarray) -> np.ndarray:
        return np.round(coordinates, 6)

    result: np.ndarray = shapely.normalize(shapely.transform(shapes, rounded))
    return result
