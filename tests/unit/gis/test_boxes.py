"""Boxes in degrees: cut at the edges of the world, and covered by few ranges of squares."""

from hypothesis import given
from hypothesis import strategies as st

from estate.gis.boxes import MOST_SQUARES, Box, boxes_between
from estate.gis.tiles import DEPTH, tile_of

longitude, latitude = st.floats(-180, 180), st.floats(-90, 90)


@given(longitude, latitude, longitude, latitude, st.floats(0, 1), st.floats(0, 1))
def test_every_place_in_a_box_is_in_one_of_its_ranges(
    x: float, y: float, other_x: float, other_y: float, along: float, up: float
) -> None:
    box = Box(min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y))
    place = (box.west + along * (box.east - box.west), box.south + up * (box.north - box.south))
    code = tile_of(min(max(place[0], box.west), box.east), min(max(place[1], box.south), box.north), DEPTH).code
    ranges = box.codes()
    assert any(first <= code <= last for first, last in ranges)
    assert len(ranges) <= MOST_SQUARES


def test_a_small_box_needs_no_wide_range() -> None:
    ranges = Box(-2.3, 53.4, -2.29, 53.41).codes()
    assert sum(last - first + 1 for first, last in ranges) <= MOST_SQUARES


def test_over_the_antimeridian_there_are_two() -> None:
    assert boxes_between(170, -20, -170, 10) == (Box(170, -20, 180, 10), Box(-180, -20, -170, 10))


def test_the_world_ends() -> None:
    assert boxes_between(-999, -999, 999, 999) == (Box(-180, -90, 180, 90),)
    assert boxes_between(500, 0, 600, 10) == ()
    assert boxes_between(0, 95, 10, 99) == ()
