"""The map of a pair: both records, and the metres between."""

import numpy as np
import shapely
from flask import Response
from geoalchemy2.shape import to_shape
from geopandas import GeoDataFrame

from estate.errors import NotFound
from estate.gis.maps import outlines_around, pair_map
from estate.register.frames import APPROXIMATE_FIXES
from estate.register.matches.pair import Pair
from estate.web.database import current_session
from estate.web.map_documents import map_assets, map_caption, map_response


def pair_document(pair: Pair) -> Response:
    """Both records of a pair on the outlines around them. Raises `NotFound` where neither has a position."""
    records = [side.record for side in pair.sides]
    placed = [record for record in records if record.location is not None]
    if not placed:
        raise NotFound("Neither record has a position, so there is no map of them.")
    points = [None if record.location is None else to_shape(record.location) for record in records]
    frame = GeoDataFrame(
        {
            "name": [record.name for record in records],
            "is_approximate": [record.fix_source in APPROXIMATE_FIXES for record in records],
            "kind": [0, 1],
        },
        geometry=np.array(points, dtype=object),
        crs=4326,
    )
    middle = shapely.centroid(shapely.multipoints([point for point in points if point is not None]))
    outlines = outlines_around(current_session(), middle.x, middle.y)
    title = "Only one has a position" if pair.distance_m is None else f"{pair.distance_m:,.0f} m between"
    assets = map_assets()
    return map_response(pair_map(frame, caption=map_caption(title), assets=assets, outlines=outlines), assets)
