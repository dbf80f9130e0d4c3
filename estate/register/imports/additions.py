"""New buildings and what belongs to them, by COPY straight into the register's tables.

The rows are made while the database takes the ones before: with a hundred thousand of them, that halves the time.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import shapely
from psycopg.copy import QueuedLibpqWriter
from sqlalchemy.orm import Session

from estate.register.first_load import indexes_built_after
from estate.register.imports.fields import ALL_TEAMS, BUILDING, INTEREST, OCCUPATION
from estate.register.imports.plan import Plan
from estate.register.imports.readers import SHAPE_COLUMNS

TOLD_EVERY = 5_000
RECORD_COLUMNS = ("import_id", "agency_id", "layout", "key", "line", "content_hash", "raw", "building_id")
Rows = Iterator[tuple[Any, ...]]
Maker = Callable[[Plan, str], Rows]


def copy_rows(session: Session, table: str, columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY `rows` into `table`. A thread sends them, so that the next are made while the database takes the last."""
    connection: Any = session.connection().connection.driver_connection
    command = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(command, writer=QueuedLibpqWriter(cursor)) as copy:
        for row in rows:
            copy.write_row(row)


def add_rows(session: Session, plan: Plan, source: str, tell: Callable[[int], None] = lambda done: None) -> None:
    """Store all new rows of the plan; `tell` is told now and then how many buildings are stored."""
    if not plan.new:
        return
    for table, columns, maker in TABLES:
        rows = maker(plan, source)
        first = next(rows, None)
        if first is not None:
            rows = chain([first], rows)
            with indexes_built_after(session, table, len(plan.new)):
                copy_rows(session, table, columns, _counted(rows, tell) if table == "building" else rows)
        tell(len(plan.new))


def _counted(rows: Rows, tell: Callable[[int], None]) -> Rows:
    for done, row in enumerate(rows, start=1):
        if done % TOLD_EVERY == 0:
            tell(done)
        yield row


def make_records(plan: Plan, import_id: int) -> Rows:
    """The rows of `source_record`, with `RECORD_COLUMNS`: the new and changed rows of the plan as they came."""
    report = plan.report
    shown = [place for place, name in enumerate(report.columns) if name and name not in SHAPE_COLUMNS]
    pairs = [(report.columns[place], place) for place in shown]

    encode = json.JSONEncoder(ensure_ascii=False).encode
    for row in sorted([*plan.new, *plan.changed]):
        cells = report.rows[row]
        raw = encode({name: cells[place] for name, place in pairs if cells[place]})
        head = (import_id, plan.agency_ids[row], report.layout, report.keys[row], report.lines[row])
        yield *head, plan.hash_of(row), raw, plan.building_ids[row]


def points(plan: Plan) -> list[str | None]:
    """Each row's position as hex EWKB, None where it has none."""
    fixes = plan.report.fixes
    made = shapely.set_srid(shapely.points(fixes.longitude, fixes.latitude), 4326)
    hexes = shapely.to_wkb(made, hex=True, include_srid=True)
    return [point if is_fixed else None for point, is_fixed in zip(hexes, fixes.is_fixed.tolist(), strict=True)]


def outlines(plan: Plan) -> list[str | None]:
    """Each row's outline as hex EWKB, None where it has none."""
    cells = plan.report.values.get("footprint") or [None] * plan.report.rows_in
    return [
        shapely.to_wkb(shapely.set_srid(shapely.from_wkb(cell), 4326), hex=True, include_srid=True) if cell else None
        for cell in cells
    ]


def _columns(plan: Plan, names: Iterable[str]) -> list[list[Any]]:
    nothing = [None] * plan.report.rows_in
    return [plan.report.values.get(name) or nothing for name in names]


def _buildings(plan: Plan, _: str) -> Rows:
    fixes = plan.report.fixes
    locations, footprints = points(plan), outlines(plan)
    accuracy = np.nan_to_num(fixes.accuracy_m).round().astype(int).tolist()
    defaults = {"status": "active", "is_listed": False, "sensitivity": "partner"}
    columns = [
        [defaults[name] if value is None else value for value in column] if name in defaults else column
        for name, column in zip(BUILDING, _columns(plan, BUILDING), strict=True)
    ]
    for row in plan.new:
        fixed = locations[row] is not None
        yield (
            plan.building_ids[row], plan.agency_ids[row], 1, False, *[column[row] for column in columns],
            locations[row], footprints[row], fixes.source[row] if fixed else None, accuracy[row] if fixed else None,
            plan.parent_ids.get(row),
        )  # fmt: skip


