"""What can keep a proposal from being made."""

from estate.errors import Conflict, EstateError, InvalidInput, NotFound


class ProposalNotFound(NotFound):
    """There is no such proposal."""


class AreaUnknown(NotFound):
    """There is no such area at this level today. Look at the list of areas, or load its boundaries."""


class LevelUnknown(InvalidInput):
    """There is no such boundary level."""


class LevelTooLarge(InvalidInput):
    """Moves must stay inside the area itself or inside areas of a smaller level."""


class OptionsInvalid(InvalidInput):
    """Some of the options of this proposal are out of range. See the message beside each field."""


class AssumptionMissing(EstateError):
    """A figure that the calculation needs is not among the assumptions. Ask an administrator to add it."""


class RunEnded(Conflict):
    """This run has ended already, so it can't be cancelled."""


class NothingToShare(Conflict):
    """There is no saving to share: the run has not finished, or its plan saves nothing once moves are paid."""


class SharingAtWork(Conflict):
    """The shares of this proposal are being worked out already. Reload the page in a minute."""


class ProblemNotKept(Conflict):
    """The problem of this proposal was not kept, so it can't be appraised. Start another for the same area."""


class NothingToPhase(Conflict):
    """There is nothing to put in order: the run has not finished, or its plan moves nobody."""


class PhasingAtWork(Conflict):
    """The order of this proposal's moves is being worked out already. Reload the page in a minute."""


class OrderUnknown(Conflict):
    """The order of this proposal's moves was not worked out yet. Ask for it on its page first."""
