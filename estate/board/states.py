"""The way of a proposal to a decision, as one table. Nothing outside this module changes `Proposal.status`."""

import enum

from sqlalchemy.orm import Session

from estate.board.errors import AlreadyDecided, AlreadySubmitted, IllegalTransition, NeverSubmitted, WasWithdrawn
from estate.proposals.models import Proposal, ProposalStatus


class Action(enum.Enum):
    """What can be done with a proposal on its way to a decision."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


TRANSITIONS: dict[tuple[ProposalStatus, Action], ProposalStatus] = {
    (ProposalStatus.DRAFT, Action.SUBMIT): ProposalStatus.SUBMITTED,
    (ProposalStatus.WITHDRAWN, Action.SUBMIT): ProposalStatus.SUBMITTED,
    (ProposalStatus.SUBMITTED, Action.APPROVE): ProposalStatus.APPROVED,
    (ProposalStatus.SUBMITTED, Action.REJECT): ProposalStatus.REJECTED,
    (ProposalStatus.SUBMITTED, Action.WITHDRAW): ProposalStatus.WITHDRAWN,
}
"""Every pair that is not here is refused. A withdrawn proposal may be put again; a decided one never."""

REFUSALS: dict[ProposalStatus, type[IllegalTransition]] = {
    ProposalStatus.DRAFT: NeverSubmitted,
    ProposalStatus.SUBMITTED: AlreadySubmitted,
    ProposalStatus.APPROVED: AlreadyDecided,
    ProposalStatus.REJECTED: AlreadyDecided,
    ProposalStatus.WITHDRAWN: WasWithdrawn,
}


def next_status(status: ProposalStatus, action: Action) -> ProposalStatus:
    """The status after `action`. Raises the refusal of `status` where the table has no such step."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise REFUSALS[status] from None


def may(status: ProposalStatus, action: Action) -> bool:
    """True when `action` is open to a proposal of this status."""
    return (status, action) in TRANSITIONS


def advance(session: Session, proposal: Proposal, action: Action) -> tuple[ProposalStatus, ProposalStatus]:
    """Take `proposal` one step on and give the status before and after.

    The row is locked and read anew first, so of two people who act at once the second meets what the first did.
    """
    session.flush()
    session.refresh(proposal, ["status"], with_for_update={"of": Proposal})
    before, after = proposal.status, next_status(proposal.status, action)
    proposal.status = after
    session.flush()
    return before, after
