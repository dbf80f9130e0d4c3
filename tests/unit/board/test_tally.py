"""A decision follows the votes for and against; when they are equal the chair chooses."""

import pytest

from estate.board.decisions import Tally
from estate.board.errors import AgainstTheVotes, NobodyVoted


@pytest.mark.parametrize(
    ("in_favour", "against", "may_approve", "may_reject"),
    [(1, 0, True, False), (0, 1, False, True), (2, 2, True, True), (3, 2, True, False), (2, 3, False, True)],
)
@pytest.mark.parametrize("abstained", [0, 9])
def test_majority_of_for_and_against(
    in_favour: int, against: int, may_approve: bool, may_reject: bool, abstained: int
) -> None:
    tally = Tally(in_favour, against, abstained)
    for approve, allowed in ((True, may_approve), (False, may_reject)):
        if allowed:
            tally.check(approve=approve)
        else:
            with pytest.raises(AgainstTheVotes, match=f"{in_favour} for, {against} against"):
                tally.check(approve=approve)


@pytest.mark.parametrize("approve", [True, False])
def test_abstentions_alone_decide_nothing(approve: bool) -> None:
    with pytest.raises(NobodyVoted):
        Tally(0, 0, 5).check(approve=approve)
