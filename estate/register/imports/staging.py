"""The accepted rows of a report in temporary tables, by COPY: from there on, everything is set-based SQL."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.register.imports.readers import SHAPE_COLUMNS
from estate.register.imports.report import Report

FACTS = {
    "name": "text",
    "uprn": "text",
    "street": "text",
    "post_town": "text",
    "postcode": "text",
    "use_class_code": "text",
    "status": "buildingstatus",
    "gross_internal_area_m2": "numeric(12, 2)",
    "net_internal_area_m2": "numeric(12, 2)",
    "built_year": "smallint",
    "is_listed": "boolean",
    "note": "text",
    "footprint": "text",
    "tenure": "tenure",
    "tenure_detail": "text",
    "landlord": "text",
    "lease_start_on": "date",
    "lease_end_on": "date",
    "break_on": "date",
    "rent_per_year": "numeric(14, 2)",
    "service_code": "text",
    "team": "text",
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
    "energy_kind": "energykind",
    "energy_band": "text",
    "energy_rated_on": "date",
    "condition_grade": "text",
    "backlog_cost": "numeric(14, 2)",
    "surveyed_on": "date",
    "valuation": "numeric(14, 2)",
    "valued_on": "date",
    "valuation_basis": "text",
}
"""Fields of a row that are stored, with the type of their column."""
POSITION = {"longitude": "float8", "latitude": "float8", "fix_source": "fixsource", "fix_accuracy_m": "integer"}
HEAD = {
    "row": "integer",
    "line": "integer",
    "agency_id": "bigint",
    "key": "text",
    "content_hash": "text",
    "raw": "jsonb",
}
LATER = "building_id bigint, before_hash text, is_new boolean NOT NULL DEFAULT false, location geometry(Point, 4326)"


def stage(session: Session, report: Report, agency_ids: Sequence[int | None]) -> None:
    """Fill `import_staging` and `import_staging_cost` with the accepted rows of `report`."""
    columns = HEAD | FACTS | POSITION
    session.execute(text("DROP TABLE IF EXISTS pg_temp.import_staging, pg_temp.import_staging_cost"))
    listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    session.execute(text(f"CREATE TEMPORARY TABLE import_staging ({listed}, {LATER}) ON COMMIT DROP"))
    session.execute(
        text(
            "CREATE TEMPORARY TABLE import_staging_cost (row integer, category_code text, year_start smallint, "
            "amount numeric(14, 2)) ON COMMIT DROP"
        )
    )
    accepted = [row for row, is_accepted in enumerate(report.is_accepted) if is_accepted]
    given = {name: cells for name in FACTS if (cells := report.values.get(name)) and any(c is not None for c in cells)}
    _copy(session, "import_staging", [*HEAD, *given, *POSITION], _rows(report, agency_ids, accepted, given))
    _copy(session, "import_staging_cost", ["row", "category_code", "year_start", "amount"], _costs(report))
    session.execute(
        text(
            "UPDATE import_staging SET location = ST_SetSRID(ST_MakePoint(longitude, latitude), 4326) "
            "WHERE longitude IS NOT NULL"
        )
    )
    session.execute(text("ANALYZE import_staging"))


def _copy(session: Session, table: str, columns: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> None:
    connection = session.connection().connection.driver_connection
    assert connection is not None  # noqa: S101 - a session that executes has one
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _rows(
    report: Report, agency_ids: Sequence[int | None], accepted: list[int], given: dict[str, list[Any]]
) -> Iterator[tuple[Any, ...]]:
    fixes = report.fixes
    fixed = fixes.is_fixed.tolist()
    longitude, latitude = fixes.longitude.tolist(), fixes.latitude.tolist()
    accuracy = np.nan_to_num(fixes.accuracy_m).round().astype(int).tolist()
    names = list(given)
    shown = [place for place, name in enumerate(report.columns) if name and name not in SHAPE_COLUMNS]
    headings = [report.columns[place] for place in shown]
    nothing = (None, None, None, None)
    for row in accepted:
        values = tuple([given[name][row] for name in names])
        position = (longitude[row], latitude[row], fixes.source[row], accuracy[row]) if fixed[row] else nothing
        cells = report.rows[row]
        raw = {heading: cells[place] for heading, place in zip(headings, shown, strict=True) if cells[place]}
        costs = [(category, amounts[row]) for category, amounts in report.costs.items() if amounts[row] is not None]
        content = repr(
            (
                [pair for pair in zip(names, values, strict=True) if pair[1] is not None],
                position,
                costs,
                report.years[row] if costs else None,
            )
        )
        digest = hashlib.sha256(content.encode()).hexdigest()
        yield (
            row,
            report.lines[row],
            agency_ids[row],
            report.keys[row],
            digest,
            json.dumps(raw, ensure_ascii=False),
            *values,
            *position,
        )


def _costs(report: Report) -> Iterator[tuple[int, str, int | None, float]]:
    for category, amounts in report.costs.items():
        for row, amount in enumerate(amounts):
            if amount is not None and report.is_accepted[row]:
                yield row, category, report.years[row], amount
