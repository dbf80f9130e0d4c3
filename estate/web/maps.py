"""Maps of running cost and use: the pages with their tables, the map documents in their frames, and the files."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, render_template, request

from estate.people.permissions import Permission
from estate.register.building_facts import SOURCES
from estate.register.frames import buildings_frame, count_outside
from estate.register.measures import MEASURES
from estate.register.queries import cost_year
from estate.web import access_maps
from estate.web.access import requires
from estate.web.as_at import as_at, dated_name, shows_past
from estate.web.building_filters import arguments_of
from estate.web.database import current_session
from estate.web.map_documents import (
    area_document,
    building_document,
    buildings_document,
    figures_of,
    source_of,
    statistics_of,
)
from estate.web.map_files import write_areas, write_changes, write_map_buildings
from estate.web.map_layers import drill_address, drill_text
from estate.web.map_near import near_of
from estate.web.map_notes import notes_of
from estate.web.map_tables import area_table, building_table
from estate.web.map_tile_documents import ground_of, is_tiled, table_of, tile_address, tiled_document
from estate.web.map_units import figure_text
from estate.web.map_words import (
    outlines_line,
    share_of,
    subtitle_of,
    summary_of,
    title_of,
)
from estate.web.maps_forms import CHANGES, POINTS, SCHEMES, MapQuestion, question_from
from estate.web.names import filter_choices
from estate.web.page import with_arguments
from estate.web.programmes import get_seen_building

blueprint = Blueprint("maps", __name__)
blueprint.register_blueprint(access_maps.blueprint, url_prefix="/maps/access")


@blueprint.get("/maps")
@requires(Permission.READ_MAP)
@shows_past
def index() -> str:
    """A figure by area: the form, the map, what it shows in words, and the table."""
    question = question_from(current_session(), request.args)
    if question.level is None:
        return render_template("maps/none.html")
    shown = figures_of(question)
    outside = count_outside(current_session(), question.level, question.filters)
    return render_template(
        "maps/index.html",
        **_shared(question),
        shown=shown,
        found=area_table(shown, request.args.get("sort", "name"), request.args.get("page", 1, type=int)),
        summary=summary_of(shown),
        notes=notes_of(shown, outside),
        outlines=outlines_line(shown.statistics),
    )


@blueprint.get("/maps/buildings")
@requires(Permission.READ_MAP)
@shows_past
def buildings() -> str:
    """The buildings as points, and the table of the same, page by page."""
    question = question_from(current_session(), request.args)
    if question.level is None:
        return render_template("maps/none.html")
    sort, page = request.args.get("sort", "name"), request.args.get("page", 1, type=int)
    if is_tiled(question):
        question = replace(question, year_start=cost_year(current_session()))
        table, tiles, outlines = (
            table_of(question, sort, page),
            tile_address(question),
            outlines_line(ground_of(question)),
        )
    else:
        found = buildings_frame(current_session(), question.year_start, question.filters, question.level)
        table, tiles, outlines = building_table(found, sort, page), "", outlines_line(statistics_of(question, ()))
    shared = {**_shared(question), "filter_arguments": arguments_of(question.filters)}
    return render_template("maps/buildings.html", **shared, found=table, tiles=tiles, outlines=outlines)


@blueprint.get("/maps/frame")
@requires(Permission.READ_MAP)
@shows_past
def frame() -> Response:
    """The choropleth as a document of its own."""
    return area_document(question_from(current_session(), request.args))


@blueprint.get("/maps/buildings/frame")
@requires(Permission.READ_MAP)
@shows_past
def buildings_frame_document() -> Response:
    """The map of buildings as a document of its own."""
    question = question_from(current_session(), request.args)
    return tiled_document(question) if is_tiled(question) else buildings_document(question)


@blueprint.get("/maps/buildings/<int:building_id>/frame")
@requires(Permission.READ_MAP)
@shows_past
def building_frame(building_id: int) -> Response:
    """Where one building is, for its page."""
    return building_document(get_seen_building(building_id, Permission.READ_MAP))


@blueprint.get("/maps/areas.csv")
@requires(Permission.READ_MAP)
@shows_past
def download_areas() -> Response:
    """The table of areas: of one year with every measure, of a change with both years."""
    question = question_from(current_session(), request.args)
    if question.is_change:
        return _file(write_changes(figures_of(question), as_at()), "area-changes")
    text = write_areas(statistics_of(question, SOURCES), question.year_start, question.prices, as_at())
    return _file(text, "areas")


@blueprint.get("/maps/buildings.csv")
@requires(Permission.READ_MAP)
@shows_past
def download_buildings() -> Response:
    """The table of buildings, all pages."""
    question = question_from(current_session(), request.args)
    found = buildings_frame(current_session(), question.year_start, question.filters, question.level)
    return _file(write_map_buildings(found, question.year_start, as_at()), "buildings")


def _file(text: str, name: str) -> Response:
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={dated_name(name, 'csv')}"
    return answer


def _shared(question: MapQuestion) -> dict[str, Any]:
    """What both pages need: the form's choices, the words, and where links lead."""
    choices = filter_choices(current_session())
    return {
        "question": question,
        "arguments": question.arguments,
        "choices": choices,
        "measures": [(measure.code, measure.title) for measure in MEASURES.values()],
        "schemes": [(scheme.value, text) for scheme, text in SCHEMES.items()],
        "points": list(POINTS.items()),
        "changes": list(CHANGES.items()),
        "title": title_of(question),
        "subtitle": subtitle_of(question, choices),
        "trail": _trail(question),
        "drill_address": lambda area_id: drill_address(question, area_id),
        "drill_text": drill_text(question),
        "figure_text": figure_text,
        "share_of": share_of,
        "source": source_of(question),
        "near": near_of(question),
    }


def _trail(question: MapQuestion) -> list[tuple[str, str]]:
    """The areas that the view's area lies in, the whole place first; each with the same figure for it."""
    steps: list[tuple[str, str]] = []
    area = question.area.parent if question.area else None
    while area is not None:
        steps.append((area.name, with_arguments("maps.index", question.arguments, area=area.id, level=None)))
        area = area.parent
    whole = with_arguments("maps.index", question.arguments, area=None, level=None)
    return [("The whole place", whole), *reversed(steps)]
