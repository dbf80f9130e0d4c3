"""Who may see a building: what the levels mean, and its agency's asset manager setting one."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from estate.people.permissions import Permission
from estate.register.filters import BuildingFilters
from estate.register.models import Building, Sensitivity
from estate.register.queries import get_building
from estate.register.seen import viewer_of
from estate.register.sensitivity import change_sensitivity, levels_by_field, list_field_levels, list_stubs
from estate.web.access import requires, signed_in_identity
from estate.web.as_at import as_at
from estate.web.database import current_session
from estate.web.editing import Trouble, require_own, save
from estate.web.filters import counted
from estate.web.programmes import known_agency_ids
from estate.web.sensitivity_forms import LEVELS, SensitivityForm

blueprint = Blueprint("sensitivity", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/levels")
@requires(Permission.READ_REGISTER)
def levels() -> str:
    """What each level means, and which fields have which."""
    return render_template("sensitivity/levels.html", levels=LEVELS, fields=list_field_levels(current_session()))


@blueprint.get("/buildings/<int:building_id>/level")
@requires(Permission.SET_SENSITIVITY)
def edit(building_id: int) -> Answer:
    """The level as it is, with a form for another."""
    building = _own_building(building_id)
    return _page(SensitivityForm(data={"version": building.version, "level": building.sensitivity}), building, None)


@blueprint.post("/buildings/<int:building_id>/level")
@requires(Permission.SET_SENSITIVITY)
def change(building_id: int) -> Answer:
    """Store the level."""
    building, form, session = _own_building(building_id), SensitivityForm(), current_session()
    if not form.validate_on_submit():
        return _page(form, building, Trouble(422))
    said: dict[str, Any] = {"actor": signed_in_identity().user_id, "reason": form.reason.data or ""}
    version = form.version.data or 0
    trouble = save(
        form, building, lambda: change_sensitivity(session, building, form.level.data, version=version, **said)
    )
    if trouble:
        return _page(form, building, trouble)
    flash(f"From now on: {LEVELS[form.level.data].who}.", "success")
    return redirect(url_for("buildings.show", building_id=building_id))


def restricted_note(filters: BuildingFilters | None = None) -> str:
    """How many restricted buildings of other agencies no figure of this page counts; empty where that may not be said.

    Secret ones are never counted, and under a filter nothing is said: it would tell what is restricted.
    """
    count = 0 if as_at() else len(list_stubs(current_session(), filters, known_agency_ids()))
    if not count:
        return ""
    is_or_are = "is" if count == 1 else "are"
    return f"{counted(count, 'restricted building')} of other agencies {is_or_are} not in these figures."


def is_withheld(code: str, *agency_ids: int) -> bool:
    """True where other agencies keep this field to themselves, so that its being unknown says nothing. For templates.

    A secret field is not even said to be withheld.
    """
    if "field_levels" not in g:
        g.field_levels = levels_by_field(current_session())
    viewer = viewer_of(current_session())
    own = viewer.agency_ids if viewer else frozenset()
    return g.field_levels[code] is Sensitivity.OWNER and not own & set(agency_ids)


def _own_building(building_id: int) -> Building:
    building = get_building(current_session(), building_id)
    require_own(building, Permission.SET_SENSITIVITY)
    if building.retired_at is not None:
        raise NotFound
    return building


def _page(form: SensitivityForm, building: Building, trouble: Trouble | None) -> Answer:
    page = render_template("sensitivity/edit.html", form=form, building=building, trouble=trouble, levels=LEVELS)
    return (page, trouble.status) if trouble else page
