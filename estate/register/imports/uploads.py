"""The life of one uploaded file: kept as it came, checked, then applied or discarded."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from estate.errors import Conflict, InvalidInput, NotFound
from estate.people.models import Agency
from estate.register.imports.apply import Counts, apply, store_problems
from estate.register.imports.cancel import require_not_cancelled
from estate.register.imports.check import Options
from estate.register.imports.layouts import layouts
from estate.register.imports.mapping.profile import make_profile
from estate.register.imports.preview import first_changes, foresee
from estate.register.imports.recognise import REASON_COLUMN
from estate.register.imports.report import Report
from estate.register.imports.reporting import (
    CHECKED,
    NeedsMapping,
    Reading,
    Tell,
    options_of,
    read_and_check,
    tell_nobody,
    vocabularies,
)
from estate.register.imports.template import write_csv
from estate.register.matches.job import queue_match
from estate.register.models import Import, ImportStatus


class ImportNotFound(NotFound):
    """There is no such import, or you may not see it."""


class NotWaiting(Conflict):
    """This import was applied or discarded already. Upload the file again to start another."""


LISTED_AGENCIES = 500
OPEN = (ImportStatus.WAITING, ImportStatus.CHECKING, ImportStatus.MAPPING, ImportStatus.CHECKED)
KEPT = ("is_reused", "draft")
"""Notes in an import's options that are no choices for the check, and outlive it."""


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


def check_import(session: Session, brought: Import, tell: Tell = tell_nobody) -> Report | None:
    """Check a kept file and keep its problems; None where it can't be read, or waits to be mapped.

    `message` then says why, and a file to be mapped has a profile.
    """
    if brought.status not in OPEN:
        raise NotWaiting
    try:
        report, reading = read_and_check(session, brought, tell)
    except NeedsMapping as need:
        _ask_for_mapping(session, brought, need)
        return None
    except InvalidInput as error:
        require_not_cancelled(session, brought)
        brought.status, brought.message, brought.progress = ImportStatus.FAILED, error.message, 1.0
        session.flush()
        return None
    tell(CHECKED, f"{report.rows_in:,} rows checked; now they are compared with the register")
    plan, counts = foresee(session, report)
    changes = first_changes(session, plan)
    require_not_cancelled(session, brought)
    _note_reading(brought, reading)
    new = [agency.name for agency in report.new_agencies]
    found = {"new_agencies": new[:LISTED_AGENCIES], "found_sheet": report.sheet, "changes": changes}
    brought.options = {**brought.options, **found}
    _keep_outcome(session, brought, report, counts, ImportStatus.CHECKED)
    return report


def _note_reading(brought: Import, reading: Reading) -> None:
    """Keep how the file was read, so that storing it reads it in the same way."""
    notes: dict[str, Any] = {name: brought.options[name] for name in KEPT if name in brought.options}
    if reading.mapping_id is not None:
        brought.mapping_id, notes["is_reused"] = reading.mapping_id, True
    brought.options = {**asdict(reading.options), **notes, "other_sheets": list(reading.other_sheets)}


def _ask_for_mapping(session: Session, brought: Import, need: NeedsMapping) -> None:
    """Let the file wait until a person has said what its columns are."""
    profile = make_profile(need.content, options_of(brought), vocabularies(session))
    require_not_cancelled(session, brought)
    brought.profile, brought.encoding = profile, need.content.encoding
    if need.remembered is not None:
        brought.mapping_id = need.remembered.id
        brought.options = {**brought.options, "mapping": need.remembered.spec}
    brought.status, brought.message = ImportStatus.MAPPING, need.message
    brought.progress, brought.doing = 1.0, None
    session.flush()


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
    tell: Tell = tell_nobody,
) -> Counts:
    """Apply a checked file; without `report` it is read and checked again, so that nothing stale is stored."""
    if brought.status not in (*OPEN, ImportStatus.APPLYING):
        raise NotWaiting
    report = report or read_and_check(session, brought, tell)[0]
    tell(CHECKED, f"{report.rows_in:,} rows checked; now they are stored")
    counts = apply(session, report, brought, actor=actor, tell=tell)
    require_not_cancelled(session, brought)
    brought.applied_at = datetime.now(UTC)
    _keep_outcome(session, brought, report, counts, ImportStatus.APPLIED)
    queue_match(session, brought.id)
    return counts


def _keep_outcome(session: Session, brought: Import, report: Report, counts: Counts, status: ImportStatus) -> None:
    brought.status, brought.message, brought.progress, brought.doing = status, None, 1.0, None
    brought.layout, brought.encoding = report.layout, report.encoding
    brought.row_count, brought.rejected_count = counts.rows_in, counts.rejected
    brought.inserted_count, brought.updated_count = counts.inserted, counts.updated
    brought.unchanged_count = counts.unchanged
    if counts.new_blocks or counts.changed_blocks:
        brought.options = {**brought.options, "blocks": [counts.new_blocks, counts.changed_blocks]}
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
