"""Access to services: who lives further than x from the nearest public counter, on a map, in a table, in files."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from estate.errors import NotFound
from estate.gis.access.distances import Method
from estate.gis.access.roads import find_roads
from estate.gis.maps import area_map, buildings_map
from estate.gis.outlines import outlines_frame
from estate.people.permissions import Permission, can
from estate.register.access.figures import closure_by_service
from estate.web.access import current_identity, requires
from estate.web.access_files import write_areas, write_homes
from estate.web.access_layers import area_layer, point_layer
from estate.web.access_questions import METHODS, MOST_POINTS, SHOWN, AccessView, view_from
from estate.web.access_tables import access_table, closable
from estate.web.access_words import (
    closure_text,
    distance_text,
    headline,
    km_text,
    method_text,
    notes_of,
    source_of,
    title_of,
)
from estate.web.as_at import as_at, dated_name, shows_past
from estate.web.database import current_session
from estate.web.map_documents import map_assets, map_caption, map_response
from estate.web.names import filter_choices

blueprint = Blueprint("access", __name__)


class NothingToMeasure(NotFound):
    """A map of access needs areas and the population of small areas. Ask an administrator to load both."""


@blueprint.get("")
@requires(Permission.READ_MAP)
@shows_past
def index() -> str:
    """The form, the map, what it shows in words, what a closure would change, and the table."""
    view = view_from(current_session(), request.args)
    if view is None:
        may_administer = can(current_identity(), Permission.ADMINISTER)
        return render_template("maps/access_none.html", may_administer=may_administer)
    closure = closure_by_service(current_session(), view.figures) if view.closing_id else None
    return render_template(
        "maps/access.html",
        **_words(view),
        found=access_table(view, request.args.get("sort", "name"), request.args.get("page", 1, type=int)),
        choices=filter_choices(current_session()),
        closable=closable(view),
        closure=[] if closure is None else closure.to_dict("records"),
    )


@blueprint.get("/frame")
@requires(Permission.READ_MAP)
@shows_past
def frame() -> Response:
    """The map as a document of its own."""
    view, assets = _view(), map_assets()
    caption = map_caption(title_of(view), source_of(view))
    if not view.is_points:
        return map_response(area_map(area_layer(view), caption=caption, assets=assets), assets)
    areas = view.figures.areas
    outlines = outlines_frame(current_session(), areas["area_id"].tolist()).merge(
        areas[["area_id", "name"]], on="area_id"
    )
    document = buildings_map(point_layer(view), caption=caption, assets=assets, outlines=outlines)
    return map_response(document, assets)


@blueprint.get("/areas.csv")
@requires(Permission.READ_MAP)
@shows_past
def download_areas() -> Response:
    """The table of areas."""
    return _file(write_areas(_view(), as_at()), "access-by-area")


@blueprint.get("/small-areas.csv")
@requires(Permission.READ_MAP)
@shows_past
def download_homes() -> Response:
    """Every small area with its distance."""
    return _file(write_homes(_view(), as_at()), "access-by-small-area")


def _view() -> AccessView:
    """The view of this address. Raises `NothingToMeasure`."""
    view = view_from(current_session(), request.args)
    if view is None:
        raise NothingToMeasure
    return view


def _words(view: AccessView) -> dict[str, Any]:
    offered = METHODS if find_roads(current_session()) else [Method.STRAIGHT.value]
    return {
        "view": view,
        "arguments": view.arguments,
        "title": title_of(view),
        "said": headline(view),
        "notes": notes_of(view),
        "source": source_of(view),
        "method_text": method_text(view),
        "closure_text": closure_text(view) if view.closing_id else "",
        "methods": [(code, text) for code, text in METHODS.items() if code in (view.method, *offered)],
        "shown": list(SHOWN.items()),
        "most_points": MOST_POINTS,
        "distance_text": distance_text,
        "km": km_text(view.km),
    }


def _file(text: str, name: str) -> Response:
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={dated_name(name, 'csv')}"
    return answer
