"""From the staged, changed rows to the register's tables, one statement a table.

An empty cell never erases what the register knows: it says that the file does not know. Amounts, observations and
surveys of the same year, date and method are replaced by what the newer file says.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.register.imports.fields import ALL_TEAMS, BUILDING, INTEREST, OCCUPATION, STORED
from estate.register.imports.plan import Plan
from estate.register.imports.staging import stage

TOGETHER = {
    "lease_start_on": ("lease_start_on", "lease_end_on"),
    "lease_end_on": ("lease_start_on", "lease_end_on"),
    "break_earliest_on": ("break_earliest_on", "break_last_on"),
    "break_last_on": ("break_earliest_on", "break_last_on"),
}
"""Dates that are taken from one file or from the other, never one of each."""

# A postcode is a coarser fix than coordinates: it replaces them only when the building's postcode changed.
MOVES = """
s.location IS NOT NULL AND (b.location IS NULL OR (NOT ST_Equals(s.location, b.location)
    AND (s.fix_accuracy_m <= b.fix_accuracy_m OR s.postcode IS DISTINCT FROM b.postcode)))
"""
_DIFFERS = " OR ".join(f"(s.{c} IS NOT NULL AND s.{c} IS DISTINCT FROM b.{c})" for c in BUILDING)
_DIFFERENCES = ", ".join(
    f"'{c}', CASE WHEN s.{c} IS NOT NULL AND s.{c} IS DISTINCT FROM b.{c} THEN jsonb_build_array(b.{c}, s.{c}) END"
    for c in BUILDING
)
BUILDING_CHANGES = f"""
SELECT s.row, jsonb_strip_nulls(jsonb_build_object({_DIFFERENCES}, 'location', CASE WHEN {MOVES} THEN
    jsonb_build_array(ST_AsText(b.location, 6), ST_AsText(s.location, 6)) END))
FROM import_staging s JOIN building b ON b.id = s.building_id ORDER BY s.row
"""  # noqa: S608
CHANGE_BUILDINGS = f"""
UPDATE building b SET {", ".join(f"{c} = COALESCE(s.{c}, b.{c})" for c in BUILDING)},
    location = CASE WHEN {MOVES} THEN s.location ELSE b.location END,
    fix_source = CASE WHEN {MOVES} THEN s.fix_source ELSE b.fix_source END,
    fix_accuracy_m = CASE WHEN {MOVES} THEN s.fix_accuracy_m ELSE b.fix_accuracy_m END,
    footprint = COALESCE(s.footprint, b.footprint),
    version = b.version + 1, changed_at = now()
FROM import_staging s WHERE b.id = s.building_id AND ({_DIFFERS} OR {MOVES} OR (s.footprint IS NOT NULL
    AND s.footprint IS DISTINCT FROM b.footprint))
"""  # noqa: S608


def _kept(column: str) -> str:
    """The staged value, else the one in the table; the dates of a lease, and of a break, are taken together."""
    if column in TOGETHER:
        first, last = TOGETHER[column]
        return f"CASE WHEN s.{first} IS NULL AND s.{last} IS NULL THEN t.{column} ELSE s.{column} END"
    return f"COALESCE(s.{column}, t.{column})"


def _part(table: str, columns: tuple[str, ...], condition: str, same: str) -> tuple[str, str, str]:
    """Statements that list the differences of open rows, change them, and add rows where none is open."""
    own = f"""
        SELECT DISTINCT ON (t.building_id, t.agency_id{same}) t.* FROM {table} t
        WHERE t.ended_on IS NULL AND t.building_id IN (SELECT building_id FROM import_staging)
        ORDER BY t.building_id, t.agency_id{same}, t.id
    """  # noqa: S608
    match = "t.building_id = s.building_id AND t.agency_id = s.agency_id"
    if same:
        match += f" AND t.team = COALESCE(s.team, '{ALL_TEAMS}')"
    differs = " OR ".join(f"{_kept(c)} IS DISTINCT FROM t.{c}" for c in columns)
    pairs = ", ".join(
        f"'{c}', CASE WHEN {_kept(c)} IS DISTINCT FROM t.{c} THEN jsonb_build_array(t.{c}, s.{c}) END" for c in columns
    )
    changes = f"SELECT s.row, jsonb_strip_nulls(jsonb_build_object({pairs})) FROM import_staging s JOIN ({own}) t ON {match} WHERE {condition} AND ({differs})"  # noqa: E501, S608
    change = f"""
        UPDATE {table} SET {", ".join(f"{c} = {_kept(c)}" for c in columns)}, version = t.version + 1
        FROM import_staging s JOIN ({own}) t ON {match}
        WHERE {table}.id = t.id AND {condition} AND ({differs})
    """  # noqa: S608
    team = (["team"], [f"COALESCE(s.team, '{ALL_TEAMS}')"]) if same else ([], [])
    defaults = {"is_public_counter": "COALESCE(s.is_public_counter, false)"}
    add = f"""
        INSERT INTO {table} (building_id, agency_id, version, {", ".join([*team[0], *columns])})
        SELECT s.building_id, s.agency_id, 1, {", ".join([*team[1], *(defaults.get(c, f"s.{c}") for c in columns)])}
        FROM import_staging s WHERE {condition} AND NOT EXISTS (
            SELECT 1 FROM {table} t WHERE t.ended_on IS NULL AND {match}) ORDER BY s.row
    """  # noqa: S608
    return changes, change, add


PARTS = (
    _part("interest", INTEREST, "s.tenure IS NOT NULL", ""),
    _part(
        "occupation",
        OCCUPATION,
        "(s.team IS NOT NULL OR s.service_code IS NOT NULL OR s.area_m2 IS NOT NULL OR s.workstations IS NOT NULL "
        "OR s.fte IS NOT NULL)",
        ", t.team",
    ),
)
COST_CHANGES = """
SELECT s.row, jsonb_object_agg(c.category_code || ' ' || c.year_start, jsonb_build_array(t.amount, c.amount))
FROM import_staging s JOIN import_staging_cost c ON c.row = s.row
LEFT JOIN running_cost t ON t.building_id = s.building_id AND t.agency_id = s.agency_id
    AND t.category_code = c.category_code AND t.year_start = c.year_start
