"""One vote a member, by people who hold a seat today; the chair's decision follows the votes."""

import threading

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from estate.audit import Event, first_broken, history
from estate.board import errors
from estate.board.boards import end_seat, find_seat
from estate.board.decisions import Tally, cast_vote, decide, get_decision, submit, tally, withdraw
from estate.board.models import Decision, DecisionStatus, Vote, VoteChoice
from estate.db import make_session
from estate.proposals.models import ProposalStatus
from tests import factories
from tests.db.board.conftest import Scene

FOR, AGAINST, ABSTAIN = VoteChoice.FOR, VoteChoice.AGAINST, VoteChoice.ABSTAIN


@pytest.fixture
def decision(session: Session, scene: Scene) -> Decision:
    return submit(session, scene.proposal, scene.board, actor=None)


def test_votes_are_counted(session: Session, scene: Scene, decision: Decision) -> None:
    for user, choice in zip([scene.chair, *scene.members], [FOR, AGAINST, ABSTAIN], strict=True):
        cast_vote(session, decision, actor=user.id, choice=choice, reason=" Because. ")
    assert tally(session, decision) == Tally(1, 1, 1)
    assert next((vote.user_id, vote.reason) for vote in decision.votes) == (scene.chair.id, "Because.")
    event = history(session, "decision", decision.id)[0]
    assert (event.action, event.actor_id, event.changes) == (
        "cast_vote",
        scene.members[1].id,
        {"choice": [None, "abstain"]},
    )


def test_a_second_vote_is_refused_and_the_first_stands(session: Session, scene: Scene, decision: Decision) -> None:
    cast_vote(session, decision, actor=scene.chair.id, choice=FOR)
    with pytest.raises(errors.AlreadyVoted, match="can't be changed"):
        cast_vote(session, decision, actor=scene.chair.id, choice=AGAINST)
    assert tally(session, decision) == Tally(1, 0, 0)
    assert len(history(session, "decision", decision.id)) == 1


def test_who_has_no_seat_does_not_vote(session: Session, scene: Scene, decision: Decision) -> None:
    stranger = factories.make_user(session)
    on_other_board = factories.make_seat(session, factories.make_board(session)).user
    left = scene.members[0]
    end_seat(session, find_seat(session, scene.board.id, left.id), actor=None)  # type: ignore[arg-type]
    scene.members[1].is_active = False
    session.flush()
    for user in (stranger, on_other_board, left, scene.members[1]):
        with pytest.raises(errors.NotOnThisBoard):
            cast_vote(session, decision, actor=user.id, choice=FOR)
    assert tally(session, decision).count == 0


def test_the_vote_of_who_left_later_still_counts(session: Session, scene: Scene, decision: Decision) -> None:
    cast_vote(session, decision, actor=scene.members[0].id, choice=FOR)
    end_seat(session, find_seat(session, scene.board.id, scene.members[0].id), actor=None)  # type: ignore[arg-type]
    decide(session, decision, actor=scene.chair.id, approve=True, reason="Agreed.")
    assert decision.status is DecisionStatus.APPROVED


@pytest.mark.parametrize(("approve", "status"), [(True, "approved"), (False, "rejected")])
def test_decide(session: Session, scene: Scene, decision: Decision, approve: bool, status: str) -> None:
    cast_vote(session, decision, actor=scene.members[0].id, choice=FOR if approve else AGAINST)
    decide(session, decision, actor=scene.chair.id, approve=approve, reason=" As discussed. ")
    assert (decision.status.value, scene.proposal.status.value) == (status, status)
    assert (decision.reason, decision.decided_by_id) == ("As discussed.", scene.chair.id)
    assert decision.decided_at is not None
    event = history(session, "proposal", scene.proposal.id)[0]
    assert event.action == f"{'approve' if approve else 'reject'}_proposal"
    assert event.changes["status"] == ["submitted", status]
    assert "0 abstained" in event.changes["votes"]


def test_only_the_chair_decides(session: Session, scene: Scene, decision: Decision) -> None:
    cast_vote(session, decision, actor=scene.members[0].id, choice=FOR)
    other_chair = factories.make_seat(session, factories.make_board(session), is_chair=True).user
    for user in (scene.members[0], factories.make_user(session), other_chair):
        with pytest.raises(errors.NotTheChair):
            decide(session, decision, actor=user.id, approve=True, reason="Agreed.")
    assert scene.proposal.status is ProposalStatus.SUBMITTED


