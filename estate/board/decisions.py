"""Putting a proposal to a board, voting on it, deciding it.

The rules, chosen to be few: a member votes once and can't change it; the chair records the decision with a reason;
it follows the votes for and against (abstentions count as neither), and only when they are equal the chair chooses.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from estate.audit import record
from estate.board import errors
from estate.board.boards import covers, find_seat
from estate.board.models import Board, Decision, DecisionStatus, Vote, VoteChoice
from estate.board.snapshots import fingerprint, take_snapshot
from estate.board.states import Action, advance, next_status
from estate.proposals.models import Outcome, Proposal, ProposalBuilding, ProposalMove, ProposalStatus, RunStatus


@dataclass(frozen=True)
class Tally:
    """The votes cast on one decision."""

    in_favour: int = 0
    against: int = 0
    abstained: int = 0

    @property
    def count(self) -> int:
        """All votes cast."""
        return self.in_favour + self.against + self.abstained

    def __str__(self) -> str:
        return f"{self.in_favour} for, {self.against} against, {self.abstained} abstained"

    def check(self, *, approve: bool) -> None:
        """Raise where a decision to `approve`, or not to, goes against the votes or has none to follow."""
        if not self.in_favour + self.against:
            raise errors.NobodyVoted
        if approve and self.against > self.in_favour:
            raise errors.AgainstTheVotes(f"The votes are {self}, so the proposal can't be approved.")
        if not approve and self.in_favour > self.against:
            raise errors.AgainstTheVotes(f"The votes are {self}, so the proposal can't be rejected.")


def get_decision(session: Session, decision_id: int) -> Decision:
    """The decision. Raises `NoSuchDecision`."""
    decision = session.get(Decision, decision_id) if 0 < decision_id < 2**63 else None
    if decision is None:
        raise errors.NoSuchDecision
    return decision


def list_decisions(
    session: Session, *, board: Board | None = None, proposal: Proposal | None = None
) -> Sequence[Decision]:
    """Decisions, open ones and then the latest first, of one board or proposal where it is given."""
    query = select(Decision)
    if board is not None:
        query = query.where(Decision.board_id == board.id)
    if proposal is not None:
        query = query.where(Decision.proposal_id == proposal.id)
    is_closed = Decision.status != DecisionStatus.OPEN
    order = (is_closed, func.coalesce(Decision.decided_at, Decision.submitted_at).desc(), Decision.id.desc())
    return session.scalars(query.order_by(*order)).unique().all()


def count_open(session: Session) -> dict[int, int]:
    """How many proposals wait for each board's decision, by the board's id; boards without one are left out."""
    query = select(Decision.board_id, func.count()).where(Decision.status == DecisionStatus.OPEN)
    return dict(session.execute(query.group_by(Decision.board_id)).all())


def find_vote(session: Session, decision: Decision, user_id: int | None) -> Vote | None:
    """The vote that a user cast on this decision; None before they did."""
    query = select(Vote).where(Vote.decision_id == decision.id, Vote.user_id == user_id)
    return session.scalars(query).unique().one_or_none()


def tally(session: Session, decision: Decision) -> Tally:
    """The votes cast so far."""
    query = select(Vote.choice, func.count()).where(Vote.decision_id == decision.id).group_by(Vote.choice)
    counts = Counter(dict(session.execute(query).all()))
    return Tally(counts[VoteChoice.FOR], counts[VoteChoice.AGAINST], counts[VoteChoice.ABSTAIN])


def check_can_submit(session: Session, proposal: Proposal) -> None:
    """Raise where `proposal` can't be put to any board, with the reason."""
    next_status(proposal.status, Action.SUBMIT)
    if proposal.run_status is not RunStatus.FINISHED:
        raise errors.RunNotFinished
    if proposal.objective is None:
        raise errors.NoPlan
    emptied = select(ProposalBuilding.id).where(
        ProposalBuilding.proposal_id == proposal.id, ProposalBuilding.outcome == Outcome.EMPTIED
    )
    moves = select(ProposalMove.id).where(ProposalMove.proposal_id == proposal.id)
    if not session.scalar(select(emptied.exists() | moves.exists())):
        raise errors.NothingToDecide


