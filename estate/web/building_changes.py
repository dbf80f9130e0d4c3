"""Writing the register: adding, changing and retiring buildings."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.people.permissions import Permission
from estate.register.changes import add_building, change_building, location_of, retire_building
from estate.register.models import Building
from estate.register.queries import get_building
from estate.web.access import requires, signed_in_identity
from estate.web.buildings_forms import BuildingForm, NewBuildingForm, RetireForm
from estate.web.database import current_session
from estate.web.editing import Trouble, require_own, save
from estate.web.merging import merge_page, save_merged

blueprint = Blueprint("building_changes", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/buildings/new")
@requires(Permission.ADD_BUILDING)
def add() -> Answer:
    """An empty form."""
    form = NewBuildingForm()
    form.fill_choices(current_session(), signed_in_identity())
    return render_template("buildings/new.html", form=form)


@blueprint.post("/buildings/new")
@requires(Permission.ADD_BUILDING)
def create() -> Answer:
    """Add the building."""
    form, session, identity = NewBuildingForm(), current_session(), signed_in_identity()
    form.fill_choices(session, identity)
    made: list[Building] = []
    status = 422
    if form.validate_on_submit():
        trouble = save(
            form,
            None,
            lambda: made.append(
                add_building(session, actor=identity.user_id, reason=form.reason.data or "", **form.values())
            ),
        )
        if trouble is None:
            flash(f"{made[0].name} is in the register.", "success")
            return redirect(url_for("buildings.show", building_id=made[0].id))
        status = trouble.status
    return render_template("buildings/new.html", form=form), status


@blueprint.get("/buildings/<int:building_id>/edit")
@requires(Permission.EDIT_BUILDING)
def edit(building_id: int) -> Answer:
    """The building's facts in a form."""
    building = _own_building(building_id)
    fields = {name: getattr(building, name, None) for name in BuildingForm().data}
    form = BuildingForm(data={**fields, **location_of(building)})
    form.fill_choices(current_session())
    return _edit_page(form, building, None)


@blueprint.post("/buildings/<int:building_id>/edit")
@requires(Permission.EDIT_BUILDING)
def change(building_id: int) -> Answer:
    """Store what changed."""
    building, form, session = _own_building(building_id), BuildingForm(), current_session()
    form.fill_choices(session)
    if not form.validate_on_submit():
        return _edit_page(form, building, Trouble(422))
    trouble = save_merged(form, building, lambda **told: change_building(session, building, **told))
    if trouble:
        return _edit_page(form, building, trouble)
    flash("The change is saved.", "success")
    return redirect(url_for("buildings.show", building_id=building_id))


@blueprint.get("/buildings/<int:building_id>/retire")
@requires(Permission.EDIT_BUILDING)
def retire(building_id: int) -> Answer:
    """Ask why the record is wrong."""
    building = _own_building(building_id)
    return _retire_page(RetireForm(data={"version": building.version}), building, None)


@blueprint.post("/buildings/<int:building_id>/retire")
@requires(Permission.EDIT_BUILDING)
def confirm_retire(building_id: int) -> Answer:
    """Take the record out of use."""
    building, form, session = _own_building(building_id), RetireForm(), current_session()
    if not form.validate_on_submit():
        return _retire_page(form, building, Trouble(422))
    actor, reason, version = signed_in_identity().user_id, form.reason.data or "", form.version.data or 0
    trouble = save(
        form, building, lambda: retire_building(session, building, version=version, actor=actor, reason=reason)
    )
    if trouble:
        return _retire_page(form, building, trouble)
    flash(f"The record of {building.name} is retired.", "success")
    return redirect(url_for("buildings.show", building_id=building_id))


def _own_building(building_id: int) -> Building:
    building = get_building(current_session(), building_id)
    require_own(building)
    return building


def _edit_page(form: BuildingForm, building: Building, trouble: Trouble | None) -> Answer:
    if trouble and trouble.merge:
        here = url_for("building_changes.change", building_id=building.id)
        return merge_page(form, building, trouble.merge, title=building.name, building=building, action=here)
    page = render_template("buildings/edit.html", form=form, building=building, trouble=trouble)
    return (page, trouble.status) if trouble else page


def _retire_page(form: RetireForm, building: Building, trouble: Trouble | None) -> Answer:
    page = render_template("buildings/retire.html", form=form, building=building, trouble=trouble)
    return (page, trouble.status) if trouble else page
