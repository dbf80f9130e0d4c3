"""The squares that are searched hold the whole circle, and distances are whole metres."""

import pytest
from pyproj import Geod

from estate.gis.tiles import DEPTH, tile_of
from estate.register.regions import NotADistance, Point, Within, metres_from, squares_around

GEOD = Geod(ellps="WGS84")
PLACES = ((-2.2, 53.48), (-6.3, 49.9), (-0.9, 60.8), (0.00001, 51.5), (-7.6, 54.0))


@pytest.mark.parametrize("metres", [1, 60, 800, 12_345, 50_000])
@pytest.mark.parametrize("place", PLACES)
def test_the_squares_hold_the_circle(place: tuple[float, float], metres: int) -> None:
    ranges = squares_around(Within(metres, Point("", "", *place)))
    assert len(ranges) <= 4
    for bearing in range(0, 360, 15):
        longitude, latitude, _ = GEOD.fwd(*place, bearing, metres)
        low, _ = tile_of(longitude, latitude, DEPTH).codes()
        assert any(first <= low <= last for first, last in ranges)


@pytest.mark.parametrize("text", ["", "0", "-5", "1.5", "50001", "9" * 400, "٣", "800m", "1e3"])
def test_what_is_no_distance(text: str) -> None:
    with pytest.raises(NotADistance):
        metres_from(text)


def test_a_distance_may_have_a_comma() -> None:
    assert metres_from(" 1,200 ") == 1200
