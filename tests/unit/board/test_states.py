"""The state machine of a proposal, as its table says it."""

from itertools import product

import pytest

from estate.board import errors
from estate.board.states import TRANSITIONS, Action, may, next_status
from estate.errors import Conflict
from estate.proposals.models import ProposalStatus

S, A = ProposalStatus, Action
LEGAL = {
    (S.DRAFT, A.SUBMIT): S.SUBMITTED,
    (S.WITHDRAWN, A.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, A.APPROVE): S.APPROVED,
    (S.SUBMITTED, A.REJECT): S.REJECTED,
    (S.SUBMITTED, A.WITHDRAW): S.WITHDRAWN,
}


@pytest.mark.parametrize(("status", "action"), list(product(S, A)), ids=str)
def test_every_pair_of_status_and_action(status: S, action: A) -> None:
    assert may(status, action) == ((status, action) in LEGAL)
    if (status, action) in LEGAL:
        assert next_status(status, action) is LEGAL[status, action]
        return
    with pytest.raises(errors.IllegalTransition) as caught:
        next_status(status, action)
    assert isinstance(caught.value, Conflict)
    assert caught.value.message.endswith(".")
    assert type(caught.value) is not errors.IllegalTransition


@pytest.mark.parametrize("status", [S.APPROVED, S.REJECTED])
def test_nothing_leaves_a_decision(status: S) -> None:
    assert not [action for action in A if may(status, action)]


def test_every_status_can_be_reached() -> None:
    assert {S.DRAFT, *TRANSITIONS.values()} == set(S)
