"""Synthetic small areas of the demo place: its postcodes, split into groups of about equal size. Not a census."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pandas import DataFrame

from estate.gis.crs import WGS84, transform
from estate.gis.small_areas.check import Checked

PEOPLE_EACH = 1600
"""About as many as in a lower layer super output area of England."""
POSTCODES_SRID = 27700


def demo_small_areas(postcodes: DataFrame, areas: gpd.GeoDataFrame) -> Checked:
    """Small areas of about `PEOPLE_EACH` people, whose sum in each of `areas` is exactly its own population.

    `postcodes` as in `postcodes_of_place`; `areas`: `code name population geometry`, in EPSG:4326. The same input gives
    the same small areas.
    """
    places = (
        postcodes[["easting_m", "northing_m"]].drop_duplicates().sort_values(["easting_m", "northing_m"]).to_numpy()
    )
    points = shapely.points(np.column_stack(transform(places[:, 0], places[:, 1], POSTCODES_SRID)))
    number, area = shapely.STRtree(points).query(areas.geometry.to_numpy(), predicate="contains")
    codes: list[str] = []
    names: list[str] = []
    people: list[int | None] = []
    centres: list[NDArray[np.float64]] = []
    for position, row in enumerate(areas.itertuples(index=False)):
        inside = places[area[number == position]]
        count = max(1, round(row.population / PEOPLE_EACH))
        groups = _groups(inside, min(count, len(inside)))
        for place, (group, residents) in enumerate(
            zip(groups, _shared_out(row.population, groups), strict=True), start=1
        ):
            codes.append(f"{row.code}-{place:02d}")
            names.append(f"{row.name} {place:02d}")
            people.append(residents)
            centres.append(group.mean(axis=0))
    x, y = np.array(centres).reshape(-1, 2).T
    longitude, latitude = transform(x, y, POSTCODES_SRID, WGS84)
    return Checked(len(codes), codes, names, people, longitude, latitude)


def _groups(places: NDArray[np.float64], count: int) -> list[NDArray[np.float64]]:
    """`count` compact groups of about as many places each: cut across the longer side, again and again."""
    if count <= 1:
        return [places] if len(places) else []
    axis = int(np.ptp(places, axis=0).argmax())
    ordered = places[np.argsort(places[:, axis], kind="stable")]
    half = count // 2
    cut = round(len(places) * half / count)
    return _groups(ordered[:cut], half) + _groups(ordered[cut:], count - half)


def _shared_out(total: int, groups: list[NDArray[np.float64]]) -> list[int]:
    """`total` by the size of the groups, in whole people that add up."""
    if not groups:
        return []
    edges = np.round(np.cumsum([len(group) for group in groups]) / sum(map(len, groups)) * total).astype(int)
    return [int(people) for people in np.diff(edges, prepend=0)]
