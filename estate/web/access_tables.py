"""The table of access by area, and the buildings whose closure the page can think through."""

from pandas import DataFrame

from estate.web.access_questions import AccessView
from estate.web.map_tables import AREA_PAGE_SIZE, AreaTable, page_of

SORTS = ("name", "residents", "beyond", "share", "mean_m", "unmeasured", "newly_beyond")
MOST_CLOSABLE = 300


def access_table(view: AccessView, sort: str, page: int) -> AreaTable:
    """The `page`-th page of the areas by `sort`, one of `SORTS`, with a minus in front for descending."""
    areas: DataFrame = view.figures.areas
    rows, sort, page, page_count = page_of(areas, sort, {name: name for name in SORTS}, page, AREA_PAGE_SIZE)
    return AreaTable(rows, len(areas), page, page_count, sort)


def closable(view: AccessView) -> list[tuple[int, str]]:
    """Id and name of the counters that are somebody's nearest in this view: those whose closure changes anything.

    By name; of very many those with most people, and always the one that is chosen.
    """
    homes = view.figures.homes
    people = homes[homes["nearest_id"].notna()].groupby("nearest_id")["population"].sum()
    ids = set(people.sort_values(ascending=False).head(MOST_CLOSABLE).index)
    ids |= {view.closing_id} if view.closing_id is not None else set()
    found = view.figures.every_counter.drop_duplicates("building_id")
    found = found[found["building_id"].isin(ids)]
    return [(int(row.building_id), str(row.name)) for row in found[["building_id", "name"]].itertuples(index=False)]
