"""The rules of a board, one class a rule. Each docstring is the sentence that people read."""

from estate.errors import Conflict, InvalidInput, NotAllowed, NotFound


class NoSuchBoard(NotFound):
    """There is no such board."""


class NoSuchSeat(NotFound):
    """There is no such seat on this board."""


class NoSuchDecision(NotFound):
    """There is no such decision."""


class IllegalTransition(Conflict):
    """The proposal is not in a state that allows this. Open its page to see where it stands."""


class NeverSubmitted(IllegalTransition):
    """This proposal is not before a board. Put it to a board first."""


class AlreadySubmitted(IllegalTransition):
    """This proposal is before a board already. Wait for the decision, or withdraw it first."""


class AlreadyDecided(IllegalTransition):
    """A board has decided on this proposal, and the decision stands. Start a new proposal for the same area."""


class WasWithdrawn(IllegalTransition):
    """This proposal was withdrawn, so there is nothing to decide. Put it to a board again first."""


class RunNotFinished(Conflict):
    """This proposal's run has not finished, so there is no evidence to decide on. Wait for it, or start it again."""


class NoPlan(Conflict):
    """This run found no plan that keeps every rule. Change its options and start it again."""


class NothingToDecide(Conflict):
    """This proposal changes nothing: no building is emptied and no team moves. There is nothing to decide."""


class AreaOutsideBoard(Conflict):
    """The proposal's area does not lie inside the board's area. Choose the board of a larger area."""


class DecisionClosed(Conflict):
    """This decision is closed, so nobody can vote on it, decide it or withdraw it any more."""


class AlreadyVoted(Conflict):
    """You have voted on this proposal. A vote can't be changed; tell the chair if you changed your mind."""


class NobodyVoted(Conflict):
    """Nobody has voted for or against yet. A decision needs at least one such vote."""


class AgainstTheVotes(Conflict):
    """The decision must follow the votes cast. Only when they are equal does the chair choose."""


class NotOnThisBoard(NotAllowed):
    """Only members of this board vote on its proposals. Ask an administrator for a seat."""


class NotTheChair(NotAllowed):
    """Only the chair of this board records its decisions. Ask the chair, or ask an administrator to name a new one."""


class ReasonMissing(InvalidInput):
    """Give the reason: it stays with the decision for good."""

    def __init__(self) -> None:
        super().__init__(fields={"reason": "Enter the reason"})


class BoardNameTaken(InvalidInput):
    """Another board has this name. Choose a different one."""

    def __init__(self) -> None:
        super().__init__(fields={"name": "Another board has this name. Choose a different one"})


class AlreadyOnBoard(Conflict):
    """This person sits on the board already."""


class SeatHasEnded(Conflict):
    """This seat has ended already."""


class OtherProgramme(Conflict):
    """This board belongs to another programme than the proposal. Choose a board of the proposal's own programme."""


class NotAPartner(Conflict):
    """This person works for no agency that takes part in the board's programme."""


class AreaIsInForce(Conflict):
    """The area of this board is in force, so it needs no successor."""
