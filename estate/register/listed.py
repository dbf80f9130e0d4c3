"""The only writer of what lists read: one row a building, and how many buildings tell of a year's costs.

Whoever writes through the session needs to do nothing: after each flush the buildings it touched are worked out anew,
in the same transaction. Whoever writes with SQL of its own calls `refresh` afterwards, as `areas.assign_areas` does
for imports, their undoing and new boundaries.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import TextClause, any_, delete, event, exists, func, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from estate.register.listed_rows import COLUMNS, IDS, as_text, counts_by_year, listed_rows, stands_alone
from estate.register.models import (
    Building,
    BuildingArea,
    BuildingListed,
    ConditionSurvey,
    CostYearStep,
    EnergyRating,
    PlannedCost,
    Valuation,
    Versioned,
)
from estate.register.seen import unseen
from estate.register.shown import is_building

NOT_LISTED = (ConditionSurvey, EnergyRating, PlannedCost, Valuation)
"""What belongs to a building, but stands in no list."""
COST_YEAR_LOCK = 0x4C495354
"""Lock key: shared by whoever writes rows of one cost year, alone for whoever turns to another year."""
MANY = 5_000
AT_ONCE = 1_000
RECORD = func.unnest(IDS).table_valued("id").render_derived(name="record")


@dataclass(frozen=True)
class Differences:
    """How the rows differ from those that follow from the records."""

    wrong: list[int]
    """Buildings whose row is missing, says something else or should not be there; at most a hundred."""
    cost_years: dict[int, tuple[int, int]]
    """Years of which the number of buildings with costs is wrong: stored, and as it should be."""

    def __bool__(self) -> bool:
        return bool(self.wrong or self.cost_years)


def newest_cost_year() -> Any:
    """Start of the newest financial year that is about complete: with at least half the buildings of the best year."""
    buildings = func.sum(CostYearStep.building_delta)
    told = select(CostYearStep.year_start, buildings.label("count")).group_by(CostYearStep.year_start)
    counts = told.having(buildings > 0).cte("cost_year")
    most = select(func.max(counts.c.count)).scalar_subquery()
    return select(func.max(counts.c.year_start)).where(counts.c.count * 2 >= most).scalar_subquery()


def refresh(session: Session, record_ids: Collection[int] | None = None) -> None:
    """Work out anew the rows of the buildings that these records belong or belonged to, or of all."""
    session.flush()
    _refresh(session, record_ids)


def _refresh(session: Session, record_ids: Collection[int] | None) -> None:
    with unseen(session):
        _refresh_unseen(session, record_ids)


def _refresh_unseen(session: Session, record_ids: Collection[int] | None) -> None:
    session.execute(LOCK)
    new, touched = _new_alone(session, record_ids)
    ids = None if touched is None else buildings_of(session, touched)
    if not new and ids is not None and not ids:
        return
    before = _lock_rows(session, ids)
    year = session.scalar(NEWEST_COST_YEAR)
    after = Counter(years_told(session, ids))
    after.update(_years_told_alone(session, new))
    if _store_steps(session, before, after):
        new_year = session.scalar(NEWEST_COST_YEAR)
        if new_year != year:
            # Every row shows the costs of one year, so all of them turn together. Where no year was told of before,
            # the other rows have no costs to show.
            session.execute(LOCK_ALONE)
            ids, year = ids if year is None else None, new_year
    if new:
        with _in_bulk(session), _hash_joins(session):
            session.execute(_adding_alone(), {"ids": new, "year": year})
    _store(session, ids, year)


def _new_alone(session: Session, record_ids: Collection[int] | None) -> tuple[list[int], Collection[int] | None]:
    """Of many records those of new buildings that stand alone, which are quickly worked out, and the others."""
    if record_ids is None or len(record_ids) < MANY:
        return [], record_ids
    others = set(session.scalars(_others(), {"ids": list(record_ids)}))
    return [number for number in record_ids if number not in others], others


def buildings_of(session: Session, record_ids: Collection[int]) -> list[int]:
    """The buildings of these records, what stands on them and what they stand on, for figures are counted there.

    And the records' own numbers: a building may have stood there before.
    """
    records = sorted(set(record_ids))
    return sorted({*records, *session.scalars(BUILDINGS_OF, {"ids": records})})


def _lock_rows(session: Session, ids: list[int] | None) -> dict[int, int]:
    """Wait for others who write these rows, and count by year what they say of costs.

    The rows are worked out by a later statement, which sees what the others stored.
    """
    if ids is None:
        return dict(session.execute(YEARS_COUNTED).all())
    return Counter(year for years in session.scalars(LOCK_ROWS, {"ids": ids}) for year in years)


def years_told(session: Session, ids: Collection[int] | None) -> dict[int, int]:
    """How many of these buildings, or of all, have a cost in each financial year, by their records."""
    return dict(session.execute(_years_told(of_all=ids is None), {"ids": ids} if ids is not None else {}).all())


def _years_told_alone(session: Session, ids: list[int]) -> dict[int, int]:
    """The same of buildings that stand alone, which is quicker."""
    return dict(session.execute(YEARS_TOLD_ALONE, {"ids": ids}).all()) if ids else {}


def _store_steps(session: Session, before: dict[int, int], after: dict[int, int]) -> bool:
    deltas = {year: after.get(year, 0) - before.get(year, 0) for year in {*before, *after}}
    rows = [{"year_start": year, "building_delta": delta} for year, delta in sorted(deltas.items()) if delta]
    if rows:
        session.execute(insert(CostYearStep), rows)
    return bool(rows)


def _store(session: Session, ids: list[int] | None, year: int | None) -> None:
    if ids == []:
        return
    chosen = {} if ids is None else {"ids": ids}
    with _in_bulk(session) if ids is None or len(ids) >= MANY else nullcontext():
        rest = ids if ids is not None and len(ids) < MANY else _store_alone(session, ids, year)
        for start in range(0, len(rest), AT_ONCE):
            session.execute(_adding(of_all=False), {"ids": rest[start : start + AT_ONCE], "year": year})
        session.execute(_removing(of_all=ids is None), chosen)


def _store_alone(session: Session, ids: list[int] | None, year: int | None) -> list[int]:
    """Store the rows of those that stand alone, all at once, and give the others: each takes many small questions."""
    chosen = {} if ids is None else {"ids": ids}
    with _hash_joins(session):
        session.execute(_adding(of_all=ids is None, alone=True), {**chosen, "year": year})
    return list(session.scalars(_several(of_all=ids is None), chosen))


@contextmanager
def _in_bulk(session: Session) -> Iterator[None]:
    """Put words where a search finds them at once, and sort them into their index later: see `tidy_indexes`."""
    session.execute(text("SELECT set_config('gin_pending_list_limit', '2097151', true)"))
    yield
    session.execute(text("SELECT set_config('gin_pending_list_limit', '4096', true)"))


@contextmanager
def _hash_joins(session: Session) -> Iterator[None]:
    """Rows of this very transaction are in no statistics yet: hash joins are right whatever their number."""
    session.execute(text("SELECT set_config('enable_nestloop', 'off', true)"))
    yield
    session.execute(text("SELECT set_config('enable_nestloop', 'on', true)"))


@cache
def _several(*, of_all: bool) -> TextClause:
    query = select(Building.id).where(is_building(), ~stands_alone()).order_by(Building.id)
    return as_text(query if of_all else query.where(Building.id == any_(IDS)))


@cache
def _others() -> TextClause:
    is_new = ~exists().where(BuildingListed.id == Building.id)
    alone = exists().where(Building.id == RECORD.c.id, stands_alone(), is_new)
    return as_text(select(RECORD.c.id).where(~alone))


@cache
def _adding_alone() -> TextClause:
    return as_text(insert(BuildingListed).from_select(COLUMNS, listed_rows(of_all=False, alone=True)))


@cache
def _adding(*, of_all: bool, alone: bool = False) -> TextClause:
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
def _removing(*, of_all: bool) -> TextClause:
    gone = ~select(Building.id).where(Building.id == BuildingListed.id, is_building()).exists()
    removing = delete(BuildingListed).where(gone)
    return as_text(removing if of_all else removing.where(BuildingListed.id == any_(IDS)))


@cache
def _years_told(*, of_all: bool) -> TextClause:
    return as_text(counts_by_year(of_all=of_all))


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
TIDY = """
SELECT gin_clean_pending_list(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relname IN ('ix_building_listed_search_text', 'ix_building_listed_arrays')
    AND pg_has_role(c.relowner, 'USAGE')
"""


def tidy_indexes(session: Session) -> None:
    """Sort what came in bulk into the indexes. Searches find it before, but more slowly."""
    session.execute(text(TIDY))


@cache
def _wrong() -> TextClause:
    fresh = listed_rows(of_all=True).cte("fresh")
    listed = BuildingListed.__table__.c
    told = [name for name in COLUMNS if name != "id"]
    differs = func.row(*(fresh.c[name] for name in told)).is_distinct_from(func.row(*(listed[name] for name in told)))
    number = func.coalesce(fresh.c.id, listed.id)
    wrong = (
        select(number)
        .select_from(fresh)
        .outerjoin(BuildingListed, listed.id == fresh.c.id, full=True)
        .where(differs)
        .order_by(number)
        .limit(100)
    )
    return as_text(wrong)


def verify(session: Session) -> Differences:
    """Compare every row with a fresh computation; nothing is written."""
    session.flush()
    stored, right = _lock_rows(session, None), years_told(session, None)
    years = {year: (stored.get(year, 0), right.get(year, 0)) for year in {*stored, *right}}
    return Differences(
        list(session.scalars(_wrong(), {"year": session.scalar(NEWEST_COST_YEAR)})),
        {year: pair for year, pair in sorted(years.items()) if pair[0] != pair[1]},
    )


PLACE_PAST = """
UPDATE history.building_listed l SET area_ids = array_remove(found.ids, NULL) FROM (
    SELECT h.id, h.superseded_at, array_agg(h.area_id ORDER BY h.area_id) AS ids FROM (
        SELECT DISTINCT ON (h.id, h.superseded_at, a.level_code) h.id, h.superseded_at, a.id AS area_id
        FROM history.building_listed h LEFT JOIN area a ON a.valid_until IS NULL AND ST_Covers(a.geometry, h.location)
        ORDER BY h.id, h.superseded_at, a.level_code, a.id) h
    GROUP BY h.id, h.superseded_at) found
WHERE found.id = l.id AND found.superseded_at = l.superseded_at
    AND l.area_ids IS DISTINCT FROM array_remove(found.ids, NULL)
"""


def place_past(session: Session) -> None:
    """Put the buildings of past days into the areas in force today, so that figures of two days compare."""
    session.execute(text(PLACE_PAST))


@event.listens_for(Session, "after_flush")
def follow_flush(session: Session, _: Any) -> None:
    """Work out anew what the flushed objects touched."""
    touched = set()
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Building):
            touched.add(row.id)
        elif isinstance(row, Versioned | BuildingArea) and not isinstance(row, NOT_LISTED):
            touched.add(row.building_id)  # type: ignore[union-attr]
    if touched:
        _refresh(session, touched)
