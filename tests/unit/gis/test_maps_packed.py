import json

import numpy as np
import shapely
from geopandas import GeoDataFrame
from shapely.geometry import MultiPolygon, Polygon, box

from estate.gis.maps.packed import packed_areas


def unpack(packed: dict, place: int) -> MultiPolygon:
    """What `map.js` makes of the shape at `place`."""
    polygons = []
    for rings in packed["shapes"][place]:
        unpacked = [np.cumsum(np.array(steps).reshape(-1, 2), axis=0) / packed["scale"] for steps in rings]
        polygons.append(Polygon(unpacked[0], unpacked[1:]))
    return MultiPolygon(polygons)


def frame_of(*shapes: object, **columns: object) -> GeoDataFrame:
    return GeoDataFrame({"name": [f"Area {n}" for n in range(len(shapes))], **columns}, geometry=list(shapes), crs=4326)


def test_shapes_come_back_with_their_holes_and_parts() -> None:
    holed = box(-2.4, 53.3, -2.3, 53.4) - box(-2.38, 53.32, -2.36, 53.34)
    parted = MultiPolygon([box(-2.12345, 53.3, -2.1, 53.4), box(-1, 53, -0.9, 53.1) - box(-0.96, 53.02, -0.95, 53.03)])
    packed = packed_areas(frame_of(holed, parted), [0, 1])
    for place, shape in enumerate((holed, parted)):
        assert shapely.symmetric_difference(unpack(packed, place), shape).area < 1e-12
    assert packed["scale"] == 100_000
    json.dumps(packed)


def test_coarse_outlines_take_shorter_numbers() -> None:
    assert packed_areas(frame_of(box(-2.4, 53.3, -2.3, 53.4)), [0])["scale"] == 10


def test_areas_without_a_shape_are_left_out_and_the_others_keep_their_own() -> None:
    frame = frame_of(None, box(0, 50, 1, 51), lines=[["no"], ["yes"]], href=["/maps?area=1", "/maps?area=2"], link="Go")
    packed = packed_areas(frame, [4, 5])
    assert (packed["names"], packed["looks"], packed["lines"]) == (["Area 1"], [5], [["yes"]])
    assert "".join([packed["href"][0], packed["href"][1][0]]) == "/maps?area=2"


def test_what_addresses_share_is_sent_once() -> None:
    squares = [box(x, 50, x + 1, 51) for x in range(3)]
    addresses = [f"/maps?text=%C3%A9&area={number}" for number in (17, 18, 9)]
    packed = packed_areas(frame_of(*squares, href=addresses, link="Go"), [0] * 3)
    assert [packed["href"][0] + rest for rest in packed["href"][1]] == addresses
    assert packed["href"][0] == "/maps?text=%C3%A9&area="


def test_nothing_at_all() -> None:
    assert packed_areas(frame_of(None), [0])["shapes"] == []
