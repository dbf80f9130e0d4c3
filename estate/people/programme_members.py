"""Who takes part in a programme, from when to when. A stay ends, it is not deleted; an agency that comes back has two.

What else happens when an agency steps back is told and done by `estate.board.stepping_back`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, InvalidInput, NotFound
from estate.people.models import Agency
from estate.people.programme_models import Programme, ProgrammeMember
from estate.people.programmes import today_of

MEMBERS_LOCK = 0x45535444


class NoSuchMember(NotFound):
    """This programme has no such member."""


class MemberChanged(Conflict):
    """Somebody changed this membership since you opened it, so nothing was done. Look at it again."""


class HasSteppedBack(Conflict):
    """This agency has stepped back already, or the day is set. Undo that first."""


class NothingToUndo(Conflict):
    """This agency has stepped back already, or never announced it. Let it take part again instead."""


class DayHasPassed(InvalidInput):
    """An agency steps back today or on a later day, so that nobody's past is changed."""


class TakesPartAlready(InvalidInput):
    """This agency takes part already in that time."""


def list_stays(session: Session, programme: Programme) -> Sequence[ProgrammeMember]:
    """Every stay of every agency in the programme: by agency, the newest first."""
    query = select(ProgrammeMember).join(ProgrammeMember.agency).where(ProgrammeMember.programme_id == programme.id)
    newest_first = ProgrammeMember.joined_on.desc().nulls_last()
    return session.scalars(query.order_by(func.lower(Agency.name), newest_first)).unique().all()


def list_stays_of(session: Session, agency: Agency) -> Sequence[ProgrammeMember]:
    """Every stay of the agency in any programme, the newest first."""
    query = select(ProgrammeMember).join(ProgrammeMember.programme).where(ProgrammeMember.agency_id == agency.id)
    newest_first = ProgrammeMember.joined_on.desc().nulls_last()
    return session.scalars(query.order_by(func.lower(Programme.name), newest_first)).unique().all()


def get_stay(session: Session, programme: Programme, stay_id: int) -> ProgrammeMember:
    """One stay in this programme. Raises `NoSuchMember`."""
    stay = session.get(ProgrammeMember, stay_id) if 0 < stay_id < 2**63 else None
    if stay is None or stay.programme_id != programme.id:
        raise NoSuchMember
    return stay


def join(
    session: Session, programme: Programme, agency: Agency, *, actor: int | None, joined_on: date | None = None
) -> ProgrammeMember:
    """Let the agency take part from `joined_on` on; None: from the beginning, or where it took part before, from today.

    Raises `TakesPartAlready` where it takes part in some of that time, or will.
    """
    session.execute(select(func.pg_advisory_xact_lock(MEMBERS_LOCK)))
    stays = [stay for stay in list_stays(session, programme) if stay.agency_id == agency.id]
    if joined_on is None and stays:
        joined_on = today_of(session)
    if any(stay.left_on is None or joined_on is None or stay.left_on > joined_on for stay in stays):
        raise TakesPartAlready(fields={"joined_on": f"{agency.name} takes part already in that time"})
    stay = ProgrammeMember(programme=programme, agency=agency, joined_on=joined_on)
    session.add(stay)
    session.flush()
    _record(session, stay, "join programme", actor, "", {"joined_on": [None, joined_on]})
    return stay


def end_stay(session: Session, stay: ProgrammeMember, *, left_on: date, reason: str, actor: int | None) -> None:
    """Say on which day the agency no longer takes part. Raises `HasSteppedBack`, or `InvalidInput` by field."""
    session.refresh(stay, with_for_update={"of": ProgrammeMember})
    if stay.left_on is not None:
        raise HasSteppedBack
    check_day(session, stay, left_on)
    if not reason.strip():
        raise InvalidInput(fields={"reason": "Say why the agency steps back"})
    stay.left_on, stay.reason = left_on, reason.strip()
    session.flush()
    _record(session, stay, "step back", actor, stay.reason, {"left_on": [None, left_on]})


def check_day(session: Session, stay: ProgrammeMember, left_on: date) -> None:
    """Raise `DayHasPassed`, or `InvalidInput` where the stay would end before it begins."""
    if left_on < today_of(session):
        raise DayHasPassed(fields={"left_on": "Choose today or a later day"})
    if stay.joined_on is not None and left_on <= stay.joined_on:
        raise InvalidInput(fields={"left_on": "Choose a day after the agency joined"})


def keep_stay(session: Session, stay: ProgrammeMember, *, actor: int | None, reason: str) -> None:
    """Undo a stepping back whose day has not come. Raises `NothingToUndo` where it has, or none is announced."""
    session.refresh(stay, with_for_update={"of": ProgrammeMember})
    if stay.left_on is None or stay.left_on <= today_of(session):
        raise NothingToUndo
    if not reason.strip():
        raise InvalidInput(fields={"reason": "Say why the agency stays"})
    changes = {"left_on": [stay.left_on, None]}
    stay.left_on, stay.reason = None, ""
    session.flush()
    _record(session, stay, "stay in programme", actor, reason.strip(), changes)


def _record(
    session: Session, stay: ProgrammeMember, action: str, actor: int | None, reason: str, changes: dict[str, Any]
) -> None:
    """One event in the agency's history and one in the programme's."""
    said = {name: [None if value is None else str(value) for value in pair] for name, pair in changes.items()}
    for kind, number, other in (
        ("agency", stay.agency_id, {"programme": [None, stay.programme.name]}),
        ("programme", stay.programme_id, {"agency": [None, stay.agency.name]}),
    ):
        subject: dict[str, Any] = {"subject_type": kind, "subject_id": number}
        audit.record(session, actor=actor, action=action, reason=reason, changes={**other, **said}, **subject)
