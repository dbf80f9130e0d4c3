"""The table of buildings beside their map: sorted and cut into pages."""

from dataclasses import dataclass
from typing import Any

from geopandas import GeoDataFrame
from pandas import DataFrame, Series

PAGE_SIZE = 50
COLUMNS = {
    "name": "name",
    "agency": "agency",
    "use": "use",
    "cost": "annual_cost",
    "cost_per_m2": "cost_per_m2",
    "occupancy": "occupancy",
}


@dataclass(frozen=True)
class BuildingTable:
    """One page of buildings, as the table macros of the pages take it."""

    rows: list[dict[str, Any]]
    count: int
    page: int
    page_count: int
    sort: str
    unlocated_count: int


def building_table(buildings: GeoDataFrame, sort: str, page: int) -> BuildingTable:
    """The `page`-th page by `sort`, a key of `COLUMNS`, with a minus in front for descending.

    An unknown `sort` gives that by name, a page beyond the last gives the last; unknown figures come last both ways.
    """
    key = sort.removeprefix("-")
    sort, key = (sort, key) if key in COLUMNS else ("name", "name")
    frame = DataFrame(buildings.drop(columns="geometry")).sort_values(
        COLUMNS[key], ascending=not sort.startswith("-"), key=_comparable, na_position="last", kind="stable"
    )
    page_count = max(1, -(-len(frame) // PAGE_SIZE))
    page = min(max(page, 1), page_count)
    rows = frame.iloc[(page - 1) * PAGE_SIZE : page * PAGE_SIZE].to_dict("records")
    unlocated = int(buildings.geometry.isna().sum())
    return BuildingTable(rows, len(frame), page, page_count, sort, unlocated)


def _comparable(column: Series) -> Series:
    return column.str.lower() if column.dtype == object or str(column.dtype) in ("str", "string") else column
