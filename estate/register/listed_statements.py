"""The statements by which the list is written, worked out once a process: that takes longer than asking them."""

from functools import cache
from typing import Any

from sqlalchemy import TextClause, any_, delete, exists, func, insert, select, text
from sqlalchemy.dialects import postgresql

from estate.register.listed_rows import COLUMNS, IDS, as_text, counts_by_year, listed_rows, stands_alone
from estate.register.models import Building, BuildingListed, CostYearStep
from estate.register.shown import is_building

COST_YEAR_LOCK = 0x4C495354
"""Lock key: shared by whoever writes rows of one cost year, alone for whoever turns to another year."""
RECORD = func.unnest(IDS).table_valued("id").render_derived(name="record")


def newest_cost_year() -> Any:
    """Start of the newest financial year that is about complete: with at least half the buildings of the best year."""
    buildings = func.sum(CostYearStep.building_delta)
    told = select(CostYearStep.year_start, buildings.label("count")).group_by(CostYearStep.year_start)
    counts = told.having(buildings > 0).cte("cost_year")
    most = select(func.max(counts.c.count)).scalar_subquery()
    return select(func.max(counts.c.year_start)).where(counts.c.count * 2 >= most).scalar_subquery()


@cache
def several(*, of_all: bool) -> TextClause:
    """Ids of the buildings `:ids`, or of all, that do not stand alone."""
    query = select(Building.id).where(is_building(), ~stands_alone()).order_by(Building.id)
    return as_text(query if of_all else query.where(Building.id == any_(IDS)))


@cache
def others() -> TextClause:
    """Which of the records `:ids` are not a new building that stands alone."""
    is_new = ~exists().where(BuildingListed.id == Building.id)
    alone = exists().where(Building.id == RECORD.c.id, stands_alone(), is_new)
    return as_text(select(RECORD.c.id).where(~alone))


@cache
def adding_alone() -> TextClause:
    """Add the rows of the new buildings `:ids`, which stand alone."""
    return as_text(insert(BuildingListed).from_select(COLUMNS, listed_rows(of_all=False, alone=True)))


@cache
def adding(*, of_all: bool, alone: bool = False) -> TextClause:
    """Store the rows of the buildings `:ids`, or of all, that differ; with `alone` of those that stand alone."""
    listed, rows = BuildingListed.__table__, listed_rows(of_all=of_all, alone=alone)
    adding = postgresql.insert(BuildingListed).from_select(COLUMNS, rows.where(stands_alone()) if alone else rows)
    told = [name for name in COLUMNS if name != "id"]
    now, new = (func.row(*(source[name] for name in told)) for source in (listed.c, adding.excluded))
    return as_text(
        adding.on_conflict_do_update(
            index_elements=["id"],
            set_={name: adding.excluded[name] for name in told},
            where=now.is_distinct_from(new),
        )
    )


@cache
def removing(*, of_all: bool) -> TextClause:
    """Remove the rows among `:ids`, or all, under which no building stands."""
    gone = ~select(Building.id).where(Building.id == BuildingListed.id, is_building()).exists()
    removing = delete(BuildingListed).where(gone)
    return as_text(removing if of_all else removing.where(BuildingListed.id == any_(IDS)))


@cache
def counting_years(*, of_all: bool) -> TextClause:
    """Financial years, and how many of the buildings `:ids`, or of all, have a cost in each."""
    return as_text(counts_by_year(of_all=of_all))


@cache
def wrong() -> TextClause:
    """Ids of at most a hundred buildings whose row is not what follows from the records."""
    fresh = listed_rows(of_all=True).cte("fresh")
    listed = BuildingListed.__table__.c
    told = [name for name in COLUMNS if name != "id"]
    differs = func.row(*(fresh.c[name] for name in told)).is_distinct_from(func.row(*(listed[name] for name in told)))
    number = func.coalesce(fresh.c.id, listed.id)
    query = (
        select(number)
        .select_from(fresh)
        .outerjoin(BuildingListed, listed.id == fresh.c.id, full=True)
        .where(differs)
        .order_by(number)
        .limit(100)
    )
    return as_text(query)


LOCK = text(f"SELECT pg_advisory_xact_lock_shared({COST_YEAR_LOCK})")
LOCK_ALONE = text(f"SELECT pg_advisory_xact_lock({COST_YEAR_LOCK})")
LOCK_ROWS = text("SELECT cost_years FROM building_listed WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE")
BUILDINGS_OF = text("""
WITH own AS (SELECT coalesce(canonical_id, id) AS id, parent_id FROM building WHERE id = ANY(CAST(:ids AS bigint[])))
SELECT id FROM own UNION SELECT parent_id FROM own WHERE parent_id IS NOT NULL
UNION SELECT coalesce(b.canonical_id, b.id) FROM building b
    WHERE b.parent_id IN (SELECT id FROM own UNION SELECT unnest(CAST(:ids AS bigint[])))
""")
YEARS_COUNTED = text("SELECT year_start, sum(building_delta) FROM cost_year_step GROUP BY year_start")
YEARS_TOLD_ALONE = text("""
SELECT year_start, count(DISTINCT building_id) FROM running_cost WHERE building_id = ANY(CAST(:ids AS bigint[]))
GROUP BY year_start
""")
NEWEST_COST_YEAR = as_text(select(newest_cost_year()))