def _interests(plan: Plan, _: str) -> Rows:
    columns = _columns(plan, INTEREST)
    for row in plan.new:
        if columns[0][row] is not None:
            yield plan.building_ids[row], plan.agency_ids[row], 1, *[column[row] for column in columns]


def _occupations(plan: Plan, _: str) -> Rows:
    teams, counters, *columns = _columns(plan, ("team", "is_public_counter", *OCCUPATION[:-1]))
    for row in plan.new:
        values = [column[row] for column in columns]
        if teams[row] is not None or any(value is not None for value in values):
            head = (plan.building_ids[row], plan.agency_ids[row], 1, teams[row] or ALL_TEAMS)
            yield *head, *values, bool(counters[row])


def _costs(plan: Plan, source: str) -> Rows:
    rough = plan.report.rough_costs
    for category, years, amounts in plan.report.cost_columns:
        for row in plan.new:
            if amounts[row] is not None:
                head = (plan.building_ids[row], plan.agency_ids[row], category, years[row])
                is_rough = bool(rough) and (row, category, years[row]) in rough
                yield *head, amounts[row], is_rough, source, 1


def _budgets(plan: Plan, source: str) -> Rows:
    years = plan.report.years
    for category, amounts in plan.report.budgets.items():
        for row in plan.new:
            if amounts[row] is not None:
                head = (plan.building_ids[row], plan.agency_ids[row], category, years[row])
                yield *head, "budget", amounts[row], source, 1


def _observations(plan: Plan, source: str) -> Rows:
    days, methods, capacities, *rest = _columns(
        plan, ("observed_on", "method", "capacity", "peak", "average", "vacant_m2")
    )
    starts, available, used = _columns(plan, ("period_start_on", "hours_available", "hours_used"))
    for row in plan.new:
        values = [capacities[row] or None, *[column[row] for column in rest]]
        if days[row] is not None and any(value is not None for value in values):
            head = (plan.building_ids[row], days[row], methods[row] or "survey")
            yield *head, *values, starts[row], available[row] or None, used[row], source


def _ratings(plan: Plan, source: str) -> Rows:
    kinds, bands, days = _columns(plan, ("energy_kind", "energy_band", "energy_rated_on"))
    for row in plan.new:
        if bands[row] is not None and days[row] is not None:
            yield plan.building_ids[row], kinds[row] or "dec", bands[row], days[row], source


def _surveys(plan: Plan, source: str) -> Rows:
    days, grades, backlogs = _columns(plan, ("surveyed_on", "condition_grade", "backlog_cost"))
    for row in plan.new:
        if days[row] is not None and (grades[row] is not None or backlogs[row] is not None):
            yield plan.building_ids[row], days[row], grades[row], backlogs[row], source


def _valuations(plan: Plan, source: str) -> Rows:
    days, amounts, bases = _columns(plan, ("valued_on", "valuation", "valuation_basis"))
    for row in plan.new:
        if days[row] is not None and amounts[row] is not None:
            yield plan.building_ids[row], days[row], amounts[row], bases[row] or "not stated", source


TABLES: tuple[tuple[str, tuple[str, ...], Maker], ...] = (
    (
        "building",
        (
            "id",
            "agency_id",
            "version",
            "is_protected",
            *BUILDING,
            "location",
            "footprint",
            "fix_source",
            "fix_accuracy_m",
            "parent_id",
        ),
        _buildings,
    ),
    ("interest", ("building_id", "agency_id", "version", *INTEREST), _interests),
    ("occupation", ("building_id", "agency_id", "version", "team", *OCCUPATION), _occupations),
    (
        "running_cost",
        ("building_id", "agency_id", "category_code", "year_start", "amount", "is_estimate", "source", "version"),
        _costs,
    ),
    (
        "planned_cost",
        ("building_id", "agency_id", "category_code", "year_start", "kind", "amount", "source", "version"),
        _budgets,
    ),
    (
        "occupancy_observation",
        (
            "building_id",
            "observed_on",
            "method",
            "capacity",
            "peak",
            "average",
            "vacant_m2",
            "period_start_on",
            "hours_available",
            "hours_used",
            "source",
        ),
        _observations,
    ),
    ("energy_rating", ("building_id", "kind", "band", "rated_on", "source"), _ratings),
    ("condition_survey", ("building_id", "surveyed_on", "grade", "backlog_cost", "source"), _surveys),
    ("valuation", ("building_id", "valued_on", "amount", "basis", "source"), _valuations),
)
