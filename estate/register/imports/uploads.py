"""The life of one uploaded file: kept as it came, checked, then applied or discarded."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.errors import Conflict, InvalidInput, NotFound
from estate.people.models import Agency
from estate.register.imports.agencies import fold_agency
from estate.register.imports.apply import Counts, apply, foresee_outside, store_problems
from estate.register.imports.check import Known, Options, check
from estate.register.imports.layouts import layouts
from estate.register.imports.plan import compare
from estate.register.imports.preview import first_changes, warn_of_returned_rows
from estate.register.imports.read import read_file
from estate.register.imports.recognise import REASON_COLUMN
from estate.register.imports.report import Report
from estate.register.imports.template import write_csv
from estate.register.matches.run import queue_match
from estate.register.models import CostCategory, Import, ImportStatus, Service, UseClass


class ImportNotFound(NotFound):
    """There is no such import, or you may not see it."""


class NotWaiting(Conflict):
    """This import was applied or discarded already. Upload the file again to start another."""


Tell = Callable[[float], None]
"""Is told how far the work is, from 0 to 1."""
LISTED_AGENCIES = 500
OPEN = (ImportStatus.WAITING, ImportStatus.CHECKING, ImportStatus.CHECKED)


def start_import(
    session: Session, content: bytes, file_name: str, *, agency: Agency, actor: int | None, options: Options
) -> Import:
    """Keep an uploaded file, to be checked."""
    name = file_name.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")[:200] or "file"
    digest = hashlib.sha256(content).hexdigest()
    chosen = {key: value for key, value in asdict(options).items() if value}
    brought = Import(
        agency_id=agency.id, actor_id=actor, file_name=name, sha256=digest, content=content, options=chosen
    )
    session.add(brought)
    session.flush()
    return brought


def get_import(session: Session, import_id: int) -> Import:
    """The import; `ImportNotFound` where there is none."""
    brought = session.get(Import, import_id)
    if brought is None:
        raise ImportNotFound
    return brought


def known_to(session: Session, agency: Agency) -> Known:
    """What the register knows that a check of a file of this agency refers to."""
    below = select(Agency.id).where(Agency.id == agency.id).cte("below", recursive=True)
    below = below.union_all(select(Agency.id).join(below, Agency.parent_id == below.c.id))
    inside = set(session.scalars(select(below.c.id)))
    ids: dict[str, int] = {}
    elsewhere: set[str] = set()
    for agency_id, code, name in session.execute(select(Agency.id, Agency.code, Agency.name)):
        for folded in (fold_agency(code), fold_agency(name)):
            if agency_id in inside:
                ids[folded] = agency_id
            else:
                elsewhere.add(folded)
    return Known(agency.id, agency.name, ids, frozenset(elsewhere), vocabularies(session))


def vocabularies(session: Session) -> dict[str, dict[str, str]]:
    """Code to name of each reference table whose codes and names a file may use."""
    return {
        table.__tablename__: {row.code: row.name for row in session.execute(select(table.code, table.name))}
        for table in (UseClass, Service, CostCategory)
    }


def options_of(brought: Import) -> Options:
    """What the person chose for the file."""
    names = {option.name for option in fields(Options)}
    return Options(**{name: value for name, value in brought.options.items() if name in names})


def report_on(session: Session, brought: Import, tell: Tell = lambda fraction: None) -> Report:
    """Read and check an import's file against the register as it is now."""
    content = read_file(brought.content, brought.file_name)
    tell(0.4)
    return check(content, known_to(session, brought.agency), options_of(brought))


def check_import(session: Session, brought: Import, tell: Tell = lambda fraction: None) -> Report | None:
    """Check a kept file and keep its problems; None, with the reason in `message`, where the file can't be read."""
    if brought.status not in OPEN:
        raise NotWaiting
    try:
        report = report_on(session, brought, tell)
    except InvalidInput as error:
        brought.status, brought.message, brought.progress = ImportStatus.FAILED, error.message, 1.0
        session.flush()
        return None
    plan = compare(session, report, report.agency_ids)
    retired = len(plan.retired)
    counts = Counts(
        report.rows_in, len(plan.new), len(plan.changed), plan.unchanged_count, report.rejected_count + retired
    )
    new = [agency.name for agency in report.new_agencies]
    foresee_outside(session, plan)
    warn_of_returned_rows(plan)
    brought.options = {
        **asdict(options_of(brought)),
        "new_agencies": new[:LISTED_AGENCIES],
        "sheet": report.sheet,
        "changes": first_changes(session, plan),
    }
    _keep_outcome(session, brought, report, counts, ImportStatus.CHECKED)
    return report


def recheck_import(session: Session, brought: Import, *, create_agencies: bool) -> None:
    """Make a file wait to be checked again, with leave to create the agencies that it names."""
    if brought.status not in OPEN:
        raise NotWaiting
    brought.options = {**brought.options, "create_agencies": create_agencies}
    brought.status, brought.progress = ImportStatus.WAITING, 0.0
    session.flush()


def confirm_import(session: Session, brought: Import) -> None:
    """Let a checked file be applied; only once."""
    session.refresh(brought, with_for_update={"of": Import})
    if brought.status is not ImportStatus.CHECKED:
        raise NotWaiting
    brought.status, brought.progress = ImportStatus.APPLYING, 0.0
    session.flush()


def apply_import(
    session: Session,
    brought: Import,
    *,
    actor: int | None,
    report: Report | None = None,
    tell: Tell = lambda fraction: None,
) -> Counts:
    """Apply a checked file; without `report` it is read and checked again, so that nothing stale is stored."""
    if brought.status not in (*OPEN, ImportStatus.APPLYING):
        raise NotWaiting
    report = report or report_on(session, brought, tell)
    tell(0.6)
    counts = apply(session, report, brought, actor=actor)
    session.refresh(brought)
    brought.applied_at = datetime.now(UTC)
    _keep_outcome(session, brought, report, counts, ImportStatus.APPLIED)
    queue_match(session, brought.id)
    return counts


def _keep_outcome(session: Session, brought: Import, report: Report, counts: Counts, status: ImportStatus) -> None:
    brought.status, brought.message, brought.progress = status, None, 1.0
    brought.layout, brought.encoding = report.layout, report.encoding
    brought.row_count, brought.rejected_count = counts.rows_in, counts.rejected
    brought.inserted_count, brought.updated_count = counts.inserted, counts.updated
    brought.unchanged_count = counts.unchanged
    brought.rejected_rows = write_csv(rejected_rows(report)) if counts.rejected else None
    store_problems(session, brought, report.issues)
    session.flush()


def discard_import(session: Session, brought: Import) -> None:
    """Give up a file that was not applied; it stays listed."""
    if brought.status not in (*OPEN, ImportStatus.FAILED):
        raise NotWaiting
    brought.status = ImportStatus.DISCARDED
    session.flush()


def rejected_rows(report: Report) -> Iterator[list[str]]:
    """The rejected rows as they came, with a column of reasons: mended, they can be imported again."""
    reasons: dict[int, list[str]] = {}
    for issue in report.issues:
        if issue.is_rejecting:
            reasons.setdefault(issue.line, []).append(
                f"{issue.field}: {issue.message}" if issue.field else issue.message
            )
    yield [*report.columns, REASON_COLUMN]
    for row, line in enumerate(report.lines):
        if not report.is_accepted[row]:
            yield [*report.rows[row], " ".join(reasons.get(line, []))]


def layout_titles() -> dict[str, Any]:
    """Title of each layout by name, for choosing one."""
    return {name: layout.title for name, layout in layouts().items()}
