"""Administering base maps: which hosts' tiles a reader may choose to see beneath the maps."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.gis.base_addresses import host_of
from estate.gis.base_maps import add_base_map, change_base_map, get_base_map, list_base_maps
from estate.gis.models import BaseMap
from estate.people.permissions import Permission
from estate.web.access import requires, signed_in_identity
from estate.web.account_histories import account_stories
from estate.web.base_maps_forms import BaseMapForm, NewBaseMapForm
from estate.web.database import current_session
from estate.web.editing import Trouble, save

blueprint = Blueprint("base_maps", __name__, url_prefix="/base-maps")

Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.ADMINISTER)
def index() -> Answer:
    """Every base map with the host that it asks."""
    found = list_base_maps(current_session())
    return render_template("administration/base_maps.html", base_maps=found, host_of=host_of)


@blueprint.get("/new")
@requires(Permission.ADMINISTER)
def new() -> Answer:
    """The form for a new base map."""
    form = NewBaseMapForm(data={"minimum_zoom": 0, "maximum_zoom": 19, "is_offered": True})
    return render_template("administration/new_base_map.html", form=form)


@blueprint.post("/new")
@requires(Permission.ADMINISTER)
def create() -> Answer:
    """Add the base map."""
    form, session = NewBaseMapForm(), current_session()
    if form.validate_on_submit():
        given = {"actor": signed_in_identity().user_id, "reason": form.reason.data or "", **form.values()}
        trouble = save(form, None, lambda: add_base_map(session, **given))
        if trouble is None:
            flash(f"The base map “{given['name'].strip()}” is added.", "success")
            return redirect(url_for("administration.base_maps.index"))
    return render_template("administration/new_base_map.html", form=form), 422


@blueprint.get("/<int:base_map_id>/edit")
@requires(Permission.ADMINISTER)
def edit(base_map_id: int) -> Answer:
    """The base map in a form, with its history."""
    base = get_base_map(current_session(), base_map_id)
    return _page(BaseMapForm(obj=base), base, None)


@blueprint.post("/<int:base_map_id>/edit")
@requires(Permission.ADMINISTER)
def change(base_map_id: int) -> Answer:
    """Store what changed; the form comes back where somebody else was faster."""
    session, form = current_session(), BaseMapForm()
    base = get_base_map(session, base_map_id)
    if not form.validate_on_submit():
        return _page(form, base, Trouble(422))
    given = {"version": form.version.data or 0, "reason": form.reason.data or "", **form.values()}
    actor = signed_in_identity().user_id
    trouble = save(form, base, lambda: change_base_map(session, base, actor=actor, **given))
    if trouble:
        return _page(form, base, trouble)
    flash(f"The base map “{base.name}” is {'changed' if base.is_offered else 'withdrawn'}.", "success")
    return redirect(url_for("administration.base_maps.index"))


def _page(form: BaseMapForm, base: BaseMap, trouble: Trouble | None) -> Answer:
    stories = account_stories(current_session(), "base_map", base.id)
    told = {"form": form, "base": base, "host": host_of(base.address), "trouble": trouble, "stories": stories}
    page = render_template("administration/edit_base_map.html", **told)
    return (page, trouble.status) if trouble else page
