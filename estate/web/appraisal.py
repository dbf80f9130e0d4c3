"""The appraisal of a proposal: its page, and the same as CSV and JSON."""

import json

from flask import Blueprint, Response, render_template

from estate.people.permissions import Permission
from estate.proposals.appraisal import Appraisal, appraisal_of
from estate.proposals.appraisal_files import document_of, lines_frame
from estate.proposals.errors import ProposalNotFound
from estate.proposals.models import Proposal, RunStatus
from estate.web.access import requires
from estate.web.database import current_session
from estate.web.proposal_appraisal import histogram, tornado_rows
from estate.web.proposal_layers import write_outcomes
from estate.web.proposals import own_proposal

blueprint = Blueprint("appraisal", __name__)


@blueprint.get("/proposals/<int:proposal_id>/appraisal")
@requires(Permission.READ_PROPOSAL)
def show(proposal_id: int) -> str:
    """What the plan is worth, what it may be worth, and what to survey next."""
    proposal = _finished(proposal_id, enters=True)
    found = appraisal_of(current_session(), proposal)
    return render_template(
        "proposals/appraisal.html",
        proposal=proposal,
        found=found,
        histogram=histogram(found.spread) if found else None,
        tornado=tornado_rows(found.swings) if found else [],
    )


@blueprint.get("/proposals/<int:proposal_id>/appraisal.csv")
@requires(Permission.READ_PROPOSAL)
def download(proposal_id: int) -> Response:
    """Every line by year, to the penny."""
    answer = Response(write_outcomes(lines_frame(_appraised(proposal_id))), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=proposal-{proposal_id}-appraisal.csv"
    return answer


@blueprint.get("/proposals/<int:proposal_id>/appraisal.json")
@requires(Permission.READ_PROPOSAL)
def document(proposal_id: int) -> Response:
    """All of it, for programs."""
    text = json.dumps(document_of(_appraised(proposal_id)), default=str, ensure_ascii=False)
    return Response(text, mimetype="application/json")


def _finished(proposal_id: int, *, enters: bool = False) -> Proposal:
    proposal = own_proposal(proposal_id, enters=enters)
    if proposal.run_status is not RunStatus.FINISHED:
        raise ProposalNotFound("This proposal has no result yet.")
    return proposal


def _appraised(proposal_id: int) -> Appraisal:
    found = appraisal_of(current_session(), _finished(proposal_id))
    if found is None:
        raise ProposalNotFound("This proposal changes nothing, so there is nothing to appraise.")
    return found
