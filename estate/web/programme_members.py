"""One stay of an agency in a programme: what it touches, stepping back with a preview, taking that back."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.board.stepping_back import Consequences, consequences_of, step_back, take_back
from estate.errors import InvalidInput
from estate.people.permissions import Permission
from estate.people.programme_members import get_stay
from estate.people.programme_models import ProgrammeMember
from estate.people.programmes import get_programme, today_of
from estate.web.access import requires, signed_in_identity
from estate.web.database import current_session
from estate.web.filters import day
from estate.web.programmes_forms import StayForm, StepBackForm

blueprint = Blueprint("programme_members", __name__, url_prefix="/programmes/<int:programme_id>/members")

Answer = str | Response | tuple[str, int]


@blueprint.get("/<int:stay_id>")
@requires(Permission.ADMINISTER)
def show(programme_id: int, stay_id: int) -> Answer:
    """The stay, what it touches, and the form to step back or to take that back."""
    stay = _stay(programme_id, stay_id)
    return _page(stay, StepBackForm())


@blueprint.post("/<int:stay_id>/step-back")
@requires(Permission.ADMINISTER)
def leave(programme_id: int, stay_id: int) -> Answer:
    """Show what will happen; once that is confirmed, let the agency step back."""
    session, form, stay = current_session(), StepBackForm(), _stay(programme_id, stay_id)
    if not form.validate_on_submit():
        return _page(stay, form), 422
    left_on: date = form.left_on.data  # type: ignore[assignment]
    try:
        if form.is_confirmed.data != "yes":
            return _page(stay, form, consequences_of(session, stay, left_on))
        actor, reason = signed_in_identity().user_id, form.left_reason.data or ""
        step_back(session, stay, left_on=left_on, reason=reason, actor=actor)
    except InvalidInput as error:
        form.add_errors(error.fields)
        return _page(stay, form), 422
    flash(f"{stay.agency.name} steps back from {stay.programme.name} on {day(left_on)}.", "success")
    return _back_to(stay)


@blueprint.post("/<int:stay_id>/stay")
@requires(Permission.ADMINISTER)
def keep(programme_id: int, stay_id: int) -> Answer:
    """Let the agency stay after all."""
    session, form, stay = current_session(), StayForm(), _stay(programme_id, stay_id)
    if not form.validate_on_submit():
        return _page(stay, StepBackForm(formdata=None), stay_form=form), 422
    take_back(session, stay, reason=form.stay_reason.data or "", actor=signed_in_identity().user_id)
    flash(f"{stay.agency.name} stays in {stay.programme.name}.", "success")
    return _back_to(stay)


def _stay(programme_id: int, stay_id: int) -> ProgrammeMember:
    session = current_session()
    return get_stay(session, get_programme(session, programme_id), stay_id)


def _back_to(stay: ProgrammeMember) -> Response:
    return redirect(url_for("administration.programme_members.show", programme_id=stay.programme_id, stay_id=stay.id))


def _page(
    stay: ProgrammeMember,
    form: StepBackForm,
    preview: Consequences | None = None,
    *,
    stay_form: StayForm | None = None,
) -> str:
    """The page; with `preview`, it asks to confirm. `touched` is what the stay touches today."""
    session = current_session()
    today = today_of(session)
    touched = preview or consequences_of(session, stay, stay.left_on or _next_day(stay, today))
    if preview:
        form.is_confirmed.data = "yes"
    return render_template(
        "administration/programme_member.html",
        stay=stay,
        form=form,
        stay_form=stay_form or StayForm(formdata=None),
        preview=preview,
        touched=touched,
        today=today,
    )


def _next_day(stay: ProgrammeMember, today: date) -> date:
    """The first day on which the agency could step back."""
    earliest = date.fromordinal(stay.joined_on.toordinal() + 1) if stay.joined_on else today
    return max(today, earliest)
