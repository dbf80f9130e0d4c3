"""Any walk of actions, legal or not, agrees with the table, leaves one event a step and an unbroken chain."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from estate.audit import first_broken, history
from estate.board.decisions import cast_vote, decide, list_decisions, submit, withdraw
from estate.board.models import DecisionStatus, VoteChoice
from estate.board.states import TRANSITIONS, Action
from estate.errors import Conflict
from estate.proposals.models import Proposal, ProposalStatus
from tests import factories
from tests.db.board.conftest import Scene


def act(session: Session, scene: Scene, proposal: Proposal, action: Action) -> None:
    """What a user does for `action`, on the latest decision where there is one."""
    if action is Action.SUBMIT:
        submit(session, proposal, scene.board, actor=None)
        return
    decisions = list_decisions(session, proposal=proposal)
    if not decisions:
        raise Conflict("There is nothing to decide.")
    decision = decisions[0]
    if action is Action.WITHDRAW:
        withdraw(session, decision, actor=None, reason="Taken back.")
        return
    approve = action is Action.APPROVE
    if decision.status is DecisionStatus.OPEN:
        choice = VoteChoice.FOR if approve else VoteChoice.AGAINST
        cast_vote(session, decision, actor=scene.chair.id, choice=choice)
    decide(session, decision, actor=scene.chair.id, approve=approve, reason="Decided.")


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(st.sampled_from(Action), max_size=8))
def test_any_walk(session: Session, scene: Scene, actions: list[Action]) -> None:
    proposal = factories.make_finished_proposal(session, area=scene.proposal.area)
    expected, steps = ProposalStatus.DRAFT, 0
    for action in actions:
        after = TRANSITIONS.get((expected, action))
        try:
            act(session, scene, proposal, action)
            assert after is not None, f"{action} was let through from {expected}"
            expected, steps = after, steps + 1
        except Conflict:
            assert after is None, f"{action} was refused from {expected}"
        assert proposal.status is expected
        still_open = [d for d in list_decisions(session, proposal=proposal) if d.status is DecisionStatus.OPEN]
        assert len(still_open) == (expected is ProposalStatus.SUBMITTED)
    assert len(history(session, "proposal", proposal.id)) == steps
    assert first_broken(session) is None
