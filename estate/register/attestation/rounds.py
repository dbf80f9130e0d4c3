"""Opening, changing and closing a round. One is open at a time; a closed one keeps its figures."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, NotFound
from estate.register.attestation.progress import agency_progress
from estate.register.changes import plain
from estate.register.models import AttestationRound
from estate.register.rules import Errors, require_reason, require_valid, require_version, text_errors

SUBJECT = "attestation_round"


class NoSuchRound(NotFound):
    """There is no such round."""


class RoundIsOpen(Conflict):
    """A round is open already. Close it before you open the next."""


class RoundIsClosed(Conflict):
    """This round is closed, so nothing can be confirmed in it any more. Its figures stay as they are."""


def newest_event_id(session: Session) -> int:
    """Id of the newest event of the register; 0 where there is none. What happens later has a higher one."""
    return session.scalar(select(func.coalesce(func.max(audit.Event.id), 0))) or 0


def list_rounds(session: Session) -> list[AttestationRound]:
    """Every round, the newest first."""
    return list(session.scalars(select(AttestationRound).order_by(AttestationRound.id.desc())))


def find_open_round(session: Session) -> AttestationRound | None:
    """The round that is open; None where none is."""
    return session.scalar(select(AttestationRound).where(AttestationRound.closed_at.is_(None)))


def get_round(session: Session, round_id: int) -> AttestationRound:
    """The round. Raises `NoSuchRound`."""
    found = session.get(AttestationRound, round_id) if 0 < round_id < 2**63 else None
    if found is None:
        raise NoSuchRound
    return found


def require_open_round(found: AttestationRound) -> None:
    """Raise `RoundIsClosed` unless the round is open."""
    if found.closed_at is not None:
        raise RoundIsClosed


def open_round(
    session: Session, *, actor: int | None, name: str, deadline_on: date | None, today: date
) -> AttestationRound:
    """Open a round. Raises `RoundIsOpen`, or `InvalidInput` by field."""
    require_valid(_errors(name, deadline_on, today))
    if find_open_round(session) is not None:
        raise RoundIsOpen
    made = AttestationRound(
        name=name.strip(), deadline_on=deadline_on, opened_by_id=actor, opened_event_id=newest_event_id(session)
    )
    session.add(made)
    session.flush()
    changes = {"name": [None, made.name], "deadline_on": [None, plain(made.deadline_on)]}
    _record(session, made, actor, "open_round", "", changes)
    return made


def change_round(
    session: Session,
    found: AttestationRound,
    *,
    version: int,
    actor: int | None,
    reason: str,
    today: date,
    **fields: Any,
) -> None:
    """Give an open round another `name` or `deadline_on`."""
    reason = require_reason(reason)
    require_open_round(found)
    require_version(found, version)
    name, deadline_on = fields.get("name", found.name), fields.get("deadline_on", found.deadline_on)
    require_valid(_errors(name, deadline_on, today))
    changes = {}
    for field, value in (("name", name.strip()), ("deadline_on", deadline_on)):
        if getattr(found, field) != value:
            changes[field] = [plain(getattr(found, field)), plain(value)]
            setattr(found, field, value)
    session.flush()
    if changes:
        _record(session, found, actor, "change_round", reason, changes)


def close_round(session: Session, found: AttestationRound, *, version: int, actor: int | None, reason: str) -> None:
    """Close a round and keep the progress of each agency as it stands: nobody confirms in it any more."""
    reason = require_reason(reason)
    session.refresh(found, with_for_update=True)
    require_open_round(found)
    require_version(found, version)
    found.figures = [row.as_figures() for row in agency_progress(session, found)]
    found.closed_at, found.closed_by_id = datetime.now(UTC), actor
    session.flush()
    _record(session, found, actor, "close_round", reason, {})


def _errors(name: str, deadline_on: date | None, today: date) -> Errors:
    errors = text_errors({"name": name})
    if not name.strip():
        errors["name"] = "Give the round a name, such as its year"
    if deadline_on is None:
        errors["deadline_on"] = "Enter the day by which records must be confirmed"
    elif not 0 <= (deadline_on - today).days <= 3660:
        errors["deadline_on"] = "The deadline must be today or later, within ten years"
    return errors


def _record(
    session: Session, found: AttestationRound, actor: int | None, action: str, reason: str, changes: dict[str, Any]
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type=SUBJECT,
        subject_id=found.id,
        reason=reason,
        changes=changes,
    )
