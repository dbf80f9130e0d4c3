"""Choosing which value a building shows in one field, and letting its records decide again."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estate.errors import Conflict, InvalidInput
from estate.people.permissions import Permission, can
from estate.register.matches.members import building_id_of, shown_buildings
from estate.register.matches.overrides import choose_value, get_choice, owners_of, past_choices, take_back
from estate.register.matches.said import Field
from estate.register.matches.why import Why, why_one
from estate.register.models import Building
from estate.register.queries import get_building
from estate.web.access import current_identity, requires, signed_in_identity
from estate.web.building_values_forms import ANOTHER, TakeBackForm, choice_form, given_value
from estate.web.database import current_session
from estate.web.match_words import field_label, says_words

blueprint = Blueprint("building_values", __name__)

Answer = str | Response | tuple[str, int]
CONFLICTS = "conflicts"


@blueprint.get("/buildings/<int:building_id>/values/<field>")
@requires(Permission.CHOOSE_VALUE)
def choose(building_id: int, field: str) -> Answer:
    """What each record says of the field, and what the building is to show."""
    story, asked = _own_field(building_id, field)
    form = choice_form(asked, current_session())
    form.seen.data = asked.choice.id if asked.choice else None
    form.back.data = request.args.get("back", "")
    return _page(story, asked, form)


@blueprint.post("/buildings/<int:building_id>/values/<field>")
@requires(Permission.CHOOSE_VALUE)
def store(building_id: int, field: str) -> Answer:
    """Let the building show the value."""
    session = current_session()
    story, asked = _own_field(building_id, field)
    form = choice_form(asked, session)
    if not form.validate_on_submit():
        return _page(story, asked, form), 422
    told: dict[str, Any] = {"actor": signed_in_identity().user_id, "reason": form.reason.data, "seen": form.seen.data}
    try:
        choose_value(session, story.records[0], field, given_value(form, field), **told)
    except InvalidInput as error:
        form.add_errors(
            {ANOTHER if name == field else name: text for name, text in (error.fields or {"": error.message}).items()}
        )
        return _page(story, asked, form), 422
    except Conflict as error:
        session.rollback()
        form.add_errors({"": error.message})
        return _again(building_id, field, form), 409
    flash(f"{field_label(field)}: the building shows what you chose.", "success")
    return _leave(story.building_id, form.back.data)


@blueprint.post("/values/<int:choice_id>/take-back")
@requires(Permission.CHOOSE_VALUE)
def give_back(choice_id: int) -> Answer:
    """Let the records decide again."""
    session, form = current_session(), TakeBackForm()
    choice = get_choice(session, choice_id)
    _require_own(session, choice.building)
    form.validate_on_submit()
    take_back(session, choice, actor=signed_in_identity().user_id, reason=form.reason.data or "")
    flash(f"{field_label(choice.field)}: the records decide again.", "success")
    return _leave(building_id_of(choice.building), form.back.data)


def may_choose(building: Building) -> bool:
    """True when the signed-in user may choose what this building shows."""
    return can(current_identity(), Permission.CHOOSE_VALUE, owners_of(current_session(), building))


def _own_field(building_id: int, name: str) -> tuple[Why, Field]:
    session = current_session()
    building = get_building(session, building_id)
    _require_own(session, building)
    story = why_one(session, building)
    asked = next((field for field in story.fields if field.name == name), None)
    if asked is None or story.records[0].retired_at is not None:
        raise NotFound
    return story, asked


def _require_own(session: Session, building: Building) -> None:
    """Answer 404 unless the signed-in user works for an agency of the building: for others there is no such page."""
    if not can(current_identity(), Permission.CHOOSE_VALUE, owners_of(session, building)):
        raise NotFound


def _again(building_id: int, field: str, form: Any) -> str:
    """The page as things are by now, with what was typed."""
    story, asked = _own_field(building_id, field)
    form.seen.data, form.seen.raw_data = (asked.choice.id if asked.choice else None), None
    return _page(story, asked, form)


def _page(story: Why, field: Field, form: Any) -> str:
    session = current_session()
    return render_template(
        "buildings/value.html",
        building=shown_buildings(session, [get_building(session, story.building_id)])[0],
        field=field,
        form=form,
        another=ANOTHER,
        take_back_form=TakeBackForm(formdata=None),
        past=past_choices(session, [record.id for record in story.records], field.name),
        **says_words(),
    )


def _leave(building_id: int, back: str | None) -> Response:
    if back == CONFLICTS:
        return redirect(url_for("matches.conflicts"))
    return redirect(url_for("buildings.show", building_id=building_id, _anchor="says"))
