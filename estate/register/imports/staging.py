"""The changed rows of a plan in temporary tables: from there on, changes are set-based SQL."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.register.imports.additions import copy_rows, outlines, points
from estate.register.imports.plan import Plan

KINDS = {
    "status": "buildingstatus",
    "gross_internal_area_m2": "numeric(12, 2)",
    "net_internal_area_m2": "numeric(12, 2)",
    "built_year": "smallint",
    "is_listed": "boolean",
    "sensitivity": "sensitivity",
    "bedrooms": "smallint",
    "footprint": "geometry(MultiPolygon, 4326)",
    "tenure": "tenure",
    "lease_start_on": "date",
    "lease_end_on": "date",
    "break_on": "date",
    "break_earliest_on": "date",
    "break_last_on": "date",
    "break_notice_months": "smallint",
    "break_penalty": "numeric(14, 2)",
    "notice_given_on": "date",
    "review_on": "date",
    "review_every_months": "smallint",
    "repair_liability": "repairliability",
    "rent_per_year": "numeric(14, 2)",
    "area_m2": "numeric(12, 2)",
    "workstations": "integer",
    "fte": "numeric(10, 2)",
    "is_public_counter": "boolean",
    "observed_on": "date",
    "method": "occupancymethod",
    "capacity": "integer",
    "peak": "numeric(10, 2)",
    "average": "numeric(10, 2)",
    "vacant_m2": "numeric(12, 2)",
    "period_start_on": "date",
    "hours_available": "numeric(10, 2)",
    "hours_used": "numeric(10, 2)",
    "energy_kind": "energykind",
    "energy_rated_on": "date",
    "backlog_cost": "numeric(14, 2)",
    "surveyed_on": "date",
    "valuation": "numeric(14, 2)",
    "valued_on": "date",
}
"""Types of the staged columns that are not text."""
HEAD = {"row": "integer", "building_id": "bigint", "agency_id": "bigint"}
TAIL = {"location": "geometry(Point, 4326)", "fix_source": "fixsource", "fix_accuracy_m": "integer"}
COST = {
    "row": "integer",
    "category_code": "text",
    "year_start": "smallint",
    "amount": "numeric(14, 2)",
    "is_rough": "boolean",
}
TABLES = ("import_staging", "import_staging_cost", "import_staging_budget")


def stage(session: Session, plan: Plan, stored: tuple[str, ...]) -> None:
    """Fill `import_staging` `import_staging_cost` and `import_staging_budget` with the changed rows."""
    columns = HEAD | {name: KINDS.get(name, "text") for name in stored} | TAIL
    session.execute(text(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{table}' for table in TABLES)}"))
    for table, kinds in zip(TABLES, (columns, COST, COST), strict=True):
        listed = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
        session.execute(text(f"CREATE TEMPORARY TABLE {table} ({listed}) ON COMMIT DROP"))
    given = [name for name in plan.given if name in stored]
    copy_rows(session, "import_staging", [*HEAD, *given, *TAIL], _rows(plan, given))
    copy_rows(session, "import_staging_cost", COST, _costs(plan, plan.report.cost_columns))
    copy_rows(session, "import_staging_budget", COST, _costs(plan, plan.report.budget_columns))
    for table in TABLES:
        session.execute(text(f"ANALYZE {table}"))


def _rows(plan: Plan, given: list[str]) -> Iterator[tuple[Any, ...]]:
    values, fixes = plan.report.values, plan.report.fixes
    columns = [outlines(plan) if name == "footprint" else values[name] for name in given]
    locations = points(plan)
    accuracy = np.nan_to_num(fixes.accuracy_m).round().astype(int).tolist()
    for row in plan.changed:
        is_fixed = locations[row] is not None
        fix = (locations[row], fixes.source[row], accuracy[row]) if is_fixed else (None, None, None)
        yield row, plan.building_ids[row], plan.agency_ids[row], *[column[row] for column in columns], *fix


def _costs(
    plan: Plan, columns: Iterable[tuple[str, Sequence[int | None], list[float | None]]]
) -> Iterator[tuple[Any, ...]]:
    rough = plan.report.rough_costs
    for category, years, amounts in columns:
        for row in plan.changed:
            if amounts[row] is not None:
                yield row, category, years[row], amounts[row], (row, category, years[row]) in rough
