"""Administering which fields other agencies may see."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.errors import InvalidInput
from estate.people.permissions import Permission
from estate.register.sensitivity import FieldLevel, change_field_level, get_field_level, list_field_levels
from estate.web.access import requires, signed_in_identity
from estate.web.database import current_session
from estate.web.sensitivity_forms import LEVELS, FieldLevelForm

blueprint = Blueprint("fields", __name__, url_prefix="/fields")

Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.ADMINISTER)
def index() -> Answer:
    """Every field that may be withheld, with its level today."""
    found = list_field_levels(current_session())
    return render_template("administration/fields.html", fields=found, levels=LEVELS, today=date.today())  # noqa: DTZ011


@blueprint.get("/<code>")
@requires(Permission.ADMINISTER)
def edit(code: str) -> Answer:
    """A field's levels, with a form for another."""
    found = get_field_level(current_session(), code)
    return _page(FieldLevelForm(data={"level": found.level, "valid_from": date.today()}), found)  # noqa: DTZ011


@blueprint.post("/<code>")
@requires(Permission.ADMINISTER)
def change(code: str) -> Answer:
    """Store the level from its day on."""
    form, session = FieldLevelForm(), current_session()
    found = get_field_level(session, code)
    if form.validate_on_submit():
        said: dict[str, Any] = {"valid_from": form.valid_from.data, "reason": form.reason.data or ""}
        try:
            change_field_level(session, code, form.level.data, actor=signed_in_identity().user_id, **said)
            flash(f"{found.field.title}: the new level is stored.", "success")
            return redirect(url_for("administration.fields.index"))
        except InvalidInput as error:
            form.add_errors(error.fields)
    return _page(form, found), 422


def _page(form: FieldLevelForm, found: FieldLevel) -> str:
    return render_template("administration/field.html", form=form, found=found, levels=LEVELS)
