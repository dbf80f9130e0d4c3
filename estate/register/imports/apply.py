"""A report to the register, in one transaction: each row inserted, updated, unchanged or rejected."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from estate import audit
from estate.people.accounts import create_agency, find_agency
from estate.people.models import Agency
from estate.register.areas import assign_areas
from estate.register.imports import upserts
from estate.register.imports.agencies import fold_agency
from estate.register.imports.report import Issue, Report
from estate.register.imports.staging import stage
from estate.register.models import Import, ImportProblem

RETIRED = "The building of this row was retired from the register. If it is back, give the row a new reference."
OUTSIDE = (
    "The building lies outside every area that is loaded: check its position, or load the boundaries of its place."
)


@dataclass(frozen=True)
class Counts:
    """What became of the rows of one file."""

    rows_in: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int

    @property
    def is_balanced(self) -> bool:
        """No row was lost and none counted twice."""
        return self.rows_in == self.inserted + self.updated + self.unchanged + self.rejected

    def sentence(self) -> str:
        """The row equation, for people."""
        return (
            f"{self.rows_in:,} rows in = {self.inserted:,} inserted + {self.updated:,} updated + "
            f"{self.unchanged:,} unchanged + {self.rejected:,} rejected"
        )


def apply(session: Session, report: Report, brought: Import, *, actor: int | None) -> Counts:
    """Store the accepted rows of `report` for the import `brought`; `report.issues` gains what only the register knows.

    All or nothing: any error leaves the transaction to be rolled back by the caller.
    """
    session.flush()
    agency_ids = _agency_ids(session, report, brought.agency_id, actor)
    stage(session, report, agency_ids)
    unchanged, retired = upserts.match_rows(session, report.layout)
    for row in retired:
        report.is_accepted[row] = False
        report.issues.append(Issue(report.lines[row], "", "building_retired", report.keys[row], RETIRED))
    changes = upserts.changes_by_building(session)
    upserts.store_rows(session, import_id=brought.id, layout=report.layout, source=_source(report))
    new, old = _staged(session)
    assign_areas(session, [building_id for building_id, _ in new + old])
    _warn_outside(session, report)
    _keep_events(session, brought, new, changes, actor)
    counts = Counts(report.rows_in, len(new), len(old), unchanged, report.rejected_count)
    if not counts.is_balanced:
        raise AssertionError(f"Rows were lost: {counts.sentence()}")
    session.expire_all()
    return counts


def _source(report: Report) -> str:
    return f"{report.source}; file {report.file_name}"


def _agency_ids(session: Session, report: Report, parent_id: int, actor: int | None) -> list[int | None]:
    """Each row's agency; agencies that the file names and the register lacks are created below the one that sent it."""
    wanted = {
        fold_agency(name)
        for name, agency_id, is_accepted in zip(report.agency_names, report.agency_ids, report.is_accepted, strict=True)
        if is_accepted and agency_id is None
    }
    created: dict[str, int] = {}
    parent = session.get_one(Agency, parent_id)
    for agency in report.new_agencies:
        name = fold_agency(agency.name)
        if name in wanted and name not in created:
            made = find_agency(session, agency.name) or (find_agency(session, agency.code) if agency.code else None)
            made = made or create_agency(
                session, agency.name, agency.kind_code, actor=actor, parent=parent, code=agency.code or None
            )
            created[name] = made.id
    return [
        agency_id if agency_id is not None else created.get(fold_agency(name))
        for agency_id, name in zip(report.agency_ids, report.agency_names, strict=True)
    ]


def _staged(session: Session) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Building and line of the new rows and of the changed ones, in the file's order."""
    rows = session.execute(text("SELECT building_id, line, is_new FROM import_staging ORDER BY row")).tuples().all()
    new = [(building_id, line) for building_id, line, is_new in rows if is_new]
    return new, [(building_id, line) for building_id, line, is_new in rows if not is_new]


def _warn_outside(session: Session, report: Report) -> None:
    """A warning for each stored row whose building has a position, but lies in none of the areas in force."""
    outside = session.execute(
        text(
            "SELECT row, longitude, latitude FROM import_staging s WHERE longitude IS NOT NULL "
            "AND EXISTS (SELECT 1 FROM area WHERE valid_until IS NULL) "
            "AND NOT EXISTS (SELECT 1 FROM building_area a WHERE a.building_id = s.building_id)"
        )
    )
    for row, longitude, latitude in outside.tuples():
        value = f"{longitude:.5f}, {latitude:.5f}"
        report.issues.append(Issue(report.lines[row], "position", "outside_areas", value, OUTSIDE, False))


def _keep_events(
    session: Session,
    brought: Import,
    new: list[tuple[int, int]],
    changes: dict[int, dict[str, Any]],
    actor: int | None,
) -> None:
    """One event for each building that was added or changed, bound together by the import."""
    reason = f"Import of {brought.file_name}"
    shared = {"actor": actor, "subject_type": "building", "reason": reason, "group_id": f"import:{brought.id}"}
    added = ((building_id, {"line": [None, line]}) for building_id, line in new)
    audit.record_many(session, added, action="import_building", **shared)  # type: ignore[arg-type]
    changed = [(building_id, fields) for building_id, fields in changes.items() if fields]
    audit.record_many(session, changed, action="change_building", **shared)  # type: ignore[arg-type]


def store_problems(session: Session, brought: Import, issues: list[Issue]) -> None:
    """Replace the problems that are kept with an import."""
    session.execute(text("DELETE FROM import_problem WHERE import_id = :id"), {"id": brought.id})
    rows = [{"import_id": brought.id, **issue._asdict()} for issue in sorted(issues)]
    if rows:
        session.execute(insert(ImportProblem), rows)
