"""Maps of a few records: a pair with the metres between, and what stands on one site."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import shapely
from flask import Response
from geoalchemy2.shape import to_shape
from geopandas import GeoDataFrame

from estate.errors import NotFound
from estate.gis.maps import outlines_around, pair_map, site_map
from estate.register.footprints import footprints_frame
from estate.register.frames import APPROXIMATE_FIXES
from estate.register.matches.pair import Pair
from estate.register.matches.site_story import SiteStory
from estate.register.models import Building
from estate.web.database import current_session
from estate.web.map_documents import map_assets, map_caption, map_response
from estate.web.programmes import known_agency_ids


def pair_document(pair: Pair) -> Response:
    """Both records of a pair on the outlines around them. Raises `NotFound` where neither has a position."""
    records = [side.record for side in pair.sides]
    frame = _frame(records, [0, 1])
    if frame.geometry.isna().all():
        raise NotFound("Neither record has a position, so there is no map of them.")
    title = "Only one has a position" if pair.distance_m is None else f"{pair.distance_m:,.0f} m between"
    return _document(pair_map, frame, title)


def site_document(story: SiteStory) -> Response:
    """What stands on a site, on the outlines around it. Raises `NotFound` where none of it has a position."""
    kinds = (
        *((row.building, 0) for row in story.buildings),
        *((part, 1) for parts in story.parts.values() for part in parts),
        *((row.building, 2) for row in story.own),
    )
    buildings = [building for building, _ in kinds]
    frame = _frame(buildings, [kind for _, kind in kinds])
    if frame.geometry.isna().all():
        raise NotFound("No building of this site has a position, so there is no map of it.")
    known = footprints_frame(current_session(), [building.id for building in buildings], known_agency_ids())
    return _document(partial(site_map, footprints=known), frame, story.name)


def _frame(buildings: Sequence[Building], kinds: list[int]) -> GeoDataFrame:
    points = [None if building.location is None else to_shape(building.location) for building in buildings]
    columns = {
        "name": [building.name for building in buildings],
        "is_approximate": [building.fix_source in APPROXIMATE_FIXES for building in buildings],
        "kind": kinds,
    }
    return GeoDataFrame(columns, geometry=np.array(points, dtype=object), crs=4326)


def _document(draw: Callable[..., str], frame: GeoDataFrame, title: str) -> Response:
    middle = shapely.centroid(shapely.multipoints(frame.geometry.dropna().to_list()))
    outlines, assets = outlines_around(current_session(), middle.x, middle.y), map_assets()
    return map_response(draw(frame, caption=map_caption(title), assets=assets, outlines=outlines), assets)
