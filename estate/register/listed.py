"""The only writer of what lists read: one row a building, and how many buildings tell of a year's costs.

Whoever writes through the session needs to do nothing: after each flush the buildings it touched are worked out anew,
in the same transaction. Whoever writes with SQL of its own calls `refresh` afterwards, as `areas.assign_areas` does
for imports, their undoing and new boundaries.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from estate.register import listed_statements as statements
from estate.register.first_load import indexes_built_after
from estate.register.models import (
    Building,
    BuildingArea,
    ConditionSurvey,
    CostYearStep,
    EnergyRating,
    PlannedCost,
    Valuation,
    Versioned,
)
from estate.register.seen import unseen
from estate.register.sql_arrays import as_array

NOT_LISTED = (ConditionSurvey, EnergyRating, PlannedCost, Valuation)
"""What belongs to a building, but stands in no list."""
MANY = 5_000
AT_ONCE = 1_000


@dataclass(frozen=True)
class Differences:
    """How the rows differ from those that follow from the records."""

    wrong: list[int]
    """Buildings whose row is missing, says something else or should not be there; at most a hundred."""
    cost_years: dict[int, tuple[int, int]]
    """Years of which the number of buildings with costs is wrong: stored, and as it should be."""

    def __bool__(self) -> bool:
        return bool(self.wrong or self.cost_years)


def refresh(session: Session, record_ids: Collection[int] | None = None) -> None:
    """Work out anew the rows of the buildings that these records belong or belonged to, or of all."""
    session.flush()
    _refresh(session, record_ids)


def _refresh(session: Session, record_ids: Collection[int] | None) -> None:
    with unseen(session):
        _refresh_unseen(session, record_ids)


def _refresh_unseen(session: Session, record_ids: Collection[int] | None) -> None:
    session.execute(statements.LOCK)
    new, touched = _new_alone(session, record_ids)
    ids = None if touched is None else buildings_of(session, touched)
    if not new and ids is not None and not ids:
        return
    before = _lock_rows(session, ids)
    year = session.scalar(statements.NEWEST_COST_YEAR)
    after = Counter(years_told(session, ids))
    after.update(_years_told_alone(session, new))
    if _store_steps(session, before, after):
        new_year = session.scalar(statements.NEWEST_COST_YEAR)
        if new_year != year:
            # Every row shows the costs of one year, so all of them turn together. Where no year was told of before,
            # the other rows have no costs to show.
            session.execute(statements.LOCK_ALONE)
            ids, year = ids if year is None else None, new_year
    if new:
        first = indexes_built_after(session, "building_listed", len(new))
        with _in_bulk(session), _hash_joins(session), first:
            session.execute(statements.adding_alone(), {"ids": as_array(new), "year": year})
    _store(session, ids, year)


def _new_alone(session: Session, record_ids: Collection[int] | None) -> tuple[list[int], Collection[int] | None]:
    """Of many records those of new buildings that stand alone, which are quickly worked out, and the others."""
    if record_ids is None or len(record_ids) < MANY:
        return [], record_ids
    others = set(session.scalars(statements.others(), {"ids": as_array(record_ids)}))
    return [number for number in record_ids if number not in others], others


def buildings_of(session: Session, record_ids: Collection[int]) -> list[int]:
    """The buildings of these records, what stands on them and what they stand on, for figures are counted there.

    And the records' own numbers: a building may have stood there before.
    """
    records = sorted(set(record_ids))
    return sorted({*records, *session.scalars(statements.BUILDINGS_OF, {"ids": as_array(records)})})


def _lock_rows(session: Session, ids: list[int] | None) -> dict[int, int]:
    """Wait for others who write these rows, and count by year what they say of costs.

    The rows are worked out by a later statement, which sees what the others stored.
    """
    if ids is None:
        return dict(session.execute(statements.YEARS_COUNTED).all())
    return Counter(year for years in session.scalars(statements.LOCK_ROWS, {"ids": as_array(ids)}) for year in years)


def years_told(session: Session, ids: Collection[int] | None) -> dict[int, int]:
    """How many of these buildings, or of all, have a cost in each financial year, by their records."""
    return dict(
        session.execute(
            statements.counting_years(of_all=ids is None), {"ids": as_array(ids)} if ids is not None else {}
        ).all()
    )


def _years_told_alone(session: Session, ids: list[int]) -> dict[int, int]:
    """The same of buildings that stand alone, which is quicker."""
    return dict(session.execute(statements.YEARS_TOLD_ALONE, {"ids": as_array(ids)}).all()) if ids else {}


def _store_steps(session: Session, before: dict[int, int], after: dict[int, int]) -> bool:
    deltas = {year: after.get(year, 0) - before.get(year, 0) for year in {*before, *after}}
    rows = [{"year_start": year, "building_delta": delta} for year, delta in sorted(deltas.items()) if delta]
    if rows:
        session.execute(insert(CostYearStep), rows)
    return bool(rows)


def _store(session: Session, ids: list[int] | None, year: int | None) -> None:
    if ids == []:
        return
    chosen = {} if ids is None else {"ids": as_array(ids)}
    with _in_bulk(session) if ids is None or len(ids) >= MANY else nullcontext():
        rest = ids if ids is not None and len(ids) < MANY else _store_alone(session, ids, year)
        for start in range(0, len(rest), AT_ONCE):
            session.execute(
                statements.adding(of_all=False), {"ids": as_array(rest[start : start + AT_ONCE]), "year": year}
            )
        session.execute(statements.removing(of_all=ids is None), chosen)


def _store_alone(session: Session, ids: list[int] | None, year: int | None) -> list[int]:
    """Store the rows of those that stand alone, all at once, and give the others: each takes many small questions."""
    chosen = {} if ids is None else {"ids": as_array(ids)}
    with _hash_joins(session):
        session.execute(statements.adding(of_all=ids is None, alone=True), {**chosen, "year": year})
    return list(session.scalars(statements.several(of_all=ids is None), chosen))


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


TIDY = """
SELECT gin_clean_pending_list(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relname IN ('ix_building_listed_search_text', 'ix_building_listed_arrays')
    AND pg_has_role(c.relowner, 'USAGE')
"""


def tidy_indexes(session: Session) -> None:
    """Sort what came in bulk into the indexes. Searches find it before, but more slowly."""
    session.execute(text(TIDY))


def verify(session: Session) -> Differences:
    """Compare every row with a fresh computation; nothing is written."""
    session.flush()
    stored, right = _lock_rows(session, None), years_told(session, None)
    years = {year: (stored.get(year, 0), right.get(year, 0)) for year in {*stored, *right}}
    return Differences(
        list(session.scalars(statements.wrong(), {"year": session.scalar(statements.NEWEST_COST_YEAR)})),
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


def follow_flush(session: Session) -> None:
    """Work out anew what the flushed objects touched."""
    touched = set()
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Building):
            touched.add(row.id)
        elif isinstance(row, Versioned | BuildingArea) and not isinstance(row, NOT_LISTED):
            touched.add(row.building_id)  # type: ignore[union-attr]
    if touched:
        _refresh(session, touched)
