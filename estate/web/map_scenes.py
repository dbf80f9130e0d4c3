"""The scene of a map view with its words: what a sheet of paper and a file that stands alone are made of."""

from dataclasses import dataclass, replace

from geopandas import GeoDataFrame
from pandas import Series

from estate.gis.maps import Scene, TileLayer, scene_of_areas, scene_of_points, scene_of_squares, with_ring
from estate.gis.outlines import outlines_frame
from estate.register.frames import buildings_frame, count_outside
from estate.register.map_squares import Bounds, bounds_of_buildings, squares_frame
from estate.register.queries import cost_year, count_buildings
from estate.web.configuration import current_settings
from estate.web.database import current_session
from estate.web.filters import number
from estate.web.map_documents import NoBoundaries, figures_of
from estate.web.map_figures import AreaFigures
from estate.web.map_layers import area_layer, point_layer
from estate.web.map_near import ring_of
from estate.web.map_notes import notes_of
from estate.web.map_tile_documents import ground_of, is_tiled
from estate.web.map_tile_layers import tile_layer
from estate.web.map_words import outlines_line, summary_of, title_of
from estate.web.maps_forms import MapQuestion

SQUARES_ACROSS = 90
"""Squares along the longer side: about three millimetres each on A4."""


@dataclass(frozen=True)
class Told:
    """A scene, and what is said of it."""

    scene: Scene
    title: str
    summary: list[str]
    notes: list[str]
    outlines: str
    """Where the outlines come from."""


def told(question: MapQuestion, shows: str) -> Told:
    """The view's scene: of `areas`, else of buildings. Raises `NoBoundaries` where there are no areas at all."""
    found = told_of_areas(question) if shows == "areas" else told_of_buildings(question)
    return replace(found, scene=with_ring(found.scene, ring_of(question)))


def told_of_areas(question: MapQuestion) -> Told:
    """Areas coloured by the measure."""
    shown = figures_of(question)
    outside = count_outside(current_session(), question.level, question.filters) if question.level else 0
    areas = area_layer(shown, outlines_of(shown))
    # The first tells what the figure is; what else is told depends on the view.
    notes = [note for note in notes_of(shown, outside) if "too many to draw" not in note]
    return Told(scene_of_areas(areas), title_of(question), summary_of(shown), notes, outlines_line(shown.statistics))


def outlines_of(shown: AreaFigures) -> GeoDataFrame:
    """The outlines of the areas of `shown`."""
    return outlines_frame(current_session(), shown.statistics["area_id"].tolist())


def told_of_buildings(question: MapQuestion) -> Told:
    """Buildings on outlines, one by one or, where they are too many, gathered into squares."""
    if question.level is None:
        raise NoBoundaries
    title = f"Buildings: {question.area.name}" if question.area else "Buildings"
    ground = ground_of(question)
    if is_tiled(question):
        scene, notes = _squares(question, ground)
        summary = [f"{number(count_buildings(current_session(), question.filters))} buildings."]
        return Told(scene, title, summary, notes, outlines_line(ground))
    found = buildings_frame(current_session(), question.year_start, question.filters)
    unlocated = int(found.geometry.isna().sum())
    many = f"{number(len(found))} building{'' if len(found) == 1 else 's'}"
    without = f", of which {number(unlocated)} without a position {'is' if unlocated == 1 else 'are'} not drawn"
    scene = scene_of_points(point_layer(question, found, is_shown=True), ground)
    return Told(scene, title, [f"{many}{without if unlocated else ''}."], [], outlines_line(ground))


def _squares(question: MapQuestion, ground: GeoDataFrame) -> tuple[Scene, list[str]]:
    session = current_session()
    layer = tile_layer(session, question)
    bounds = _bounds(ground) or bounds_of_buildings(session, question.filters)
    squares = squares_frame(session, question.filters, bounds or (0, 0, 1, 1), SQUARES_ACROSS)
    squares["name"] = [f"{number(int(n))} building{'' if n == 1 else 's'}" for n in squares["n"]]
    year = f", costs of {layer.year}" if cost_year(session) else ""
    note = (
        f"More than {number(current_settings().map_tiles_above)} buildings are too many to draw one by one: "
        f"each square stands for all the buildings in it{year}."
    )
    return scene_of_squares(squares, _values(layer, squares), layer, ground), [note]


def _values(layer: TileLayer, squares: GeoDataFrame) -> Series:
    """What the squares are classed by."""
    values = {
        "n": squares["n"],
        "cost": squares["cost"],
        "cost_per_m2": squares["cost_of_area"] / squares["area_of_cost"].where(squares["area_of_cost"] > 0),
        "occupancy": squares["people"] / squares["capacity"].where(squares["capacity"] > 0),
    }
    return values[layer.cells.figure]


def _bounds(ground: GeoDataFrame) -> Bounds | None:
    if not len(ground):
        return None
    west, south, east, north = ground.total_bounds
    return float(west), float(south), float(east), float(north)
