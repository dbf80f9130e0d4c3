"""The life of one uploaded file: kept as it came, checked, then applied or discarded."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.errors import Conflict, InvalidInput, NotFound
from estate.people.models import Agency
from estate.register.imports.agencies import fold_agency
from estate.register.imports.apply import Counts, apply, store_problems
from estate.register.imports.check import Known, Options, check
from estate.register.imports.layouts import layouts
from estate.register.imports.read import read_file
from estate.register.imports.report import Report
from estate.register.models import CostCategory, Import, ImportStatus, Service, UseClass


class ImportNotFound(NotFound):
    """There is no such import, or you may not see it."""


class NotWaiting(Conflict):
    """This import was applied or discarded already. Upload the file again to start another."""


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
    vocabularies = {
        table.__tablename__: dict(session.execute(select(table.code, table.name)).all())
        for table in (UseClass, Service, CostCategory)
    }
    return Known(agency.id, agency.name, ids, frozenset(elsewhere), vocabularies)


def report_on(session: Session, brought: Import) -> Report:
    """Read and check an import's file against the register as it is now."""
    content = read_file(brought.content, brought.file_name)
    return check(content, known_to(session, brought.agency), Options(**brought.options))


def check_import(session: Session, brought: Import) -> Report | None:
    """Check a kept file and keep its problems; None, with the reason in `message`, where the file can't be read."""
    if brought.status not in OPEN:
        raise NotWaiting
    try:
        report = report_on(session, brought)
    except InvalidInput as error:
        brought.status, brought.message, brought.progress = ImportStatus.FAILED, error.message, 1.0
        session.flush()
        return None
    brought.layout, brought.encoding = report.layout, report.encoding
    brought.row_count, brought.rejected_count = report.rows_in, report.rejected_count
    brought.status, brought.message, brought.progress = ImportStatus.CHECKED, None, 1.0
    new = [agency.name for agency in report.new_agencies]
    brought.options = {**brought.options, "new_agencies": new[:500]} if new else brought.options
    store_problems(session, brought, report.issues)
    session.flush()
    return report


def apply_import(session: Session, brought: Import, *, actor: int | None, report: Report | None = None) -> Counts:
    """Apply a checked file; without `report` it is read and checked again, so that nothing stale is stored."""
    if brought.status not in (*OPEN, ImportStatus.APPLYING):
        raise NotWaiting
    report = report or report_on(session, brought)
    counts = apply(session, report, brought, actor=actor)
    session.refresh(brought)
    brought.layout, brought.encoding, brought.progress = report.layout, report.encoding, 1.0
    brought.row_count, brought.inserted_count = counts.rows_in, counts.inserted
    brought.updated_count, brought.unchanged_count = counts.updated, counts.unchanged
    brought.rejected_count = counts.rejected
    brought.status = ImportStatus.APPLIED
    store_problems(session, brought, report.issues)
    session.flush()
    return counts


def discard_import(session: Session, brought: Import) -> None:
    """Give up a file that was not applied; it stays listed."""
    if brought.status not in (*OPEN, ImportStatus.FAILED):
        raise NotWaiting
    brought.status = ImportStatus.DISCARDED
    session.flush()


def list_imports(session: Session, *, agency_ids: frozenset[int] | None = None, limit: int = 100) -> list[Import]:
    """The newest imports, of these agencies or of all."""
    query = select(Import).order_by(Import.id.desc()).limit(limit)
    if agency_ids is not None:
        query = query.where(Import.agency_id.in_(agency_ids))
    return list(session.scalars(query))


def rejected_rows(report: Report, reason_column: str) -> Iterator[list[str]]:
    """The rejected rows as they came, with a column of reasons: mended, they can be imported again."""
    reasons: dict[int, list[str]] = {}
    for issue in report.issues:
        if issue.is_rejecting:
            reasons.setdefault(issue.line, []).append(
                f"{issue.field}: {issue.message}" if issue.field else issue.message
            )
    yield [*report.columns, reason_column]
    for row, line in enumerate(report.lines):
        if not report.is_accepted[row]:
            yield [*report.rows[row], " ".join(reasons.get(line, []))]


def layout_titles() -> dict[str, Any]:
    """Title of each layout by name, for choosing one."""
    return {name: layout.title for name, layout in layouts().items()}
