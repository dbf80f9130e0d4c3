"""Fair shares of a proposal: asked for, and its cash by year as a file."""

from flask import Blueprint, Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from estate.people.permissions import Permission
from estate.proposals import fairness
from estate.proposals.cash import cash_frame, cash_of
from estate.proposals.errors import ProposalNotFound
from estate.proposals.models import RunStatus
from estate.web.access import requires, signed_in_identity
from estate.web.database import current_session
from estate.web.proposal_layers import write_outcomes
from estate.web.proposals import own_proposal
from estate.web.proposals_forms import CancelForm

blueprint = Blueprint("fairness", __name__)


@blueprint.post("/proposals/<int:proposal_id>/fairness")
@requires(Permission.START_PROPOSAL)
def start(proposal_id: int) -> AnyResponse:
    """Put the job that works out fair shares in the queue."""
    session = current_session()
    proposal = own_proposal(proposal_id, Permission.START_PROPOSAL)
    if CancelForm().validate_on_submit():
        fairness.start(session, proposal, actor=signed_in_identity().user_id)
        flash("Fair shares are being worked out. Reload this page in a minute.", "success")
    return redirect(url_for("proposals.show", proposal_id=proposal_id, _anchor="fairness"))


@blueprint.get("/proposals/<int:proposal_id>/cash.csv")
@requires(Permission.READ_PROPOSAL)
def download_cash(proposal_id: int) -> Response:
    """Every line of every agency by year, to the penny."""
    session, proposal = current_session(), own_proposal(proposal_id)
    if proposal.run_status is not RunStatus.FINISHED:
        raise ProposalNotFound("This proposal has no result yet.")
    answer = Response(write_outcomes(cash_frame(cash_of(session, proposal))), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=proposal-{proposal_id}-cash.csv"
    return answer
