"""Map documents: what a frame shows, each with a nonce and a policy of its own. Other rooms use the first part."""

import gzip
import secrets
from collections.abc import Collection

from flask import Response, request
from geopandas import GeoDataFrame
from pandas import DataFrame

from estate.errors import NotFound
from estate.gis.maps import (
    Assets,
    Caption,
    area_map,
    building_map,
    buildings_map,
    content_policy,
    outlines_around,
)
from estate.gis.outlines import outlines_frame
from estate.register.area_statistics import area_statistics
from estate.register.footprints import footprints_frame
from estate.register.frames import building_place, buildings_frame
from estate.register.models import Building
from estate.register.queries import count_buildings
from estate.web.as_at import as_it_was, today
from estate.web.base_map import chosen_layer
from estate.web.database import current_session
from estate.web.filters import capitalize_first, day
from estate.web.map_figures import AreaFigures, area_figures
from estate.web.map_layers import area_layer, point_layer
from estate.web.map_near import ring_of
from estate.web.map_notes import POINTS_UP_TO
from estate.web.map_words import foot_line, title_of
from estate.web.maps_forms import MapQuestion
from estate.web.page import current_place, place_name
from estate.web.programmes import known_agency_ids
from estate.web.security import allow_framing
from estate.web.static_files import asset_url

SCRIPTS = ("vendor/leaflet/leaflet.js", "map/draw.js", "map/spread.js", "map/map.js")
COMPRESSION = 5
STYLES = ("vendor/leaflet/leaflet.css", "map/frame.css")


class NoBoundaries(NotFound):
    """No boundaries were loaded, so there are no areas to show. Ask an administrator to load some."""


def map_assets(scripts: tuple[str, ...] = SCRIPTS) -> Assets:
    """What a map document loads from our own host, a new nonce, and the base map that the reader chose."""
    base = chosen_layer()
    scripts = (*scripts, "map/base.js") if base else scripts
    return Assets(tuple(map(asset_url, scripts)), tuple(map(asset_url, STYLES)), secrets.token_urlsafe(16), base=base)


def map_response(html: str, assets: Assets) -> Response:
    """A map document as an answer that only our own pages may frame, compressed where the browser can read that.

    Pages with forms are not compressed: beside what an address puts into them, their size could tell of a token. A map
    document holds none.
    """
    response = Response(html, mimetype="text/html")
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(html.encode(), COMPRESSION, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return allow_framing(response, content_policy(assets.nonce, assets.base))


def map_caption(title: str, source: str = "") -> Caption:
    """What stands on a map; synthetic data says so there too."""
    place = current_place()
    return Caption(title, source, bool(place and place.is_synthetic))


def figures_of(question: MapQuestion) -> AreaFigures:
    """The figures of the view's areas. Raises `NoBoundaries` where there are no areas at all."""
    if question.level is None:
        raise NoBoundaries
    return area_figures(current_session(), question.level, question)


def statistics_of(question: MapQuestion, sources: Collection[str]) -> DataFrame:
    """Area statistics of the view by these sources. Raises `NoBoundaries` where there are no areas at all."""
    if question.level is None:
        raise NoBoundaries
    return area_statistics(current_session(), question.level, question.year_start, question.filters, sources)


def source_of(question: MapQuestion) -> str:
    """Period, register and date of the view."""
    name = place_name() or "this installation"
    return foot_line(question, name, as_it_was() or str(day(today())))


def area_document(question: MapQuestion) -> Response:
    """Areas coloured by the measure, with the buildings as a layer to switch on."""
    assets, figures = map_assets(), figures_of(question)
    points = None
    if count_buildings(current_session(), question.filters) <= POINTS_UP_TO:
        found = buildings_frame(current_session(), question.year_start, question.filters)
        points = point_layer(question, found, is_shown=False)
    areas = area_layer(figures, outlines_frame(current_session(), figures.statistics["area_id"].tolist()))
    caption = map_caption(title_of(question), source_of(question))
    return map_response(area_map(areas, caption=caption, assets=assets, points=points, ring=ring_of(question)), assets)


def buildings_document(question: MapQuestion) -> Response:
    """Buildings as points on the outlines of the level's areas."""
    assets, statistics = map_assets(), statistics_of(question, ())
    outlines = outlines_frame(current_session(), statistics["area_id"].tolist())
    ground = GeoDataFrame(statistics[["area_id", "name"]].merge(outlines, on="area_id"), geometry="geometry", crs=4326)
    found = buildings_frame(current_session(), question.year_start, question.filters)
    points = point_layer(question, found, is_shown=True)
    caption = map_caption("Buildings", source_of(question))
    known = footprints_frame(current_session(), found["building_id"].tolist(), known_agency_ids())
    ring = ring_of(question)
    html = buildings_map(points, caption=caption, assets=assets, outlines=ground, footprints=known, ring=ring)
    return map_response(html, assets)


def building_document(building: Building) -> Response:
    """Where one building is."""
    assets, here = map_assets(), building_place(building)
    point = here.geometry.iloc[0]
    if point is None:
        raise NotFound("This building has no position, so there is no map of it. Add coordinates or a postcode.")
    outlines = outlines_around(current_session(), point.x, point.y)
    notes = ["Position only from the postcode" if here["is_approximate"].iloc[0] else "", capitalize_first(as_it_was())]
    note = ". ".join(filter(None, notes))
    known = footprints_frame(current_session(), [building.id], known_agency_ids())
    caption = map_caption(building.name, note)
    html = building_map(here, caption=caption, assets=assets, outlines=outlines, footprints=known)
    return map_response(html, assets)
