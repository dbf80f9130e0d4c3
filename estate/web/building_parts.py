"""Writing what belongs to a building: its interests, teams, running costs and counts of people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.people.permissions import Permission
from estate.register import part_changes
from estate.register.models import Building, Interest, OccupancyObservation, Occupation, PlannedCost, RunningCost
from estate.register.queries import get_building
from estate.web.access import requires, signed_in_identity
from estate.web.buildings_forms import (
    CostChangeForm,
    CostForm,
    CountForm,
    EndForm,
    InterestForm,
    OccupationForm,
    PartForm,
    PlanChangeForm,
    PlanForm,
    RetireCountForm,
    current_financial_year,
)
from estate.web.database import current_session
from estate.web.editing import Trouble, require_own, save
from estate.web.forms import Form
from estate.web.merging import merge_page, save_merged

blueprint = Blueprint(
    "building_parts",
    __name__,
    url_prefix="/buildings/<int:building_id>/<any(interests, occupations, costs, budgets, counts):kind>",
)

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Kind:
    """One kind of part: its table, forms, services and words."""

    model: type[Any]
    form: type[PartForm]
    change_form: type[PartForm]
    add: Callable[..., Any]
    change: Callable[..., Any]
    noun: str
    ending: str = ""
    """Empty: such a part does not end."""
    end_form: type[Form] = EndForm
    end: Callable[..., Any] = part_changes.end_part


KINDS = {
    "interests": Kind(
        Interest,
        InterestForm,
        InterestForm,
        part_changes.add_interest,
        part_changes.change_interest,
        "interest",
        "The interest ended",
    ),
    "occupations": Kind(
        Occupation,
        OccupationForm,
        OccupationForm,
        part_changes.add_occupation,
        part_changes.change_occupation,
        "team",
        "The team left",
    ),
    "costs": Kind(
        RunningCost, CostForm, CostChangeForm, part_changes.add_cost, part_changes.change_cost, "running cost"
    ),
    "budgets": Kind(
        PlannedCost, PlanForm, PlanChangeForm, part_changes.add_plan, part_changes.change_plan, "budget or forecast"
    ),
    "counts": Kind(
        OccupancyObservation,
        CountForm,
        CountForm,
        part_changes.add_count,
        part_changes.change_count,
        "count of people",
        "Retire this count",
        RetireCountForm,
        part_changes.retire_count,
    ),
}


@blueprint.get("/new")
@requires(Permission.EDIT_BUILDING)
def add(building_id: int, kind: str) -> Answer:
    """An empty form."""
    building = _own_building(building_id)
    form = KINDS[kind].form(data={"agency_id": building.agency_id, "year_start": current_financial_year() - 1})
    form.fill_choices(current_session())
    return _page("buildings/part.html", form, building, kind, None, None)


@blueprint.post("/new")
@requires(Permission.EDIT_BUILDING)
def create(building_id: int, kind: str) -> Answer:
    """Store a further part."""
    building, form, session = _own_building(building_id), KINDS[kind].form(), current_session()
    form.fill_choices(session)
    if not form.validate_on_submit():
        return _page("buildings/part.html", form, building, kind, None, Trouble(422))
    actor, reason, fields = signed_in_identity().user_id, form["reason"].data, form.values()
    add_part = KINDS[kind].add
    trouble = save(form, None, lambda: add_part(session, building, actor=actor, reason=reason, **fields))
    if trouble:
        return _page("buildings/part.html", form, building, kind, None, trouble)
    return _done(building, kind, f"The {KINDS[kind].noun} is in the register.")


@blueprint.get("/<int:part_id>")
@requires(Permission.EDIT_BUILDING)
def edit(building_id: int, kind: str, part_id: int) -> Answer:
    """The part in a form."""
    building, part = _own_part(building_id, kind, part_id)
    form = KINDS[kind].change_form(obj=part)
    form.fill_choices(current_session())
    return _page("buildings/part.html", form, building, kind, part, None)


@blueprint.post("/<int:part_id>")
@requires(Permission.EDIT_BUILDING)
def change(building_id: int, kind: str, part_id: int) -> Answer:
    """Store what changed."""
    building, part = _own_part(building_id, kind, part_id)
    form, session = KINDS[kind].change_form(), current_session()
    form.fill_choices(session)
    if not form.validate_on_submit():
        return _page("buildings/part.html", form, building, kind, part, Trouble(422))
    change_part = KINDS[kind].change
    trouble = save_merged(form, part, lambda **told: change_part(session, part, **told))
    if trouble and trouble.merge:
        here = url_for(".change", building_id=building_id, kind=kind, part_id=part_id)
        title = f"{building.name}: {KINDS[kind].noun}"
        return merge_page(form, part, trouble.merge, title=title, building=building, action=here)
    if trouble:
        return _page("buildings/part.html", form, building, kind, part, trouble)
    return _done(building, kind, "The change is saved.")


@blueprint.get("/<int:part_id>/end")
@requires(Permission.EDIT_BUILDING)
def end(building_id: int, kind: str, part_id: int) -> Answer:
    """Ask when and why it ended."""
    building, part = _own_part(building_id, kind, part_id, may_end=True)
    return _page("buildings/end.html", KINDS[kind].end_form(data={"version": part.version}), building, kind, part, None)


@blueprint.post("/<int:part_id>/end")
@requires(Permission.EDIT_BUILDING)
def confirm_end(building_id: int, kind: str, part_id: int) -> Answer:
    """Store that it ended."""
    building, part = _own_part(building_id, kind, part_id, may_end=True)
    form, session = KINDS[kind].end_form(), current_session()
    if not form.validate_on_submit():
        return _page("buildings/end.html", form, building, kind, part, Trouble(422))
    told = {"actor": signed_in_identity().user_id, "reason": form["reason"].data, **form.values()}
    version, end_part = form["version"].data or 0, KINDS[kind].end
    trouble = save(form, part, lambda: end_part(session, part, version=version, **told))
    if trouble:
        return _page("buildings/end.html", form, building, kind, part, trouble)
    return _done(building, kind, "The count is retired." if kind == "counts" else "The end is saved.")


def _own_building(building_id: int) -> Building:
    building = get_building(current_session(), building_id)
    require_own(building)
    return building


def _own_part(building_id: int, kind: str, part_id: int, *, may_end: bool = False) -> tuple[Building, Any]:
    building = _own_building(building_id)
    part = current_session().get(KINDS[kind].model, part_id) if part_id < 2**63 else None
    if part is None or part.building_id != building.id or (may_end and not KINDS[kind].ending):
        abort(404)
    return building, part


def _page(template: str, form: Any, building: Building, kind: str, part: Any, trouble: Trouble | None) -> Answer:
    page = render_template(
        template, form=form, building=building, kind=kind, words_of=KINDS[kind], part=part, trouble=trouble
    )
    return (page, trouble.status) if trouble else page


def _done(building: Building, kind: str, message: str) -> Response:
    flash(message, "success")
    return redirect(
        url_for("buildings.show", building_id=building.id, _anchor="occupancy" if kind == "counts" else kind)
    )