WHERE t.amount IS DISTINCT FROM c.amount GROUP BY s.row
"""
COSTS = """
INSERT INTO running_cost AS t (building_id, agency_id, category_code, year_start, amount, is_estimate, source, version)
SELECT s.building_id, s.agency_id, c.category_code, c.year_start, c.amount, c.is_rough, :source, 1
FROM import_staging s JOIN import_staging_cost c ON c.row = s.row
ON CONFLICT (building_id, agency_id, category_code, year_start) DO UPDATE
SET amount = EXCLUDED.amount, is_estimate = EXCLUDED.is_estimate, source = EXCLUDED.source, version = t.version + 1
WHERE t.amount <> EXCLUDED.amount OR t.is_estimate <> EXCLUDED.is_estimate
"""
BUDGET_CHANGES = """
SELECT s.row,
    jsonb_object_agg('budget ' || c.category_code || ' ' || c.year_start, jsonb_build_array(t.amount, c.amount))
FROM import_staging s JOIN import_staging_budget c ON c.row = s.row
LEFT JOIN planned_cost t ON t.building_id = s.building_id AND t.agency_id = s.agency_id AND t.kind = 'budget'
    AND t.category_code = c.category_code AND t.year_start = c.year_start
WHERE t.amount IS DISTINCT FROM c.amount GROUP BY s.row
"""
BUDGETS = """
INSERT INTO planned_cost AS t (building_id, agency_id, category_code, year_start, kind, amount, source, version)
SELECT s.building_id, s.agency_id, c.category_code, c.year_start, 'budget', c.amount, :source, 1
FROM import_staging s JOIN import_staging_budget c ON c.row = s.row
ON CONFLICT ON CONSTRAINT uq_planned_cost_key DO UPDATE
SET amount = EXCLUDED.amount, source = EXCLUDED.source, version = t.version + 1
WHERE t.amount <> EXCLUDED.amount
"""
COUNTED = """
s.observed_on IS NOT NULL AND (s.capacity > 0 OR s.peak IS NOT NULL OR s.average IS NOT NULL OR s.vacant_m2 IS NOT NULL)
"""
# A file without columns for the period and the hours leaves those of the same count as they are. Hours go together.
_HOURS = {
    "period_start_on": "COALESCE({0}.period_start_on, t.period_start_on)",
    **{
        name: f"CASE WHEN COALESCE({{0}}.hours_available, {{0}}.hours_used) IS NULL THEN t.{name} ELSE {{0}}.{name} END"
        for name in ("hours_available", "hours_used")
    },
}
KEEP_HOURS = ", ".join(f"{name} = {kept.format('EXCLUDED')}" for name, kept in _HOURS.items())
HOURS_DIFFER = " OR ".join(f"t.{name} IS DISTINCT FROM {kept.format('EXCLUDED')}" for name, kept in _HOURS.items())
_TOLD = {
    "observed_on": "s.observed_on",
    "method": "COALESCE(s.method, 'survey')",
    "capacity": "NULLIF(s.capacity, 0)",
    "peak": "s.peak",
    "average": "s.average",
    "vacant_m2": "s.vacant_m2",
    **{name: kept.format("s") for name, kept in _HOURS.items()},
}
_TOLD_PAIRS = ", ".join(
    f"'{c}', CASE WHEN {told} IS DISTINCT FROM t.{c} THEN jsonb_build_array(t.{c}, {told}) END"
    for c, told in _TOLD.items()
)
COUNT_CHANGES = f"""
SELECT s.row, jsonb_strip_nulls(jsonb_build_object({_TOLD_PAIRS}))
FROM import_staging s LEFT JOIN occupancy_observation t ON t.building_id = s.building_id
    AND t.observed_on = s.observed_on AND t.method = COALESCE(s.method, 'survey') AND t.retired_at IS NULL
