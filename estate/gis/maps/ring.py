"""The circle around a place: what lies within so many metres of it."""

import numpy as np
from geopandas import GeoDataFrame
from pyproj import Geod
from shapely import Polygon

from estate.gis.maps.document import Features
from estate.gis.maps.legend import Look, Looks
from estate.gis.maps.packed import packed_areas

RING = Look("#9a2a1c", pattern="ring")
CORNERS = 96
SCALE = 1_000_000
"""Units of a degree: about a decimetre each."""


def ring_frame(longitude: float, latitude: float, metres: float, name: str) -> GeoDataFrame:
    """The circle on the spheroid as one row with geometry (EPSG:4326) and `name`."""
    bearings = np.linspace(0, 360, CORNERS, endpoint=False)
    here = (np.full(CORNERS, longitude), np.full(CORNERS, latitude))
    east, north, _ = Geod(ellps="WGS84").fwd(here[0], here[1], bearings, np.full(CORNERS, metres))
    return GeoDataFrame({"name": [name]}, geometry=[Polygon(np.column_stack([east, north]))], crs=4326)


def ring_layers(ring: GeoDataFrame | None, looks: Looks) -> list[Features]:
    """The layer of the circle; none where there is none."""
    if ring is None:
        return []
    return [Features(packed_areas(ring, [looks.place(RING)], SCALE), str(ring["name"].iloc[0]), "ring")]
