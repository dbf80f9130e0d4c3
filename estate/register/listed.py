"""The only writer of what lists read: `building_listed`, one row a building, and how many buildings tell a year's costs.

Whoever writes through the session needs to do nothing: after each flush the buildings it touched are worked out anew, in
the same transaction. Whoever writes with SQL of its own calls `refresh` afterwards, as `areas.assign_areas` does for
imports, their undoing and new boundaries.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, event, func, insert, inspect, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from estate.people.models import Agency
from estate.register.listed_rows import COLUMNS, among, listed_rows, records_of
from estate.register.models import (
    Building,
    BuildingArea,
    BuildingListed,
    ConditionSurvey,
    CostYearStep,
    EnergyRating,
    OccupancyObservation,
    Occupation,
    RunningCost,
    Valuation,
    Versioned,
)
from estate.register.shown import canonical_id, is_building

NOT_LISTED = (ConditionSurvey, EnergyRating, OccupancyObservation, Occupation, Valuation)
"""What belongs to a building, but stands in no list."""
COST_YEAR_LOCK = 0x4C495354
"""Lock key: shared by whoever writes rows of one cost year, alone for whoever turns to another year."""
MANY = 5_000


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
    counts = select(CostYearStep.year_start, buildings.label("count")).group_by(CostYearStep.year_start)
    counts = counts.having(buildings > 0).cte("cost_year")
    most = select(func.max(counts.c.count)).scalar_subquery()
    return select(func.max(counts.c.year_start)).where(counts.c.count * 2 >= most).scalar_subquery()


def refresh(session: Session, record_ids: Collection[int] | None = None) -> None:
    """Work out anew the rows of the buildings that these records belong or belonged to, or of all."""
    session.flush()
    _refresh(session, record_ids)


def _refresh(session: Session, record_ids: Collection[int] | None) -> None:
    ids = None if record_ids is None else _buildings_of(session, record_ids)
    if ids is not None and not ids:
        return
    session.execute(select(func.pg_advisory_xact_lock_shared(COST_YEAR_LOCK)))
    before = _lock_rows(session, ids)
    year = session.scalar(select(newest_cost_year()))
    _store_steps(session, before, _counts_by_year(session, ids))
    new_year = session.scalar(select(newest_cost_year()))
    if new_year != year:
        # Every row shows the costs of one year, so all of them turn together.
        session.execute(select(func.pg_advisory_xact_lock(COST_YEAR_LOCK)))
        ids = None
    _store(session, ids, new_year)


def _buildings_of(session: Session, record_ids: Collection[int]) -> list[int]:
    """The buildings of these records, and the records' own numbers: a building may have stood there before."""
    records = sorted(set(record_ids))
    query = select(canonical_id()).where(among(Building.id, records), Building.canonical_id.is_not(None)).distinct()
    return sorted({*records, *session.scalars(query)})


def _lock_rows(session: Session, ids: list[int] | None) -> dict[int, int]:
    """Wait for others who write these rows, and count by year what they say of costs.

    The rows are worked out by a later statement, which sees what the others stored.
    """
    if ids is None:
        total = func.sum(CostYearStep.building_delta)
        return dict(session.execute(select(CostYearStep.year_start, total).group_by(CostYearStep.year_start)).all())
    query = select(BuildingListed.cost_years).where(among(BuildingListed.id, ids))
    locked = session.scalars(query.order_by(BuildingListed.id).with_for_update())
    return Counter(year for years in locked for year in years)


def _counts_by_year(session: Session, ids: Collection[int] | None) -> dict[int, int]:
    records = records_of(ids)
    query = (
        select(RunningCost.year_start, func.count(records.c.building_id.distinct()))
        .join(records, records.c.record_id == RunningCost.building_id)
        .group_by(RunningCost.year_start)
    )
    return dict(session.execute(query).all())


def _store_steps(session: Session, before: dict[int, int], after: dict[int, int]) -> None:
    deltas = {year: after.get(year, 0) - before.get(year, 0) for year in {*before, *after}}
    rows = [{"year_start": year, "building_delta": delta} for year, delta in sorted(deltas.items()) if delta]
    if rows:
        session.execute(insert(CostYearStep), rows)


def _store(session: Session, ids: list[int] | None, year_start: int | None) -> None:
    listed = BuildingListed.__table__
    if ids is None or len(ids) >= MANY:
        # Rows of this very transaction are in no statistics yet: hash joins are right whatever their number.
        session.execute(text("SET LOCAL enable_nestloop = off"))
    adding = postgresql.insert(listed).from_select(COLUMNS, listed_rows(ids, year_start))
    told = [name for name in COLUMNS if name != "id"]
    now, new = (func.row(*(source[name] for name in told)) for source in (listed.c, adding.excluded))
    session.execute(
        adding.on_conflict_do_update(
            index_elements=["id"],
            set_={name: adding.excluded[name] for name in told},
            where=now.is_distinct_from(new),
        )
    )
    gone = ~select(Building.id).where(Building.id == listed.c.id, is_building()).exists()
    session.execute(delete(listed).where(gone if ids is None else and_(among(listed.c.id, ids), gone)))
    if ids is None or len(ids) >= MANY:
        session.execute(text("SET LOCAL enable_nestloop = on"))


def verify(session: Session) -> Differences:
    """Compare every row with a fresh computation; nothing is written."""
    session.flush()
    fresh = listed_rows(None, session.scalar(select(newest_cost_year()))).cte("fresh")
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
    stored, right = _lock_rows(session, None), _counts_by_year(session, None)
    years = {year: (stored.get(year, 0), right.get(year, 0)) for year in {*stored, *right}}
    return Differences(
        list(session.scalars(wrong)), {year: pair for year, pair in sorted(years.items()) if pair[0] != pair[1]}
    )


RENAME = """
UPDATE {}building_listed l SET agency_name = a.name FROM agency a
WHERE l.agency_id = a.id AND a.id = ANY(:ids) AND l.agency_name <> a.name
"""
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


def _rename(session: Session, agency_ids: Collection[int]) -> None:
    for schema in ("", "history."):
        session.execute(text(RENAME.format(schema)), {"ids": list(agency_ids)})


@event.listens_for(Session, "after_flush")
def follow_flush(session: Session, _: Any) -> None:
    """Work out anew what the flushed objects touched."""
    touched, renamed = set(), set()
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Building):
            touched.add(row.id)
        elif isinstance(row, Versioned | BuildingArea) and not isinstance(row, NOT_LISTED):
            touched.add(row.building_id)  # type: ignore[union-attr]
        elif isinstance(row, Agency) and inspect(row).attrs.name.history.deleted:
            renamed.add(row.id)
    if touched:
        _refresh(session, touched)
    if renamed:
        _rename(session, renamed)
