"""Which rows are new, changed or as they were, by the record that each key left when it came last.

Records of an import that was undone count as if they had never come.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.register.imports.fields import STORED
from estate.register.imports.named import find_named
from estate.register.imports.report import Report

BEFORE = """
SELECT DISTINCT ON (r.agency_id, r.key) r.agency_id, r.key, r.building_id, r.content_hash, b.status = 'retired'
FROM source_record r JOIN building b ON b.id = r.building_id JOIN import i ON i.id = r.import_id
WHERE r.layout = :layout AND r.agency_id = ANY(:agency_ids) AND i.undone_at IS NULL
ORDER BY r.agency_id, r.key, r.id DESC
"""
NUMBERS = """
WITH sequence AS MATERIALIZED (SELECT CAST(pg_get_serial_sequence('building', 'id') AS regclass) AS of_buildings)
SELECT nextval(of_buildings) FROM sequence, generate_series(1, :count)
"""


@dataclass
class Plan:
    """What is to become of the accepted rows, by their position in the report."""

    report: Report
    agency_ids: Sequence[int | None]
    hash_of: "RowHash"
    new: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    retired: list[int] = field(default_factory=list)
    unchanged_count: int = 0
    building_ids: dict[int, int] = field(default_factory=dict)
    """Building of each new and changed row."""
    names: dict[int, str] = field(default_factory=dict)
    """Name of the building of each row that only names it."""

    @property
    def given(self) -> list[str]:
        """Stored fields that at least one row fills."""
        return given_fields(self.report)


def given_fields(report: Report) -> list[str]:
    """Stored fields that at least one row fills."""
    return [name for name in STORED if any(value is not None for value in report.values.get(name, ()))]


def compare(session: Session, report: Report, agency_ids: Sequence[int | None]) -> Plan:
    """Compare the accepted rows with what came before; nothing is written, and new rows have no building yet."""
    plan = Plan(report, agency_ids, RowHash(report))
    known = sorted({number for number in agency_ids if number is not None})
    found_rows = session.execute(text(BEFORE), {"layout": report.layout, "agency_ids": known})
    before = {(row[0], row[1]): row[2:] for row in found_rows}
    if report.named:
        _compare_named(session, plan, before)
        return plan
    for row, is_accepted in enumerate(report.is_accepted):
        if not is_accepted:
            continue
        found = before.get((agency_ids[row], report.keys[row]))
        if found is None:
            plan.new.append(row)
        elif found[1] == plan.hash_of(row):
            plan.unchanged_count += 1
        elif found[2]:
            plan.retired.append(row)
        else:
            plan.changed.append(row)
            plan.building_ids[row] = found[0]
    return plan


def _compare_named(session: Session, plan: Plan, before: Mapping[tuple[int | None, str], Sequence[Any]]) -> None:
    """Rows that tell of buildings which are there: a row is as it was, or changes its building."""
    report = plan.report
    for row, (building_id, name) in find_named(session, report, plan.agency_ids).items():
        found = before.get((plan.agency_ids[row], report.keys[row]))
        if found is not None and (found[0], found[1]) == (building_id, plan.hash_of(row)):
            plan.unchanged_count += 1
        else:
            plan.changed.append(row)
            plan.building_ids[row], plan.names[row] = building_id, name


def make_plan(session: Session, report: Report, agency_ids: Sequence[int | None]) -> Plan:
    """The comparison, with a number for each new building."""
    plan = compare(session, report, agency_ids)
    numbers = session.scalars(text(NUMBERS), {"count": len(plan.new)})
    plan.building_ids.update(zip(plan.new, numbers, strict=True))
    return plan


class RowHash:
    """SHA-256 of what a row says: its fields, its position, its costs and their year.

    It is made when asked for: of new rows while the database is busy with the ones before.
    """

    def __init__(self, report: Report) -> None:
        names = given_fields(report)
        self._columns = [(f"\x1e{name}\x1f", report.values[name]) for name in names]
        self._costs = [(f"\x1e{category}\x1f", amounts) for category, amounts in report.costs.items()]
        self._costs += [(f"\x1ebudget {category}\x1f", amounts) for category, amounts in report.budgets.items()]
        dated = report.dated_costs.items()
        self._dated = [(f"\x1e{category} {year}\x1f", amounts) for (category, year), amounts in dated]
        self._rough: dict[int, str] = {}
        for row, category, year in sorted(report.rough_costs, key=str):
            self._rough[row] = f"{self._rough.get(row, '')}\x1erough {category} {year}"
        fixes = report.fixes
        self._places = np.column_stack([fixes.longitude.round(7), fixes.latitude.round(7)]).tolist()
        self._sources, self._years = fixes.source, report.years

    def __call__(self, row: int) -> str:
        """The hash of one row."""
        costs = [f"{label}{amounts[row]}" for label, amounts in self._costs if amounts[row] is not None]
        parts = [f"{label}{column[row]}" for label, column in self._columns if column[row] is not None]
        parts.append(f"\x1d{self._places[row]}{self._sources[row]}\x1d{self._years[row] if costs else ''}")
        parts += [f"{label}{amounts[row]}" for label, amounts in self._dated if amounts[row] is not None]
        if row in self._rough:
            parts.append(self._rough[row])
        return hashlib.sha256("".join([*parts, *costs]).encode()).hexdigest()
