"""Proposals: the list, starting a run, watching it, and its result with map, tables and files."""

from datetime import UTC, datetime

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from estate.errors import InvalidInput
from estate.gis.models import Area
from estate.people.permissions import Permission, can
from estate.proposals import queries, runs
from estate.proposals.departures import departures_of
from estate.proposals.errors import ProposalNotFound
from estate.proposals.models import Proposal, RunStatus
from estate.proposals.reference import reference_on
from estate.web.access import current_identity, requires, signed_in_identity
from estate.web.database import current_session
from estate.web.map_documents import map_assets, map_caption, map_response
from estate.web.programmes import current_programme, current_programme_id, enter, needed_programme
from estate.web.proposal_fairness import money_of
from estate.web.proposal_layers import proposal_map, write_outcomes
from estate.web.proposal_results import result_of
from estate.web.proposals_forms import CancelForm, ProposalForm, defaults_of
from estate.web.proposals_told import told_defaults

blueprint = Blueprint("proposals", __name__)

Answer = str | AnyResponse | tuple[str, int]
PAGE_SIZE = 25


@blueprint.get("/proposals")
@requires(Permission.READ_PROPOSAL)
def index() -> str:
    """The programme's proposals, newest first."""
    session = current_session()
    programme_id = current_programme_id()
    count = queries.count_proposals(session, programme_id)
    page_count = max(1, -(-count // PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), page_count)
    found = queries.list_proposals(session, programme_id, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return render_template(
        "proposals/index.html",
        proposals=found,
        departures=departures_of(session, found),
        paging={"page": page, "page_count": page_count},
        count=count,
    )


@blueprint.get("/proposals/new")
@requires(Permission.START_PROPOSAL)
def new() -> str:
    """The form with the dated assumptions in it."""
    session = current_session()
    programme = current_programme()
    defaults = defaults_of(reference_on(session, datetime.now(UTC).date()), programme)
    again = again_of(request.args.get("again", type=int))
    if again is not None:
        defaults |= told_defaults(again, request.args.getlist("decisions"))
    form = ProposalForm(data=defaults)
    form.fill_choices(session, programme, again)
    return render_template("proposals/new.html", form=form)


@blueprint.post("/proposals/new")
@requires(Permission.START_PROPOSAL)
def create() -> Answer:
    """Put the run and its job in the queue."""
    form, session, programme = ProposalForm(), current_session(), needed_programme()
    form.fill_choices(session, programme, again_of(form.again.data))
    if form.validate_on_submit():
        try:
            proposal = runs.start(
                session,
                actor=signed_in_identity().user_id,
                area=session.get_one(Area, form.area_id.data),
                options=form.options(),
                name=form.name.data or "",
                programme=programme,
            )
            return redirect(url_for("proposals.show", proposal_id=proposal.id))
        except InvalidInput as error:
            form.add_errors(error.fields)
    return render_template("proposals/new.html", form=form), 422


@blueprint.get("/proposals/<int:proposal_id>")
@requires(Permission.READ_PROPOSAL)
def show(proposal_id: int) -> str:
    """How far the run is, or what it found."""
    session, proposal = current_session(), own_proposal(proposal_id, enters=True)
    departures = departures_of(session, [proposal]).get(proposal.id, [])
    if proposal.run_status is not RunStatus.FINISHED:
        page = {"is_at_work": proposal.is_at_work, "departures": departures}
        return render_template("proposals/progress.html", proposal=proposal, **page)
    return render_template(
        "proposals/show.html",
        proposal=proposal,
        summary=proposal.summary,
        result=result_of(session, proposal),
        money=money_of(session, proposal),
        departures=departures,
    )


@blueprint.get("/proposals/<int:proposal_id>/progress")
@requires(Permission.READ_PROPOSAL)
def progress(proposal_id: int) -> Response:
    """How far the run is, for the page's script."""
    proposal = own_proposal(proposal_id)
    return jsonify(
        is_at_work=proposal.is_at_work,
        percent=round(proposal.progress * 100),
        message=proposal.message or "",
    )


@blueprint.post("/proposals/<int:proposal_id>/cancel")
@requires(Permission.START_PROPOSAL)
def cancel(proposal_id: int) -> AnyResponse:
    """Stop the run; the best plan so far is kept."""
    session = current_session()
    proposal = own_proposal(proposal_id, Permission.START_PROPOSAL)
    if CancelForm().validate_on_submit():
        runs.cancel(session, proposal, actor=signed_in_identity().user_id)
        flash("The run is being stopped. The best plan found so far is kept.", "success")
    return redirect(url_for("proposals.show", proposal_id=proposal_id))


@blueprint.get("/proposals/<int:proposal_id>/frame")
@requires(Permission.READ_PROPOSAL)
def frame(proposal_id: int) -> Response:
    """The map as a document of its own."""
    proposal, assets = _finished(proposal_id), map_assets()
    caption = map_caption(proposal.name, f"Proposal {proposal.id}. Straight lines, not routes")
    return map_response(proposal_map(current_session(), proposal, caption, assets), assets)


@blueprint.get("/proposals/<int:proposal_id>/buildings.csv")
@requires(Permission.READ_PROPOSAL)
def download_buildings(proposal_id: int) -> Response:
    """The table of buildings."""
    return _file(
        write_outcomes(queries.outcomes_frame(current_session(), _finished(proposal_id))), proposal_id, "buildings"
    )


@blueprint.get("/proposals/<int:proposal_id>/moves.csv")
@requires(Permission.READ_PROPOSAL)
def download_moves(proposal_id: int) -> Response:
    """The table of moves."""
    return _file(write_outcomes(queries.moves_frame(current_session(), _finished(proposal_id))), proposal_id, "moves")


@blueprint.get("/proposals/<int:proposal_id>/agencies.csv")
@requires(Permission.READ_PROPOSAL)
def download_agencies(proposal_id: int) -> Response:
    """The table of agencies, to the penny."""
    frame = queries.positions_frame(current_session(), _finished(proposal_id))
    return _file(write_outcomes(frame), proposal_id, "agencies")


def own_proposal(
    proposal_id: int, permission: Permission = Permission.READ_PROPOSAL, *, enters: bool = False
) -> Proposal:
    """The proposal, where the user takes part in its programme; with `enters`, they work in that one from here on.

    Raises `ProposalNotFound` for everybody else.
    """
    proposal = queries.get_proposal(current_session(), proposal_id)
    if not can(current_identity(), permission, proposal):
        raise ProposalNotFound
    if enters:
        enter(proposal.programme_id)
    return proposal


def again_of(proposal_id: int | None) -> Proposal | None:
    """The proposal to run again; None where none was named. Raises `ProposalNotFound` as `own_proposal` does."""
    return None if proposal_id is None else own_proposal(proposal_id)


def _finished(proposal_id: int) -> Proposal:
    proposal = own_proposal(proposal_id)
    if proposal.run_status is not RunStatus.FINISHED:
        raise ProposalNotFound("This proposal has no result yet.")
    return proposal


def _file(text: str, proposal_id: int, kind: str) -> Response:
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=proposal-{proposal_id}-{kind}.csv"
    return answer
