"""A map as a file for e-mail: everything is in it, nothing is asked of any host, and it tells no more than it may.

Of buildings it holds those that are open to everyone. Of areas it holds classes of figures that rest on at least
`FEWEST` buildings of what all agencies share: no figure itself, no count of buildings, no total.
"""

import re
import secrets
from dataclasses import replace
from pathlib import Path

from flask import current_app, request

from estate.gis.maps import Alone, AreaLayer, Assets, policy_alone, scene_map, scene_of_areas, with_ring
from estate.register.as_at import look_back
from estate.register.seen import EVERY_AGENCY, THE_PUBLIC, see_as
from estate.web.as_at import as_at, end_of, today
from estate.web.base_map import left_out_note
from estate.web.database import current_session
from estate.web.filters import day
from estate.web.map_documents import SCRIPTS, figures_of, map_caption, source_of
from estate.web.map_figures import AreaFigures, Figures
from estate.web.map_layers import area_layer
from estate.web.map_near import ring_of
from estate.web.map_scenes import Told, outlines_of, told_of_buildings
from estate.web.map_sheets import filters_line
from estate.web.map_words import outlines_line, title_of, unit_sentence
from estate.web.maps_forms import MapQuestion, question_from
from estate.web.names import filter_choices

FEWEST = 5
"""A figure that rests on fewer buildings than this is left out."""
STYLES = ("vendor/leaflet/leaflet.css", "map/frame.css", "map/alone.css")
NOT_OURS = re.compile(r"url\([^)]*\)")
MOST_ROWS = 3000
OPEN_ONLY = (
    "It holds only buildings whose records are open to everyone, with what is open of each. "
    "Restricted records, and those that are only for partners, are left out."
)
IN_CLASSES = (
    "It tells of each area only the class of its figure, and only where the figure rests on at least "
    f"{FEWEST} buildings. Restricted records are left out."
)


def alone_document(shows: str) -> str:
    """The file of the request's view, read with the eyes of who may get it; so is the rest of the request."""
    session = current_session()
    see_as(session, EVERY_AGENCY if shows == "areas" else THE_PUBLIC)
    chosen = as_at()
    if chosen is not None:
        look_back(session, end_of(chosen))
    question = question_from(session, request.args)
    told = _areas(question) if shows == "areas" else _buildings(question)
    told = replace(told, scene=with_ring(told.scene, ring_of(question)))
    said = " ".join(filter(None, [*told.notes, left_out_note()]))
    notes = (
        f"A file of its own, made on {day(today())}; it asks nothing of any other computer. {said}",
        f"{source_of(question)}. {told.outlines} {filters_line(question, filter_choices(session))}",
    )
    rows = tuple(
        (str(name), tuple(lines))
        for layer in told.scene.layers
        if "lines" in layer.frame and len(layer.frame) <= MOST_ROWS
        for name, lines in zip(layer.frame["name"], layer.frame["lines"], strict=True)
    )
    return scene_map(told.scene, caption=map_caption(told.title, source_of(question)), assets=_assets(notes, rows))


def _assets(notes: tuple[str, ...], rows: tuple[tuple[str, tuple[str, ...]], ...]) -> Assets:
    nonce = secrets.token_urlsafe(16)
    # A picture that a style names would be asked for.
    styles = tuple(NOT_OURS.sub("none", _text(name)) for name in STYLES)
    scripts = tuple(re.sub(r"(?m)^//# sourceMappingURL=.*$", "", _text(name)) for name in SCRIPTS)
    return Assets((), (), nonce, Alone(scripts, styles, notes, rows, policy_alone(nonce)))


def _text(name: str) -> str:
    return (Path(current_app.static_folder or "") / name).read_text()


def _buildings(question: MapQuestion) -> Told:
    told = told_of_buildings(question)
    layers = [
        replace(layer, frame=layer.frame.drop(columns=["href", "link"], errors="ignore")) for layer in told.scene.layers
    ]
    is_empty = not any(len(layer.frame) for layer in layers if layer.role != "outline")
    notes = [OPEN_ONLY, *told.notes, *(["No building of this view is open to everyone."] if is_empty else [])]
    return replace(told, scene=replace(told.scene, layers=tuple(layers)), notes=notes)


def _areas(question: MapQuestion) -> Told:
    shown = without_few(figures_of(question))
    areas = area_layer(shown, outlines_of(shown))
    areas = replace(areas, frame=areas.frame.drop(columns=["href", "link"]).assign(lines=_lines(areas)))
    scene = scene_of_areas(replace(areas, note=f"{areas.note} Unknown: or of fewer than {FEWEST} buildings."))
    unit = unit_sentence(question)
    return Told(scene, title_of(question), [], [IN_CLASSES, f"In {unit}"], outlines_line(shown.statistics))


def without_few(shown: AreaFigures) -> AreaFigures:
    """The figures without those that rest on fewer than `FEWEST` buildings, and without the total."""
    figures = Figures(shown.figures.by_area.where(shown.known.to_numpy() >= FEWEST), float("nan"))
    return replace(shown, figures=figures)


def _lines(areas: AreaLayer) -> list[list[str]]:
    """Of each area the class of its figure."""
    labels = areas.classes.labels(areas.text)
    nothing = [
        areas.empty_text if is_empty else f"unknown, or of fewer than {FEWEST} buildings"
        for is_empty in areas.frame["is_empty"]
    ]
    members = areas.classes.members.tolist()
    return [
        [f"{areas.title}: {labels[member] if member >= 0 else without}"]
        for member, without in zip(members, nothing, strict=True)
    ]
