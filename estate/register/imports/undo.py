"""An import undone as a whole: every value as it was before it, in one transaction, with events and a reason."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict
from estate.register import rules
from estate.register.areas import assign_areas
from estate.register.as_at import begin_change_set, end_change_set
from estate.register.change_sets import differences, take_back
from estate.register.imports.apply import lock_register
from estate.register.imports.obstacles import Uses, added_buildings, find_obstacles
from estate.register.matches.membership import lock_decisions, rebuild
from estate.register.models import Import, ImportStatus

TOUCHED = """
SELECT building_id FROM source_record WHERE import_id = :import_id
UNION SELECT h.id FROM history.building h JOIN building b USING (id)
    WHERE h.superseded_by = :change_set AND b.is_block
"""
"""The buildings of its rows, and the blocks that it changed."""

LOCK = "SELECT id FROM building WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"


class NotUndoable(Conflict):
    """Only an import that is stored, and was not undone yet, can be undone."""


class StandsInTheWay(Conflict):
    """Something later depends on this import, so nothing was undone. Its page says what."""


def ask_to_undo(
    session: Session, brought: Import, *, actor: int | None, reason: str, uses: Collection[Uses] = ()
) -> None:
    """Note that `brought` is to be undone, by whom and why; the undoing itself is `undo_import`."""
    reason = rules.require_reason(reason)
    rules.require_valid(rules.text_errors({"reason": reason}))
    session.refresh(brought, with_for_update={"of": Import})
    if brought.status is not ImportStatus.APPLIED:
        raise NotUndoable
    if find_obstacles(session, brought, uses):
        raise StandsInTheWay
    brought.status, brought.progress, brought.message = ImportStatus.UNDOING, 0.0, None
    brought.undone_by_id, brought.undo_reason = actor, reason
    session.flush()


def undo_import(session: Session, brought: Import, *, uses: Collection[Uses] = ()) -> int:
    """Undo an import for which `ask_to_undo` was called; gives how many buildings that changed.

    What it added is retired (buildings) or moved to the history (what belongs to other buildings); nothing is lost.
    Raises `StandsInTheWay` where something later depends on it.
    """
    lock_register(session)
    lock_decisions(session)
    if brought.status is not ImportStatus.UNDOING:
        raise NotUndoable
    added = added_buildings(session, brought)
    chosen = {"import_id": brought.id, "change_set": brought.change_set}
    touched = sorted({*session.scalars(text(TOUCHED), chosen), *added})
    # Whoever wants to change one of these buildings, or add to it, waits until this is over.
    session.execute(text(LOCK), {"ids": touched})
    if find_obstacles(session, brought, uses):
        raise StandsInTheWay
    begin_change_set(session, brought.undo_change_set)
    take_back(session, brought.change_set, added)
    rebuild(session, touched)
    assign_areas(session, touched)
    changes = differences(session, brought.undo_change_set, touched)
    _keep_events(session, brought, changes, set(added))
    end_change_set(session)
    session.refresh(brought)
    brought.status, brought.progress, brought.undone_at = ImportStatus.UNDONE, 1.0, datetime.now(UTC)
    session.flush()
    return len(changes)


def _keep_events(
    session: Session, brought: Import, changes: dict[int, dict[str, list[object]]], added: set[int]
) -> None:
    reason = f"Import of {brought.file_name} undone: {brought.undo_reason}"
    for action, is_added in (("undo_import", False), ("retire_building", True)):
        audit.record_many(
            session,
            ((number, fields) for number, fields in changes.items() if (number in added) is is_added),
            actor=brought.undone_by_id,
            action=action,
            subject_type="building",
            reason=reason,
            group_id=brought.undo_change_set,
        )