def submit(session: Session, proposal: Proposal, board: Board, *, actor: int | None, note: str = "") -> Decision:
    """Put `proposal` to `board` with the evidence as it stands now."""
    check_can_submit(session, proposal)
    if board.programme_id != proposal.programme_id:
        raise errors.OtherProgramme
    if not covers(session, board, proposal.area):
        raise errors.AreaOutsideBoard(
            f"{proposal.area.name} does not lie inside the area of {board.name}. Choose the board of a larger area."
        )
    before, after = advance(session, proposal, Action.SUBMIT)
    snapshot = take_snapshot(session, proposal)
    decision = Decision(
        board=board,
        proposal=proposal,
        submitted_by_id=actor,
        note=note.strip(),
        snapshot=snapshot,
        snapshot_sha256=fingerprint(snapshot),
    )
    session.add(decision)
    session.flush()
    changes = {"board": board.name, "decision": decision.id, "evidence_sha256": decision.snapshot_sha256}
    _record(session, decision, "submit_proposal", actor, decision.note, before, after, changes)
    return decision


def cast_vote(session: Session, decision: Decision, *, actor: int, choice: VoteChoice, reason: str = "") -> Vote:
    """One member's vote. Raises `AlreadyVoted` at the second, however close together the two are."""
    _lock_open(session, decision)
    if find_seat(session, decision.board_id, actor) is None:
        raise errors.NotOnThisBoard
    vote = Vote(decision_id=decision.id, user_id=actor, choice=choice, reason=reason.strip())
    try:
        with session.begin_nested():
            session.add(vote)
    except IntegrityError as error:
        if "uq_vote_decision_id_user_id" not in str(error.orig):
            raise
        raise errors.AlreadyVoted from None
    session.expire(decision, ["votes"])
    record(
        session,
        actor=actor,
        action="cast_vote",
        subject_type="decision",
        subject_id=decision.id,
        reason=vote.reason,
        changes={"choice": [None, choice.value]},
    )
    return vote


def decide(session: Session, decision: Decision, *, actor: int, approve: bool, reason: str) -> None:
    """Record the board's decision, as its chair, with the reason."""
    _lock_open(session, decision)
    seat = find_seat(session, decision.board_id, actor)
    if seat is None or not seat.is_chair:
        raise errors.NotTheChair
    votes = tally(session, decision)
    votes.check(approve=approve)
    action = Action.APPROVE if approve else Action.REJECT
    status = DecisionStatus.APPROVED if approve else DecisionStatus.REJECTED
    _close(session, decision, action, status, actor, reason, {"votes": str(votes)})


def withdraw(session: Session, decision: Decision, *, actor: int | None, reason: str) -> None:
    """Take the proposal back before it is decided. It may be put to a board again, with new evidence."""
    _lock_open(session, decision)
    _close(session, decision, Action.WITHDRAW, DecisionStatus.WITHDRAWN, actor, reason, {})


def _lock_open(session: Session, decision: Decision) -> None:
    """Hold the decision until the transaction ends, and raise `DecisionClosed` where it is no longer open."""
    session.flush()
    session.refresh(decision, ["status"], with_for_update={"of": Decision})
    if decision.status is not DecisionStatus.OPEN:
        raise errors.DecisionClosed


def _close(
    session: Session,
    decision: Decision,
    action: Action,
    status: DecisionStatus,
    actor: int | None,
    reason: str,
    changes: dict[str, Any],
) -> None:
    if not reason.strip():
        raise errors.ReasonMissing
    before, after = advance(session, decision.proposal, action)
    decision.status, decision.reason = status, reason.strip()
    decision.decided_by_id, decision.decided_at = actor, datetime.now(UTC)
    session.flush()
    changes = {"decision": decision.id, **changes}
    _record(session, decision, f"{action.value}_proposal", actor, decision.reason, before, after, changes)


def _record(
    session: Session,
    decision: Decision,
    action: str,
    actor: int | None,
    reason: str,
    before: ProposalStatus,
    after: ProposalStatus,
    changes: dict[str, Any],
) -> None:
    """Write the event of one step to the proposal's history."""
    record(
        session,
        actor=actor,
        action=action,
        subject_type="proposal",
        subject_id=decision.proposal_id,
        reason=reason,
        changes={"status": [before.value, after.value], **changes},
        group_id=f"decision:{decision.id}",
    )
