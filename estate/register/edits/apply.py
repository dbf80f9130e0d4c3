"""Confirming an edit: all its rows in one statement and one change set, with an event for each building."""

from datetime import UTC, datetime

from sqlalchemy import Dialect, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict
from estate.register import listed
from estate.register.areas import assign_areas
from estate.register.as_at import begin_change_set, end_change_set
from estate.register.change_sets import differences
from estate.register.changes import BUILDING_FIELDS
from estate.register.edits.plan import ELSEWHERE
from estate.register.edits.rights import Rights
from estate.register.models import Building, BulkEdit, BulkEditRow, EditStatus, Verdict

OVERTAKEN = "Somebody changed this building after the preview, so it stays as they left it."
LOCK = "SELECT id FROM building WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"
DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
MARK = """
UPDATE bulk_edit_row SET verdict = 'overtaken', message = :message
WHERE bulk_edit_id = :id AND verdict = 'change' AND building_id <> ALL(:written)
"""


class NotReady(Conflict):
    """This change was confirmed or discarded already, or is still being prepared. Look at it again."""


def apply_edit(session: Session, edit: BulkEdit, rights: Rights) -> int:
    """Write every row that the preview showed as a change; gives how many buildings changed.

    A building that somebody changed after the preview stays as it is, and so does one that `rights` refuse by now.
    """
    if edit.status is not EditStatus.APPLYING:
        raise NotReady
    ids = _wanted(session, edit)
    session.execute(text(LOCK), {"ids": ids})
    _refuse_foreign(session, edit, ids, rights)
    begin_change_set(session, edit.change_set)
    written = list(session.scalars(text(_update()), {"id": edit.id}))
    session.execute(text(MARK), {"id": edit.id, "message": OVERTAKEN, "written": written})
    _assign_areas(session, edit)
    listed.refresh(session, written)
    changes = differences(session, edit.change_set, written)
    audit.record_many(
        session,
        changes.items(),
        actor=edit.actor_id,
        action="change_building",
        subject_type="building",
        reason=edit.reason,
        group_id=edit.change_set,
    )
    end_change_set(session)
    session.expire_all()
    edit.status, edit.progress, edit.applied_at = EditStatus.APPLIED, 1.0, datetime.now(UTC)
    session.flush()
    return len(written)


def _wanted(session: Session, edit: BulkEdit) -> list[int]:
    chosen = BulkEditRow.bulk_edit_id == edit.id, BulkEditRow.verdict == Verdict.CHANGE
    found = session.scalars(select(BulkEditRow.building_id).where(*chosen))
    return [number for number in found if number is not None]


def _refuse_foreign(session: Session, edit: BulkEdit, ids: list[int], rights: Rights) -> None:
    """A right that ended since the preview: its rows stay."""
    wanted = select(BulkEditRow, Building).join(Building, Building.id == BulkEditRow.building_id)
    query = wanted.where(BulkEditRow.bulk_edit_id == edit.id, BulkEditRow.verdict == Verdict.CHANGE)
    for row, record in session.execute(query.execution_options(populate_existing=True)).unique():
        if not rights.may_edit(record):
            row.verdict, row.message = Verdict.ELSEWHERE, ELSEWHERE.format(record.agency.name)
    session.flush()


def _assign_areas(session: Session, edit: BulkEdit) -> None:
    moved = select(BulkEditRow.building_id).where(
        BulkEditRow.bulk_edit_id == edit.id,
        BulkEditRow.verdict == Verdict.CHANGE,
        BulkEditRow.position.is_not(None),
    )
    ids = [number for number in session.scalars(moved) if number is not None]
    if ids:
        assign_areas(session, ids)


def _update() -> str:
    """One UPDATE for all rows: each column takes the row's value where the row has one."""
    columns = Building.__table__.columns
    settings = []
    for name in BUILDING_FIELDS:
        kind = columns[name].type.compile(dialect=DIALECT)
        value = f"CAST(r.changes->'{name}'->>1 AS {kind})"
        settings.append(f"{name} = CASE WHEN r.changes ? '{name}' THEN {value} ELSE b.{name} END")
    point = "ST_SetSRID(ST_MakePoint(CAST(r.position->>0 AS float8), CAST(r.position->>1 AS float8)), 4326)"
    for name, value in {
        "location": point,
        "fix_source": "CAST(r.position->>2 AS fixsource)",
        "fix_accuracy_m": "CAST(r.position->>3 AS integer)",
    }.items():
        settings.append(f"{name} = CASE WHEN r.position IS NULL THEN b.{name} ELSE {value} END")
    return f"""
        UPDATE building b SET {", ".join(settings)}, version = b.version + 1, changed_at = now()
        FROM bulk_edit_row r
        WHERE r.bulk_edit_id = :id AND r.verdict = 'change' AND b.id = r.building_id AND b.version = r.read_version
            AND b.status <> 'retired'
        RETURNING b.id
    """  # noqa: S608
