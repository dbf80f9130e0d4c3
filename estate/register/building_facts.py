"""What is known of each building in one financial year, as SQL: one row a building, from the sources asked for."""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Select, Subquery, select

from estate.register import fact_sources
from estate.register.filters import BuildingFilters, listed_conditions
from estate.register.models import BuildingListed

SOURCES: dict[str, Callable[[int | None], Subquery]] = {
    "costs": fact_sources.costs,
    "budget": fact_sources.budget,
    "staff": fact_sources.staff,
    "count": fact_sources.latest_count,
    "use": fact_sources.latest_use,
    "vacant": fact_sources.latest_vacant,
    "condition": fact_sources.latest_grade,
    "backlog": fact_sources.latest_backlog,
    "rating": fact_sources.latest_rating,
}
"""Where facts come from, by name; each gives one row a building that it knows of. Floor area needs none."""

USUAL_SOURCES = ("costs", "staff", "count", "vacant")
"""What a map of buildings shows."""


def building_facts(
    year_start: int | None,
    filters: BuildingFilters,
    sources: Collection[str] = USUAL_SOURCES,
    name: str = "facts",
    building_ids: Select[Any] | None = None,
) -> Subquery:
    """One row a building that `filters` lets through, with what `sources` know of it; None where it is not known.

    Columns: `building_id gross_internal_area_m2 net_internal_area_m2`, and those of each source. Each source that is
    left out is one that the database need not read. With `building_ids`, only the buildings of that query.
    """
    found = {known: SOURCES[known](year_start) for known in SOURCES if known in sources}
    if building_ids is not None and "costs" in found:
        found["costs"] = fact_sources.costs(year_start, building_ids)
    query: Any = select(
        BuildingListed.id.label("building_id"),
        BuildingListed.counted_gross_m2.label("gross_internal_area_m2"),
        BuildingListed.counted_net_m2.label("net_internal_area_m2"),
        *(column for source in found.values() for column in source.c if column.key != "building_id"),
    )
    for source in found.values():
        query = query.outerjoin(source, source.c.building_id == BuildingListed.id)
    if building_ids is not None:
        query = query.where(BuildingListed.id.in_(building_ids))
    facts: Subquery = query.where(*listed_conditions(filters)).subquery(name)
    return facts
