"""Sites: the page of one, its map and name; and, from a building, what stands on one site or is a part of what."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from estate.errors import Conflict
from estate.people.permissions import Permission, can
from estate.register.filters import BuildingFilters
from estate.register.matches.chosen import choices_in_force
from estate.register.matches.members import building_id_of, shown_buildings
from estate.register.matches.overrides import BuildingOwners, choose_value, owners_of
from estate.register.matches.site_changes import Relation, leave_site, name_site, relate
from estate.register.matches.site_story import SiteStory, get_site, nearest, site_name, site_story
from estate.register.models import Building
from estate.register.queries import get_building, list_buildings
from estate.web.access import current_identity, requires, signed_in_identity
from estate.web.as_at import as_at, shows_past
from estate.web.database import current_session
from estate.web.editing import Trouble, save
from estate.web.match_documents import site_document
from estate.web.programmes import (
    current_scope,
    enter,
    get_seen_building,
    known_agency_ids,
    own_programmes,
    scope_of,
)
from estate.web.sites_forms import KindForm, LeaveForm, NameForm, RelateForm

blueprint = Blueprint("sites", __name__)

Answer = str | Redirect | tuple[str, int]


@blueprint.get("/sites/<int:site_id>")
@requires(Permission.READ_REGISTER)
@shows_past
def show(site_id: int) -> str:
    """A site, its buildings and their parts, and what they come to together."""
    story = _seen_site(site_id)
    return render_template("sites/show.html", story=story, may_name=as_at() is None and _may_name(story))


@blueprint.get("/sites/<int:site_id>/frame")
@requires(Permission.READ_MAP)
@shows_past
def frame(site_id: int) -> Response:
    """The buildings of a site on a map of their own."""
    return site_document(_seen_site(site_id))


@blueprint.get("/sites/<int:site_id>/name")
@requires(Permission.CHOOSE_VALUE)
def rename(site_id: int) -> Answer:
    """The site's name in a form."""
    story = _own_site(site_id)
    return _name_page(story, NameForm(obj=story.site), None)


@blueprint.post("/sites/<int:site_id>/name")
@requires(Permission.CHOOSE_VALUE)
def store_name(site_id: int) -> Answer:
    """Store the name."""
    session, story, form = current_session(), _own_site(site_id), NameForm()
    if not form.validate_on_submit():
        return _name_page(story, form, Trouble(422))
    told: dict[str, Any] = {
        "name": form.name.data or "",
        "actor": signed_in_identity().user_id,
        "reason": form.reason.data or "",
    }
    trouble = save(form, story.site, lambda: name_site(session, story.site, version=form.version.data or 0, **told))
    if trouble:
        return _name_page(story, form, trouble)
    flash("The name is saved.", "success")
    return redirect(url_for("sites.show", site_id=site_id))


@blueprint.get("/buildings/<int:building_id>/site")
@requires(Permission.REVIEW_MATCH)
def arrange(building_id: int) -> Answer:
    """What stands near a building, to be put on one site with it or called a part."""
    return _arrange_page(_own_building(building_id), RelateForm(formdata=None))


@blueprint.post("/buildings/<int:building_id>/site")
@requires(Permission.REVIEW_MATCH)
def store(building_id: int) -> Answer:
    """Store how the ticked buildings stand to this one."""
    session, building, form = current_session(), _own_building(building_id), RelateForm()
    if not form.validate_on_submit():
        return _arrange_page(building, form), 422
    others = [get_seen_building(number) for number in dict.fromkeys(form.others.data)]
    told: dict[str, Any] = {"actor": signed_in_identity().user_id, "reason": form.reason.data or ""}
    try:
        relate(session, building, others, Relation(form.relation.data), **told)
    except Conflict as error:
        form.add_errors({"": error.message})
        return _arrange_page(building, form), 409
    flash("It is stored. The decisions can be taken back one by one.", "success")
    return _after(building)


