"""An agency steps back from a programme: what will happen, doing it, and taking it back before the day.

Its records stay its own, and what was decided, voted and pinned stands. What nobody needs to do: from the day on, its
data leave new maps, lists and proposals, and its users lose what members may, because both ask who takes part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import DateTime, cast, func, literal, select
from sqlalchemy.orm import Session

from estate.audit import record, record_many
from estate.board.boards import list_boards, list_seats
from estate.board.models import BoardMember, Decision, DecisionStatus
from estate.people.models import Membership, User
from estate.people.programme_members import check_day, end_stay, keep_stay
from estate.people.programme_models import ProgrammeMember
from estate.people.programmes import partners_in
from estate.proposals.departures import list_touched
from estate.proposals.models import Proposal
from estate.register.models import Building, BuildingStatus


@dataclass(frozen=True)
class Consequences:
    """What happens when an agency steps back."""

    building_count: int
    """Records of its own, which leave the lists of the others."""
    user_count: int
    """People who work for it and for no other agency that takes part."""
    proposals: Sequence[Proposal]
    """Living proposals that use its data: each is flagged."""
    decisions: Sequence[Decision]
    """Open and approved decisions on them: they stand, flagged."""
    seats: Sequence[BoardMember]
    """Seats that end, or that ended with it."""

    @property
    def running(self) -> list[Proposal]:
        """Proposals that are being calculated now."""
        return [proposal for proposal in self.proposals if proposal.is_at_work]

    @property
    def seats_by_person(self) -> dict[str, list[str]]:
        """Names of the boards on which each person loses the seat, by their name."""
        found: dict[str, list[str]] = {}
        for seat in self.seats:
            found.setdefault(seat.user.name, []).append(seat.board.name)
        return found

    @property
    def boards_without_chair(self) -> list[str]:
        """Names of the boards that lose their chair."""
        return [seat.board.name for seat in self.seats if seat.is_chair]


def consequences_of(session: Session, stay: ProgrammeMember, left_on: date) -> Consequences:
    """What happens when the agency of `stay` steps back on `left_on`. Raises where that is no day for it."""
    if stay.left_on is None:
        check_day(session, stay, left_on)
    own = select(func.count()).where(
        Building.agency_id == stay.agency_id,
        Building.status.not_in([BuildingStatus.RETIRED, BuildingStatus.DISPOSED]),
    )
    proposals = list_touched(session, stay)
    decided = select(Decision).where(
        Decision.proposal_id.in_([proposal.id for proposal in proposals]),
        Decision.status.in_([DecisionStatus.OPEN, DecisionStatus.APPROVED]),
    )
    return Consequences(
        building_count=session.scalar(own) or 0,
        user_count=len(_leaving_users(session, stay, left_on)),
        proposals=proposals,
        decisions=session.scalars(decided.order_by(Decision.id.desc())).unique().all(),
        seats=_ending_seats(session, stay, left_on) if stay.left_on is None else _ended_seats(session, stay),
    )


def step_back(
    session: Session, stay: ProgrammeMember, *, left_on: date, reason: str, actor: int | None
) -> Consequences:
    """Let the agency step back on `left_on`, today or later: its seats end that day, and each proposal is told.

    Raises as `end_stay`.
    """
    found = consequences_of(session, stay, left_on)
    end_stay(session, stay, left_on=left_on, reason=reason, actor=actor)
    for seat in found.seats:
        seat.left_at, seat.left_with_id = _start_of(session, left_on), stay.id
        seat.left_reason = f"{stay.agency.name} stepped back: {stay.reason}"
        _record_seat(session, seat, "end_board_seat", actor, seat.left_reason, [None, str(left_on)])
    _tell(session, found.proposals, stay, "agency_steps_back", actor, stay.reason, [None, str(left_on)])
    return found


def take_back(session: Session, stay: ProgrammeMember, *, reason: str, actor: int | None) -> None:
    """Let the agency stay after all, before its day; seats that would have ended go on. Raises as `keep_stay`."""
    said = [str(stay.left_on), None]
    keep_stay(session, stay, actor=actor, reason=reason)
    ended = select(BoardMember).where(BoardMember.left_with_id == stay.id, BoardMember.left_at > datetime.now(UTC))
    for seat in session.scalars(ended).unique():
        others = [other for other in list_seats(session, seat.board) if other.is_chair and other.id != seat.id]
        seat.left_at, seat.left_reason, seat.left_with_id = None, "", None
        seat.is_chair = seat.is_chair and not others
        _record_seat(session, seat, "keep_board_seat", actor, reason, said)
    session.flush()
    _tell(session, list_touched(session, stay), stay, "agency_stays", actor, reason, said)


def _leaving_users(session: Session, stay: ProgrammeMember, left_on: date) -> set[int]:
    """Active users who work for the agency and for none that takes part in the programme on that day."""
    staying = partners_in([stay.programme_id], left_on).where(ProgrammeMember.agency_id != stay.agency_id)
    held = select(Membership.user_id).join(Membership.user).where(Membership.ended_at.is_(None), User.is_active)
    others = held.where(Membership.agency_id.in_(staying))
    query = held.where(Membership.agency_id == stay.agency_id, Membership.user_id.not_in(others))
    return set(session.scalars(query))


def _ending_seats(session: Session, stay: ProgrammeMember, left_on: date) -> list[BoardMember]:
    leaving = _leaving_users(session, stay, left_on)
    boards = list_boards(session, stay.programme_id)
    return [seat for board in boards for seat in list_seats(session, board) if seat.user_id in leaving]


def _ended_seats(session: Session, stay: ProgrammeMember) -> list[BoardMember]:
    ended = select(BoardMember).where(BoardMember.left_with_id == stay.id).order_by(BoardMember.id)
    return list(session.scalars(ended).unique())


def _start_of(session: Session, day: date) -> datetime:
    """The first moment of the day where memberships end, but not before now."""
    moment = session.execute(select(cast(literal(day), DateTime(timezone=True)))).scalar_one()
    return max(moment, datetime.now(UTC))


def _record_seat(
    session: Session, seat: BoardMember, action: str, actor: int | None, reason: str, left_on: list[str | None]
) -> None:
    subject = {"subject_type": "board", "subject_id": seat.board_id}
    changes = {"user_id": seat.user_id, "left_at": left_on}
    record(session, actor=actor, action=action, reason=reason, changes=changes, **subject)  # type: ignore[arg-type]


def _tell(
    session: Session,
    proposals: Sequence[Proposal],
    stay: ProgrammeMember,
    action: str,
    actor: int | None,
    reason: str,
    left_on: list[str | None],
) -> None:
    """An event in the history of each proposal."""
    changes = {"agency": [None, stay.agency.name], "left_on": left_on}
    subjects = [(proposal.id, changes) for proposal in proposals]
    if subjects:
        record_many(session, subjects, actor=actor, action=action, subject_type="proposal", reason=reason)
