"""The tables of access as CSV; unknown as an empty cell. Every line says how distances were measured, and of when."""

from collections.abc import Iterable
from datetime import date

from pandas import DataFrame

from estate.web.access_questions import AccessView
from estate.web.map_files import write_table


def write_areas(view: AccessView, as_at: date | None) -> str:
    """A line an area."""
    areas = view.figures.areas
    columns: dict[str, Iterable[object]] = {
        "code": areas["code"],
        "name": areas["name"],
        "within": areas["parent_name"],
        "residents_measured": areas["residents"].astype("int64"),
        "residents_further": areas["beyond"].astype("int64"),
        "share_further": areas["share"].round(4),
        "mean_distance_m": areas["mean_m"].round(0).astype("Int64"),
        "residents_not_measured": areas["unmeasured"].astype("int64"),
        "small_areas": areas["home_count"].astype("int64"),
        "small_areas_with_unknown_population": areas["unknown_count"].astype("int64"),
    }
    if view.closing_id is not None:
        columns["residents_further_after_closure"] = (areas["beyond"] + areas["newly_beyond"]).astype("int64")
    return write_table(DataFrame({**columns, **_shared(view, len(areas))}), as_at)


def write_homes(view: AccessView, as_at: date | None) -> str:
    """A line a small area."""
    homes = view.figures.homes
    columns: dict[str, Iterable[object]] = {
        "code": homes["code"],
        "name": homes["name"],
        "area": homes["area_name"],
        "population": homes["population"].astype("Int64"),
        "distance_m": homes["distance_m"].round(0).astype("Int64"),
        "nearest_building_id": homes["nearest_id"].astype("Int64"),
        "nearest_building": homes["nearest"],
        "longitude": homes["longitude"].round(6),
        "latitude": homes["latitude"].round(6),
    }
    if view.closing_id is not None:
        columns["distance_after_closure_m"] = homes["closed_distance_m"].round(0).astype("Int64")
    return write_table(DataFrame({**columns, **_shared(view, len(homes))}), as_at)


def _shared(view: AccessView, count: int) -> dict[str, list[object]]:
    people, roads = view.figures.people, view.figures.roads
    said: dict[str, object] = {
        "service": view.service or "any",
        "further_than_m": round(view.km * 1000),
        "method": "roads" if roads else "straight line",
        "population_year": people.year,
        "population_source": people.source,
    }
    if roads:
        said["roads_source"] = roads.source
    if view.closing_id is not None:
        said["closed_building_id"] = view.closing_id
    return {name: [value] * count for name, value in said.items()}
