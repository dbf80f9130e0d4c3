"""The outlines of buildings beneath their signs, as far as they are known."""

from geopandas import GeoDataFrame

from estate.gis.maps.document import Features
from estate.gis.maps.legend import Entry, Look, Looks
from estate.gis.maps.packed import packed_areas

FOOTPRINT = Look("#b9d3dc")
LEGEND_ENTRY = Entry("outline of a building, close up", FOOTPRINT)
SCALE = 1_000_000
"""Units of a degree: about a decimetre each."""


def footprint_layers(footprints: GeoDataFrame | None, looks: Looks) -> list[Features]:
    """A layer of `footprints` (geometry), which is seen close up; none where there are none."""
    if footprints is None or footprints.empty:
        return []
    shaped = footprints[["geometry"]].assign(name="")
    packed = packed_areas(shaped, [looks.place(FOOTPRINT)] * len(shaped), SCALE)
    return [Features(packed, "Outlines", "footprint")]
