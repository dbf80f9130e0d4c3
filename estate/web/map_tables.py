"""The tables beside the maps, of areas and of buildings: sorted and cut into pages."""

from dataclasses import dataclass
from typing import Any

from geopandas import GeoDataFrame
from pandas import DataFrame, Series

from estate.web.map_figures import AreaFigures

PAGE_SIZE = 50
AREA_PAGE_SIZE = 250
"""So many areas stand on one page, where the browser sorts them; more are sorted here, page by page."""
AREA_SORTS = ("name", "figure", "share", "before", "after", "population", "known")
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
    unlocated_count: int | None
    """None: nobody counted them."""
    is_count_exact: bool = True
    """False: there are more than `count`."""


@dataclass(frozen=True)
class AreaTable:
    """One page of areas, as the table macros of the pages take it."""

    rows: list[dict[str, Any]]
    """`area_id name parent_name figure share before after population population_year known building_count`.

    None where unknown.
    """
    count: int
    page: int
    page_count: int
    sort: str


def area_table(shown: AreaFigures, sort: str, page: int) -> AreaTable:
    """The `page`-th page by `sort`, one of `AREA_SORTS`, with a minus in front for descending.

    An unknown `sort` gives that by name, a page beyond the last gives the last; unknown figures come last both ways.
    """
    columns = ["area_id", "name", "parent_name", "population", "population_year", "building_count"]
    frame = shown.statistics[columns].assign(
        figure=shown.figures.by_area,
        share=shown.shares,
        known=shown.known,
        before=shown.before.by_area if shown.before else None,
        after=shown.after.by_area if shown.after else None,
    )
    rows, sort, page, page_count = page_of(frame, sort, {name: name for name in AREA_SORTS}, page, AREA_PAGE_SIZE)
    return AreaTable(rows, len(frame), page, page_count, sort)


def page_of(
    frame: DataFrame, sort: str, columns: dict[str, str], page: int, size: int
) -> tuple[list[dict[str, Any]], str, int, int]:
    """The rows of one page with None for unknown, the sort and the page in force, and how many pages there are."""
    key = sort.removeprefix("-")
    sort, key = (sort, key) if key in columns else ("name", "name")
    frame = frame.sort_values(
        columns[key], ascending=not sort.startswith("-"), key=_comparable, na_position="last", kind="stable"
    )
    page_count = max(1, -(-len(frame) // size))
    page = min(max(page, 1), page_count)
    shown = frame.iloc[(page - 1) * size : page * size]
    return shown.astype(object).where(shown.notna(), None).to_dict("records"), sort, page, page_count


def building_table(buildings: GeoDataFrame, sort: str, page: int) -> BuildingTable:
    """The `page`-th page by `sort`, a key of `COLUMNS`, with a minus in front for descending.

    An unknown `sort` gives that by name, a page beyond the last gives the last; unknown figures come last both ways.
    """
    frame = DataFrame(buildings.drop(columns="geometry"))
    rows, sort, page, page_count = page_of(frame, sort, COLUMNS, page, PAGE_SIZE)
    unlocated = int(buildings.geometry.isna().sum())
    return BuildingTable(rows, len(frame), page, page_count, sort, unlocated)


def _comparable(column: Series) -> Series:
    return column.str.lower() if column.dtype == object or str(column.dtype) in ("str", "string") else column
