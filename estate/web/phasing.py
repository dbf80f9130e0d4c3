"""The order of a proposal's moves: asked for, shown as a Gantt chart and a cash curve, and as a file."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from pandas import DataFrame
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import NumberRange, Optional

from estate.appraise.phasing import PhasingLimits
from estate.people.permissions import Permission
from estate.proposals import phasing
from estate.proposals.errors import OrderUnknown, ProposalNotFound
from estate.proposals.models import RunStatus
from estate.web.access import requires, signed_in_identity
from estate.web.database import current_session
from estate.web.form_fields import AmountField, WholeNumberField
from estate.web.forms import Form
from estate.web.proposal_layers import write_outcomes
from estate.web.proposal_phasing import cash_chart, gantt
from estate.web.proposals import own_proposal

blueprint = Blueprint("phasing", __name__)


class PhasingForm(Form):
    """What can be done in a year."""

    moves_per_year = WholeNumberField(
        "Teams that can be moved in a year",
        [Optional(), NumberRange(1, 100_000, "Enter a number of teams from 1 to 100,000")],
        description="Empty: as many as is best",
        render_kw={"width": 5},
    )
    capital_per_year = AmountField(
        "Most that can be paid in a year",
        [Optional(), NumberRange(0, None, "Enter an amount of 0 or more")],
        description="For moves, fit-out and rent that stays due. Empty: as much as is best",
        render_kw={"prefix": "£", "width": 10},
    )

    def limits(self) -> PhasingLimits:
        """The limits that were typed."""
        capital = self.capital_per_year.data
        return PhasingLimits(self.moves_per_year.data, None if capital is None else float(capital))


@blueprint.get("/proposals/<int:proposal_id>/phasing")
@requires(Permission.READ_PROPOSAL)
def show(proposal_id: int) -> str:
    """When each building is emptied, and who pays when."""
    return _page(proposal_id, PhasingForm())


@blueprint.post("/proposals/<int:proposal_id>/phasing")
@requires(Permission.START_PROPOSAL)
def start(proposal_id: int) -> AnyResponse | tuple[str, int]:
    """Put the job that orders the moves in the queue."""
    proposal, form = own_proposal(proposal_id, Permission.START_PROPOSAL), PhasingForm()
    if not form.validate_on_submit():
        return _page(proposal_id, form), 422
    phasing.start(current_session(), proposal, form.limits(), actor=signed_in_identity().user_id)
    flash("The order of moves is being worked out. Reload this page in a minute.", "success")
    return redirect(url_for("phasing.show", proposal_id=proposal_id))


@blueprint.get("/proposals/<int:proposal_id>/phasing.csv")
@requires(Permission.READ_PROPOSAL)
def download(proposal_id: int) -> Response:
    """Every line of every agency by year, to the penny."""
    found = phasing.phasing_of(current_session(), own_proposal(proposal_id))
    if found is None or found.whole is None:
        raise OrderUnknown
    rows = [
        (name, label, *amounts)
        for name, each in [*found.curves, ("All together", found.whole)]
        for label, amounts in [*((line.name, line.by_year) for line in each.lines), ("Sum", each.by_year)]
    ]
    columns = ["agency", "line", *(f"year_{year}" for year in range(len(found.whole.by_year)))]
    answer = Response(write_outcomes(DataFrame(rows, columns=columns)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=proposal-{proposal_id}-phasing.csv"
    return answer


def _page(proposal_id: int, form: PhasingForm) -> str:
    proposal = own_proposal(proposal_id, enters=True)
    if proposal.run_status is not RunStatus.FINISHED:
        raise ProposalNotFound("This proposal has no result yet.")
    found = phasing.phasing_of(current_session(), proposal)
    return render_template(
        "proposals/phasing.html",
        proposal=proposal,
        found=found,
        form=form,
        gantt=gantt(found) if found and found.whole else [],
        chart=cash_chart(found.whole) if found and found.whole else None,
    )
