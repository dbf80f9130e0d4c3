"""What one change set did to the register, read from the history of its tables, and how to take it back.

A change set is an import or its undoing; `as_at.begin_change_set` gives it its name. Everything here is set-based: one
statement a table, whatever the number of rows. Each versioned table takes part by being one, without a line here.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Boolean, Table, text
from sqlalchemy.orm import Session

from estate.db import Base
from estate.errors import Conflict
from estate.register.models import Versioned

UNTOLD = frozenset(
    {"id", "building_id", "recorded_at", "change_set", "version", "changed_at", "created_at", "retired_at"}
)
"""Columns that every change moves, or that say nothing a person asks for."""
UNTOLD_OF_PARTS = frozenset({"agency_id", "source"})
UNTOLD_OF_BUILDINGS = frozenset({"fix_source", "fix_accuracy_m", "canonical_id", "kind", "parent_id", "site_id"})
NOT_RESTORED = frozenset({"id", "recorded_at", "change_set", "version", "changed_at", "created_at"})

SHOWN = {"location": "ST_AsText({}.location, 6)", "footprint": "round(ST_Area({}.footprint::geography))"}
"""Shapes as people read them: a point as text, an outline by its square metres."""
LABELS = {
    "running_cost": {
        "amount": "{0}.category_code || ' ' || {0}.year_start",
        "is_estimate": "{0}.category_code || ' ' || {0}.year_start || ' is_estimate'",
    },
    "planned_cost": {"amount": "{0}.kind || ' ' || {0}.category_code || ' ' || {0}.year_start"},
    "occupancy_observation": {
        name: f"'{name} ' || {{0}}.observed_on"
        for name in ("period_start_on", "capacity", "peak", "average", "hours_available", "hours_used", "vacant_m2")
    },
    "condition_survey": {
        "grade": "'condition ' || {0}.surveyed_on",
        "backlog_cost": "'backlog_cost ' || {0}.surveyed_on",
    },
    "energy_rating": {"band": "{0}.kind || ' band ' || {0}.rated_on", "expires_on": "{0}.kind || ' expires_on'"},
    "valuation": {"amount": "'valuation ' || {0}.valued_on"},
}
"""How history names a column, where its own name would not tell which row it was. Columns left out are keys."""
PAIRS_A_CALL = 40
"""PostgreSQL takes a hundred arguments a call."""
PARTS = {"occupation": "team", "interest": "tenure"}
"""What tells two rows of one building apart, where both changed."""

MATCH_CHANGE_SETS = "match:"
"""How the change sets of automatic matches begin: they write only what is derived."""

Changes = dict[str, list[Any]]


def versioned_tables() -> list[Table]:
    """The tables that keep history, each after those it refers to."""
    names = {kind.__tablename__ for kind in Versioned.__subclasses__()}  # type: ignore[attr-defined]
    return [table for table in Base.metadata.sorted_tables if table.name in names]


def differences(session: Session, change_set: str, building_ids: Collection[int]) -> dict[int, Changes]:
    """What `change_set` changed in these buildings and what belongs to them: `[before, after]` by field.

    To be asked in the change set's own transaction. Buildings that it left as they were are absent.
    """
    found: dict[int, Changes] = {}
    chosen = {"change_set": change_set, "ids": list(building_ids)}
    for table in versioned_tables():
        for statement in _statements(table):
            for building_id, part, fields in session.execute(text(statement), chosen):
                changes = found.setdefault(building_id, {})
                for label, pair in fields.items():
                    changes[f"{label}: {part}" if label in changes and part else label] = pair
    return {building_id: changes for building_id, changes in found.items() if changes}


def _statements(table: Table) -> list[str]:
    """Changed rows, and of what belongs to a building also added and removed ones."""
    is_building = table.name == "building"
    owner = "id" if is_building else "building_id"
    part = PARTS.get(table.name)

    def select(alias: str, fields: str, rest: str) -> str:
        name = f"{alias}.{part}::text" if part else "NULL::text"
        return f"SELECT {alias}.{owner}, {name}, {fields} FROM {rest} ORDER BY {alias}.id"  # noqa: S608

    changed = select(
        "t",
        _pairs(table, "h", "t"),
        f"history.{table.name} h JOIN {table.name} t ON t.id = h.id "
        f"WHERE h.superseded_by = :change_set AND t.{owner} = ANY(:ids)",
    )
    if is_building:
        return [changed]
    added = select(
        "t",
        _pairs(table, None, "t"),
        f"{table.name} t WHERE t.change_set = :change_set AND t.building_id = ANY(:ids) AND NOT EXISTS "  # noqa: S608
        f"(SELECT 1 FROM history.{table.name} h WHERE h.id = t.id AND h.superseded_by = :change_set)",
    )
    removed = select(
        "h",
        _pairs(table, "h", None),
        f"history.{table.name} h WHERE h.superseded_by = :change_set AND h.building_id = ANY(:ids) "  # noqa: S608
        f"AND NOT EXISTS (SELECT 1 FROM {table.name} t WHERE t.id = h.id)",
    )
    return [changed, added, removed]


def _pairs(table: Table, before: str | None, after: str | None) -> str:
    """SQL for one JSON object a row: each told column that differs, with its two values."""
    pairs = []
    for name, label in _told(table).items():
        one, other = (_shown(name, alias) for alias in (before, after))
        differs = f"{one} IS DISTINCT FROM {other}"
        if isinstance(table.columns[name].type, Boolean):
            differs = f"COALESCE({one}, false) <> COALESCE({other}, false)"
        pairs.append(f"{label.format(after or before)}, CASE WHEN {differs} THEN jsonb_build_array({one}, {other}) END")
    chunks = [pairs[start : start + PAIRS_A_CALL] for start in range(0, len(pairs), PAIRS_A_CALL)]
    objects = " || ".join(f"jsonb_build_object({', '.join(chunk)})" for chunk in chunks)
    return f"jsonb_strip_nulls({objects})"


def _shown(column: str, alias: str | None) -> str:
    if alias is None:
        return "NULL"
    return SHOWN.get(column, f"{{}}.{column}").format(alias)


def _told(table: Table) -> dict[str, str]:
    """The columns that history tells of, each with its label as SQL; `{0}` stands for the row."""
    if table.name in LABELS:
        return LABELS[table.name]
    left_out = UNTOLD | (UNTOLD_OF_BUILDINGS if table.name == "building" else UNTOLD_OF_PARTS)
    return {name: f"'{name}'" for name in (column.name for column in table.columns) if name not in left_out}


class Overtaken(Conflict):
    """Somebody changed one of these records a moment ago, so nothing was taken back. Look again at what changed."""


def take_back(session: Session, change_set: str, added_buildings: Collection[int]) -> None:
    """Give every row that `change_set` changed its values of before, and take out what it added.

    Added buildings are retired with what belongs to them; anything else that was added leaves for the history. To be
    called when nothing later depends on the change set, within the change set of the undoing. A row that the undoing of
    a later import brought back to this change set's values counts as this change set's; so does one that a match linked
    since, for what a match writes is derived: the caller derives it anew.
    """
    chosen = {"change_set": change_set, "added": list(added_buildings)}
    for table in versioned_tables():
        expected = session.scalar(text(f"SELECT count(*) FROM history.{table.name} WHERE superseded_by = :change_set"), chosen)  # noqa: E501, S608  # fmt: skip
        if session.execute(text(_restore(table)), chosen).rowcount != expected:  # type: ignore[attr-defined]
            raise Overtaken
    for table in reversed(versioned_tables()):
        if table.name != "building":
            session.execute(text(_remove(table)), chosen)
    session.execute(text(RETIRE), chosen)
    session.expire_all()


RETIRE = """
UPDATE building SET status = 'retired', retired_at = now(), changed_at = now(), version = version + 1
WHERE id = ANY(:added) AND status <> 'retired'
"""


def _restore(table: Table) -> str:
    columns = [column.name for column in table.columns]
    settings = [f"{name} = h.{name}" for name in columns if name not in NOT_RESTORED]
    settings += ["version = t.version + 1"] if "version" in columns else []
    settings += ["changed_at = now()"] if "changed_at" in columns else []
    return f"""
        UPDATE {table.name} t SET {", ".join(settings)} FROM history.{table.name} h
        WHERE h.superseded_by = :change_set AND t.id = h.id
            AND (t.change_set = :change_set OR t.change_set LIKE 'undo:%' OR t.change_set LIKE '{MATCH_CHANGE_SETS}%')
    """  # noqa: S608


def added_rows(table: str) -> str:
    """A condition on `t`, a row of `table`: `:change_set` added it, and only undone imports changed it since."""
    return f"""
        (t.change_set = :change_set OR (t.change_set LIKE 'undo:%' AND EXISTS (
            SELECT 1 FROM history.{table} h WHERE h.id = t.id AND h.change_set = :change_set)))
        AND NOT EXISTS (SELECT 1 FROM history.{table} h WHERE h.id = t.id AND h.superseded_by = :change_set)
    """  # noqa: S608


def _remove(table: Table) -> str:
    owner = "AND t.building_id <> ALL(:added)" if "building_id" in table.columns else ""
    return f"DELETE FROM {table.name} t WHERE {added_rows(table.name)} {owner}"  # noqa: S608
