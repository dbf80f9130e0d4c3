"""One decision: the evidence, the votes, and the forms that vote, decide and withdraw."""

import json

from flask import Blueprint, Response, flash, redirect, render_template, url_for

from estate.board.boards import list_seats
from estate.board.decisions import cast_vote, decide, find_vote, get_decision, tally, withdraw
from estate.board.errors import AgainstTheVotes, NobodyVoted, NoSuchDecision
from estate.board.evidence import Evidence
from estate.board.models import Decision, DecisionStatus, VoteChoice
from estate.board.snapshots import changes_since, is_intact
from estate.people.permissions import Permission, can, require
from estate.proposals.departures import departures_of
from estate.web.access import current_identity, requires, signed_in_identity
from estate.web.boards_forms import DecideForm, VoteForm, WithdrawForm
from estate.web.database import current_session
from estate.web.forms import Form
from estate.web.programmes import enter

blueprint = Blueprint("decisions", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/decisions/<int:decision_id>")
@requires(Permission.READ_BOARD)
def show(decision_id: int) -> Answer:
    """The evidence as it was pinned, what changed since, and the votes."""
    decision = own_decision(decision_id)
    enter(decision.programme_id)
    return _show(decision)


@blueprint.get("/decisions/<int:decision_id>/evidence.json")
@requires(Permission.READ_BOARD)
def evidence(decision_id: int) -> Response:
    """The pinned evidence itself, to keep or to check against its fingerprint."""
    decision = own_decision(decision_id)
    answer = Response(json.dumps(decision.snapshot, ensure_ascii=False, indent=1), mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=decision-{decision.id}-evidence.json"
    return answer


@blueprint.post("/decisions/<int:decision_id>/vote")
@requires(Permission.VOTE)
def vote(decision_id: int) -> Answer:
    """Cast one's vote."""
    session, identity, form = current_session(), signed_in_identity(), VoteForm()
    decision = own_decision(decision_id)
    require(identity, Permission.VOTE, decision)
    if not form.validate_on_submit():
        return _show(decision, vote_form=form), 422
    choice = VoteChoice(form.choice.data)
    cast_vote(session, decision, actor=identity.user_id, choice=choice, reason=form.vote_reason.data or "")
    flash(f"Your vote is cast: {choice.value}.", "success")
    return _back_to(decision)


@blueprint.post("/decisions/<int:decision_id>/decide")
@requires(Permission.DECIDE)
def settle(decision_id: int) -> Answer:
    """Record the board's decision, as its chair."""
    session, identity, form = current_session(), signed_in_identity(), DecideForm()
    decision = own_decision(decision_id)
    require(identity, Permission.DECIDE, decision)
    if not form.validate_on_submit():
        return _show(decision, decide_form=form), 422
    approve = form.outcome.data == "approve"
    try:
        decide(session, decision, actor=identity.user_id, approve=approve, reason=form.decision_reason.data or "")
    except (NobodyVoted, AgainstTheVotes) as error:
        form.add_errors({"outcome": error.message})
        return _show(decision, decide_form=form), 409
    flash(f"The proposal is {decision.status.value}.", "success")
    return _back_to(decision)


@blueprint.post("/decisions/<int:decision_id>/withdraw")
@requires(Permission.WITHDRAW_PROPOSAL)
def take_back(decision_id: int) -> Answer:
    """Withdraw the proposal before it is decided."""
    session, identity, form = current_session(), signed_in_identity(), WithdrawForm()
    decision = own_decision(decision_id)
    require(identity, Permission.WITHDRAW_PROPOSAL, decision)
    if not form.validate_on_submit():
        return _show(decision, withdraw_form=form), 422
    withdraw(session, decision, actor=identity.user_id, reason=form.withdraw_reason.data or "")
    flash("The proposal is withdrawn. It may be put to a board again.", "success")
    return _back_to(decision)


def own_decision(decision_id: int) -> Decision:
    """The decision, where the user takes part in its programme. Raises `NoSuchDecision` for everybody else."""
    decision = get_decision(current_session(), decision_id)
    if not can(current_identity(), Permission.READ_BOARD, decision):
        raise NoSuchDecision
    return decision


def _back_to(decision: Decision) -> Response:
    return redirect(url_for("boards.decisions.show", decision_id=decision.id))  # type: ignore[return-value]


def _show(decision: Decision, **forms: Form) -> str:
    """The page, with the form that was sent and is wrong in place of an empty one."""
    session, identity = current_session(), signed_in_identity()
    is_open = decision.status is DecisionStatus.OPEN
    own_vote = find_vote(session, decision, identity.user_id)
    may_vote = is_open and own_vote is None and can(identity, Permission.VOTE, decision)
    may_decide = is_open and can(identity, Permission.DECIDE, decision)
    may_withdraw = is_open and can(identity, Permission.WITHDRAW_PROPOSAL, decision)
    return render_template(
        "boards/decision.html",
        decision=decision,
        is_open=is_open,
        evidence=Evidence(decision.snapshot),
        changes=changes_since(session, decision.snapshot),
        is_intact=is_intact(decision),
        tally=tally(session, decision),
        seat_count=len(list_seats(session, decision.board)),
        own_vote=own_vote,
        departures=departures_of(session, [decision.proposal]).get(decision.proposal_id, []),
        vote_form=forms.get("vote_form") or (VoteForm() if may_vote else None),
        decide_form=forms.get("decide_form") or (DecideForm() if may_decide else None),
        withdraw_form=forms.get("withdraw_form") or (WithdrawForm() if may_withdraw else None),
        wrong_form=next(iter(forms.values()), None),
    )