@blueprint.post("/buildings/<int:building_id>/site/leave")
@requires(Permission.REVIEW_MATCH)
def leave(building_id: int) -> Answer:
    """Take a building off its site."""
    session, building, form = current_session(), _own_building(building_id), LeaveForm()
    form.validate_on_submit()
    leave_site(session, building, actor=signed_in_identity().user_id, reason=form.reason.data or "")
    flash("It is taken off the site. The others stay on it.", "success")
    return redirect(url_for("buildings.show", building_id=building.id))


@blueprint.post("/buildings/<int:building_id>/kind")
@requires(Permission.CHOOSE_VALUE)
def store_kind(building_id: int) -> Answer:
    """Store whether a record stands for a whole site or for one building."""
    session, building, form = current_session(), _own_building(building_id), KindForm()
    if not form.validate_on_submit():
        return _arrange_page(building, RelateForm(formdata=None), form), 422
    current = choices_in_force(session, [building.id])[building.id].get("kind")
    told: dict[str, Any] = {"actor": signed_in_identity().user_id, "reason": form.reason.data or ""}
    choose_value(session, building, "kind", form.kind.data, seen=current.id if current else None, **told)
    flash("It is stored.", "success")
    return _after(building)


def _after(building: Building) -> Redirect:
    """To the site where there is one, else to the building."""
    if building.site_id:
        return redirect(url_for("sites.show", site_id=building.site_id))
    return redirect(url_for("buildings.show", building_id=building.id))


def _own_building(building_id: int) -> Building:
    """The building of which this is a record; 404 unless the signed-in user works for one of its agencies."""
    session = current_session()
    found = get_building(session, building_id)
    building = get_building(session, building_id_of(found))
    is_own = can(current_identity(), Permission.CHOOSE_VALUE, owners_of(session, building))
    if not is_own or building.retired_at is not None:
        raise NotFound
    return building


def _seen_site(site_id: int) -> SiteStory:
    """What the reader is shown of the site, in whichever of their programmes; 404 where that is nothing."""
    session = current_session()
    site, scope = get_site(session, site_id), current_scope()
    story = site_story(session, site, scope)
    if _tells_something(story):
        return story
    for programme in own_programmes():
        story = site_story(session, site, scope_of(signed_in_identity(), programme.id))
        if _tells_something(story):
            enter(programme.id)
            return story
    raise NotFound


def _tells_something(story: SiteStory) -> bool:
    return bool(story.own or story.buildings or story.parts or not story.agency_ids)


def _own_site(site_id: int) -> SiteStory:
    story = site_story(current_session(), get_site(current_session(), site_id))
    if not _may_name(story):
        raise NotFound
    return story


def _may_name(story: SiteStory) -> bool:
    return can(current_identity(), Permission.CHOOSE_VALUE, BuildingOwners(story.agency_ids))


def _arrange_page(building: Building, form: RelateForm, kind_form: Any = None) -> str:
    session, text = current_session(), request.args.get("text", "").strip()
    if text:
        rows = list_buildings(session, BuildingFilters(text=text, scope=current_scope()), page_size=30).rows
        offered: list[tuple[Building, float | None]] = [
            (row.building, None) for row in rows if row.building.id != building.id
        ]
    else:
        known = known_agency_ids()
        near = nearest(session, building)
        offered = [pair for pair in near if known is None or pair[0].agency_id in known]
    return render_template(
        "sites/arrange.html",
        building=shown_buildings(session, [building])[0],
        site_name=site_name(session, building.site) if building.site else None,
        form=form,
        kind_form=kind_form or KindForm(formdata=None, kind=building.kind.value),
        leave_form=LeaveForm(formdata=None),
        offered=offered,
        ticked=form.others.data or [],
        text=text,
    )


def _name_page(story: SiteStory, form: NameForm, trouble: Trouble | None) -> Answer:
    page = render_template("sites/name.html", story=story, form=form, trouble=trouble)
    return (page, trouble.status) if trouble else page
