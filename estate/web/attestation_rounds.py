"""Opening, changing and closing a round, for administrators."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.people.permissions import Permission
from estate.register.attestation.progress import agency_progress, whole_progress
from estate.register.attestation.rounds import change_round, close_round, get_round, open_round, require_open_round
from estate.register.models import AttestationRound
from estate.web.access import requires, signed_in_identity
from estate.web.as_at import today
from estate.web.attestation_forms import CloseForm, NewRoundForm, RoundForm
from estate.web.database import current_session
from estate.web.editing import Trouble, save
from estate.web.filters import day

blueprint = Blueprint("rounds", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/new")
@requires(Permission.ADMINISTER)
def new() -> Answer:
    """The form for a new round."""
    return render_template("attestation/new.html", form=NewRoundForm())


@blueprint.post("/new")
@requires(Permission.ADMINISTER)
def create() -> Answer:
    """Open the round."""
    form, session = NewRoundForm(), current_session()
    actor, made = signed_in_identity().user_id, []
    trouble: Trouble | None = Trouble(422)
    if form.validate_on_submit():
        told: dict[str, Any] = {"name": form.name.data or "", "deadline_on": form.deadline_on.data, "today": today()}
        trouble = save(form, None, lambda: made.append(open_round(session, actor=actor, **told)))
    if trouble:
        return render_template("attestation/new.html", form=form), trouble.status
    flash(f"The round {made[0].name} is open until {day(made[0].deadline_on)}.", "success")
    return redirect(url_for("attestation.show", round_id=made[0].id))


@blueprint.get("/<int:round_id>/edit")
@requires(Permission.ADMINISTER)
def edit(round_id: int) -> Answer:
    """The round in a form."""
    found = _open(round_id)
    return _page("attestation/edit.html", RoundForm(obj=found), found, None)


@blueprint.post("/<int:round_id>/edit")
@requires(Permission.ADMINISTER)
def change(round_id: int) -> Answer:
    """Store another name or deadline."""
    found, form, session = _open(round_id), RoundForm(), current_session()
    if not form.validate_on_submit():
        return _page("attestation/edit.html", form, found, Trouble(422))
    told = {"version": form.version.data or 0, "reason": form.reason.data or "", "today": today(), **form.values()}
    actor = signed_in_identity().user_id
    trouble = save(form, found, lambda: change_round(session, found, actor=actor, **told))
    if trouble:
        return _page("attestation/edit.html", form, found, trouble)
    flash("The change is saved.", "success")
    return redirect(url_for("attestation.show", round_id=round_id))


@blueprint.get("/<int:round_id>/close")
@requires(Permission.ADMINISTER)
def ask_to_close(round_id: int) -> Answer:
    """What closing does, and why it is done."""
    found = _open(round_id)
    return _page("attestation/close.html", CloseForm(data={"version": found.version}), found, None)


@blueprint.post("/<int:round_id>/close")
@requires(Permission.ADMINISTER)
def close(round_id: int) -> Answer:
    """Close the round."""
    found, form, session = _open(round_id), CloseForm(), current_session()
    if not form.validate_on_submit():
        return _page("attestation/close.html", form, found, Trouble(422))
    told: dict[str, Any] = {"version": form.version.data or 0, "reason": form.reason.data or ""}
    actor = signed_in_identity().user_id
    trouble = save(form, found, lambda: close_round(session, found, actor=actor, **told))
    if trouble:
        return _page("attestation/close.html", form, found, trouble)
    flash(f"The round {found.name} is closed. Its figures are kept.", "success")
    return redirect(url_for("attestation.show", round_id=round_id))


def _open(round_id: int) -> AttestationRound:
    found = get_round(current_session(), round_id)
    require_open_round(found)
    return found


def _page(template: str, form: RoundForm | CloseForm, found: AttestationRound, trouble: Trouble | None) -> Answer:
    whole = whole_progress(agency_progress(current_session(), found))
    page = render_template(template, form=form, found=found, whole=whole, trouble=trouble)
    return (page, trouble.status) if trouble else page