def test_a_decision_against_the_votes_is_refused(session: Session, scene: Scene, decision: Decision) -> None:
    cast_vote(session, decision, actor=scene.members[0].id, choice=AGAINST)
    with pytest.raises(errors.AgainstTheVotes, match="can't be approved"):
        decide(session, decision, actor=scene.chair.id, approve=True, reason="I want it.")
    cast_vote(session, decision, actor=scene.members[1].id, choice=FOR)
    decide(session, decision, actor=scene.chair.id, approve=True, reason="Equal votes; the saving is clear.")
    assert scene.proposal.status is ProposalStatus.APPROVED


def test_a_decision_needs_a_reason(session: Session, scene: Scene, decision: Decision) -> None:
    cast_vote(session, decision, actor=scene.members[0].id, choice=FOR)
    with pytest.raises(errors.ReasonMissing):
        decide(session, decision, actor=scene.chair.id, approve=True, reason=" ")
    assert decision.status is DecisionStatus.OPEN


def test_after_the_decision_all_is_closed(session: Session, scene: Scene, decision: Decision) -> None:
    cast_vote(session, decision, actor=scene.members[0].id, choice=FOR)
    decide(session, decision, actor=scene.chair.id, approve=True, reason="Agreed.")
    with pytest.raises(errors.DecisionClosed):
        cast_vote(session, decision, actor=scene.members[1].id, choice=FOR)
    with pytest.raises(errors.DecisionClosed):
        decide(session, decision, actor=scene.chair.id, approve=False, reason="No.")
    with pytest.raises(errors.DecisionClosed):
        withdraw(session, decision, actor=None, reason="No.")
    with pytest.raises(errors.AlreadyDecided):
        submit(session, scene.proposal, scene.board, actor=None)


@pytest.mark.parametrize("number", [0, -1, 10**6, 2**63, 10**30])
def test_no_such_decision(session: Session, number: int) -> None:
    with pytest.raises(errors.NoSuchDecision):
        get_decision(session, number)


def test_two_votes_at_once_give_one(committed: Engine) -> None:
    with make_session.begin() as session:
        area = factories.make_area(session)
        board = factories.make_board(session, area=area)
        member = factories.make_seat(session, board).user.id
        number = submit(session, factories.make_finished_proposal(session, area=area), board, actor=None).id
    results: list[str] = []
    start = threading.Barrier(4)

    def vote() -> None:
        try:
            with make_session.begin() as session:
                decision = get_decision(session, number)
                start.wait(timeout=20)
                cast_vote(session, decision, actor=member, choice=FOR)
            results.append("cast")
        except errors.AlreadyVoted:
            results.append("refused")

    threads = [threading.Thread(target=vote) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with make_session() as session:
        assert sorted(results) == ["cast", "refused", "refused", "refused"]
        assert session.scalar(select(func.count(Vote.id))) == 1
        assert session.scalar(select(func.count(Event.id)).where(Event.action == "cast_vote")) == 1
        assert first_broken(session) is None


def test_two_decisions_at_once_give_one(committed: Engine) -> None:
    with make_session.begin() as session:
        area = factories.make_area(session)
        board = factories.make_board(session, area=area)
        chair = factories.make_seat(session, board, is_chair=True).user.id
        decision = submit(session, factories.make_finished_proposal(session, area=area), board, actor=None)
        cast_vote(session, decision, actor=chair, choice=FOR)
        cast_vote(session, decision, actor=factories.make_seat(session, board).user.id, choice=AGAINST)
        number = decision.id
    results: list[str] = []
    start = threading.Barrier(2)

    def settle(approve: bool) -> None:
        try:
            with make_session.begin() as session:
                decision = get_decision(session, number)
                start.wait(timeout=20)
                decide(session, decision, actor=chair, approve=approve, reason="Settled.")
            results.append("done")
        except errors.DecisionClosed:
            results.append("refused")

    threads = [threading.Thread(target=settle, args=[approve]) for approve in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "refused"]
