"""An edit undone as a whole: every value as it was before it, unless something later depends on it."""

from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict
from estate.register import listed, rules
from estate.register.areas import assign_areas
from estate.register.as_at import begin_change_set, end_change_set
from estate.register.change_sets import differences, take_back
from estate.register.edits.rights import Rights
from estate.register.imports.apply import lock_register
from estate.register.imports.obstacles import Obstacle
from estate.register.models import Building, BulkEdit, BulkEditRow, EditStatus, Verdict
from estate.register.seen import unseen

TOUCHED = "SELECT building_id FROM bulk_edit_row WHERE bulk_edit_id = :id AND verdict = 'change' ORDER BY building_id"
MOVED = TOUCHED.replace("ORDER BY", "AND position IS NOT NULL ORDER BY")
LOCK = "SELECT id FROM building WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"
# What an undone import or edit wrote does not count, nor what its undoing wrote: values are as they were before both.
LATER = """
WITH own AS (
    SELECT v.id, max(v.recorded_at) AS at FROM (
        SELECT id, recorded_at FROM building WHERE id = ANY(:ids) AND change_set = :change_set
        UNION ALL
        SELECT id, recorded_at FROM history.building WHERE id = ANY(:ids) AND change_set = :change_set) v
    GROUP BY v.id
), versions AS (
    SELECT id, recorded_at, change_set FROM building WHERE id = ANY(:ids)
    UNION ALL
    SELECT id, recorded_at, change_set FROM history.building WHERE id = ANY(:ids)
), later AS (
    SELECT v.id, min(v.recorded_at) AS at FROM own JOIN versions v ON v.id = own.id AND v.recorded_at > own.at
    WHERE v.change_set IS NULL OR v.change_set NOT LIKE 'undo:%'
        AND NOT EXISTS (SELECT 1 FROM bulk_edit e WHERE 'bulk:' || e.id = v.change_set AND e.undone_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM import i WHERE 'import:' || i.id = v.change_set AND i.undone_at IS NOT NULL)
    GROUP BY v.id
)
SELECT b.id, b.name, coalesce(e.at, later.at), u.name, e.reason, e.action, e.group_id
FROM later JOIN building b ON b.id = later.id
LEFT JOIN LATERAL (SELECT e.* FROM event e WHERE e.subject_type = 'building' AND e.subject_id = b.id
    AND e.at >= later.at AND e.group_id IS DISTINCT FROM :change_set ORDER BY e.id LIMIT 1) e ON true
LEFT JOIN user_account u ON u.id = e.actor_id
ORDER BY b.name, b.id
"""
DONE = {"retire_building": "was retired", "decide_match": "was found to be one with another record"}


class NotUndoable(Conflict):
    """Only a change that was stored, and was not undone yet, can be undone."""


class StandsInTheWay(Conflict):
    """Somebody changed some of these buildings since, so nothing was undone. The page says which."""


UNSEEN = Obstacle(
    None,
    "A building that is not shown to you any more",
    "was restricted by its agency, which alone can see and change it now: ask it to give it its values of before",
)


def find_obstacles(session: Session, edit: BulkEdit, rights: Rights) -> list[Obstacle]:
    """Every building of the edit that was changed since, or that the asker may not edit; empty: it can be undone.

    Of buildings that the reader may not see by now it says that there is one, and neither which nor how many.
    """
    with unseen(session):
        found = _every_obstacle(session, edit, rights)
    ids = {obstacle.building_id for obstacle in found}
    seen = set(session.scalars(select(Building.id).where(Building.id.in_(ids))))
    shown = [obstacle for obstacle in found if obstacle.building_id in seen]
    return shown if len(shown) == len(found) else [*shown, UNSEEN]


def _every_obstacle(session: Session, edit: BulkEdit, rights: Rights) -> list[Obstacle]:
    ids = list(session.scalars(text(TOUCHED), {"id": edit.id}))
    found = [
        Obstacle(number, name, _what(action, group), at, actor, reason or "")
        for number, name, at, actor, reason, action, group in session.execute(
            text(LATER), {"ids": ids, "change_set": edit.change_set}
        )
    ]
    records = select(Building).join(BulkEditRow, BulkEditRow.building_id == Building.id)
    changed = records.where(BulkEditRow.bulk_edit_id == edit.id, BulkEditRow.verdict == Verdict.CHANGE)
    foreign = [record for record in session.scalars(changed).unique() if not rights.may_edit(record)]
    return found + [Obstacle(one.id, one.name, f"is the record of {one.agency.name}") for one in foreign]


def _what(action: str | None, group: str | None) -> str:
    if (group or "").startswith("import:"):
        return "was changed by an import"
    return DONE.get(action or "", "was changed")


def ask_to_undo(session: Session, edit: BulkEdit, rights: Rights, *, actor: int, reason: str) -> None:
    """Note that the edit is to be undone, by whom and why; the undoing itself is `undo_edit`."""
    reason = rules.require_reason(reason)
    rules.require_valid(rules.text_errors({"reason": reason}))
    session.refresh(edit, with_for_update={"of": BulkEdit})
    if edit.status is not EditStatus.APPLIED:
        raise NotUndoable
    if find_obstacles(session, edit, rights):
        raise StandsInTheWay
    edit.status, edit.progress, edit.message = EditStatus.UNDOING, 0.0, None
    edit.undone_by_id, edit.undo_reason = actor, reason
    session.flush()


def undo_edit(session: Session, edit: BulkEdit, rights: Rights) -> int:
    """Undo an edit for which `ask_to_undo` was called; gives how many buildings that changed."""
    lock_register(session)
    if edit.status is not EditStatus.UNDOING:
        raise NotUndoable
    touched = list(session.scalars(text(TOUCHED), {"id": edit.id}))
    session.execute(text(LOCK), {"ids": touched})
    if find_obstacles(session, edit, rights):
        raise StandsInTheWay
    begin_change_set(session, edit.undo_change_set)
    take_back(session, edit.change_set, [])
    if moved := list(session.scalars(text(MOVED), {"id": edit.id})):
        assign_areas(session, moved)
    listed.refresh(session, touched)
    changes = differences(session, edit.undo_change_set, touched)
    audit.record_many(
        session,
        changes.items(),
        actor=edit.undone_by_id,
        action="undo_edit",
        subject_type="building",
        reason=f"Undone: {edit.undo_reason}",
        group_id=edit.undo_change_set,
    )
    end_change_set(session)
    session.refresh(edit)
    edit.status, edit.progress, edit.undone_at = EditStatus.UNDONE, 1.0, datetime.now(UTC)
    session.flush()
    return len(changes)