WHERE {COUNTED}
"""  # noqa: S608
DATED = (
    f"""
    INSERT INTO occupancy_observation AS t
        (building_id, observed_on, method, capacity, peak, average, vacant_m2,
        period_start_on, hours_available, hours_used, source)
    SELECT building_id, observed_on, COALESCE(method, 'survey'), NULLIF(capacity, 0), peak, average, vacant_m2,
        period_start_on, NULLIF(hours_available, 0), hours_used, :source
    FROM import_staging s WHERE {COUNTED}
    ON CONFLICT ON CONSTRAINT uq_occupancy_observation_key DO UPDATE
    SET capacity = EXCLUDED.capacity, peak = EXCLUDED.peak, average = EXCLUDED.average, vacant_m2 = EXCLUDED.vacant_m2,
        {KEEP_HOURS}, source = EXCLUDED.source, version = t.version + 1
    WHERE (t.capacity, t.peak, t.average, t.vacant_m2) IS DISTINCT FROM
        (EXCLUDED.capacity, EXCLUDED.peak, EXCLUDED.average, EXCLUDED.vacant_m2) OR {HOURS_DIFFER}
    """,  # noqa: S608
    """
    INSERT INTO energy_rating AS t (building_id, kind, band, rated_on, source)
    SELECT building_id, COALESCE(energy_kind, 'dec'), energy_band, energy_rated_on, :source
    FROM import_staging WHERE energy_band IS NOT NULL AND energy_rated_on IS NOT NULL
    ON CONFLICT (building_id, kind, rated_on) DO UPDATE SET band = EXCLUDED.band, source = EXCLUDED.source
    WHERE t.band <> EXCLUDED.band
    """,
    """
    INSERT INTO condition_survey AS t (building_id, surveyed_on, grade, backlog_cost, source)
    SELECT building_id, surveyed_on, condition_grade, backlog_cost, :source
    FROM import_staging WHERE surveyed_on IS NOT NULL AND (condition_grade IS NOT NULL OR backlog_cost IS NOT NULL)
    ON CONFLICT (building_id, surveyed_on) DO UPDATE
    SET grade = EXCLUDED.grade, backlog_cost = EXCLUDED.backlog_cost, source = EXCLUDED.source
    WHERE (t.grade, t.backlog_cost) IS DISTINCT FROM (EXCLUDED.grade, EXCLUDED.backlog_cost)
    """,
    """
    INSERT INTO valuation AS t (building_id, valued_on, amount, basis, source)
    SELECT building_id, valued_on, valuation, COALESCE(valuation_basis, 'not stated'), :source
    FROM import_staging WHERE valued_on IS NOT NULL AND valuation IS NOT NULL
    ON CONFLICT (building_id, valued_on, basis) DO UPDATE SET amount = EXCLUDED.amount, source = EXCLUDED.source
    WHERE t.amount <> EXCLUDED.amount
    """,
)


def change_rows(session: Session, plan: Plan, source: str) -> None:
    """Store the changed rows. The history of each table tells what they changed."""
    if not plan.changed:
        return
    stage(session, plan, STORED)
    session.execute(text(CHANGE_BUILDINGS))
    for _, change, add in PARTS:
        session.execute(text(change))
        session.execute(text(add))
    session.execute(text(COSTS), {"source": source})
    session.execute(text(BUDGETS), {"source": source})
    for statement in DATED:
        session.execute(text(statement), {"source": source})


def list_changes(session: Session, plan: Plan) -> dict[int, dict[str, Any]]:
    """What the changed rows would change by row, `[before, after]` by field; stages them and stores nothing."""
    if not plan.changed:
        return {}
    stage(session, plan, STORED)
    changes: dict[int, dict[str, Any]] = {}
    for row, fields in _differences(session):
        if fields:
            changes.setdefault(row, {}).update(fields)
    return changes


def _differences(session: Session) -> Iterator[tuple[int, dict[str, Any]]]:
    for statement in (BUILDING_CHANGES, *(part[0] for part in PARTS), COST_CHANGES, BUDGET_CHANGES, COUNT_CHANGES):
        yield from session.execute(text(statement))
