"""Numbers of tiles in Z-order, and addresses that name no tile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.gis.tiles import DEPTH, MAXIMUM_ZOOM, NoSuchTile, Tile, interleaved, tile_at, tile_of


def test_known_tiles() -> None:
    # Source: the tile of central London at zoom 10 in any map on Web Mercator.
    assert tile_of(-0.1276, 51.5072, 10) == Tile(10, 511, 340)
    assert tile_of(0.0001, -0.0001, 1) == Tile(1, 1, 1)
    assert tile_of(180, 90, 5) == Tile(5, 31, 0)
    assert tile_of(-180, -90, 5) == Tile(5, 0, 31)


def test_bits_in_turns() -> None:
    assert interleaved(0b11, 0b00) == 0b0101
    assert interleaved(0b00, 0b11) == 0b1010
    assert interleaved(65535, 65535) == 2**32 - 1


@given(st.integers(0, DEPTH), st.integers(0, 65535), st.integers(0, 65535))
def test_a_tile_is_one_unbroken_range(zoom: int, x: int, y: int) -> None:
    tile = Tile(zoom, x >> (DEPTH - zoom), y >> (DEPTH - zoom))
    low, high = tile.codes()
    assert low <= interleaved(x, y) <= high
    assert high - low + 1 == 4 ** (DEPTH - zoom)


def test_the_squares_around_a_tile() -> None:
    around = Tile(15, 5, 5).codes_around()
    assert len(around) == len(set(around)) == 12
    low, high = Tile(15, 5, 5).codes()
    assert not any(low <= code <= high for code in around)
    assert interleaved(9, 9) in around
    assert len(Tile(DEPTH, 5, 5).codes_around()) == 8


def test_at_the_edge_of_the_world_there_is_nothing_around() -> None:
    assert len(Tile(DEPTH, 0, 0).codes_around()) == 3
    assert Tile(2, 0, 0).codes_around()


@pytest.mark.parametrize("zoom", [17, 18])
def test_below_the_depth_a_tile_lies_in_one_square(zoom: int) -> None:
    tile = tile_of(-2.24, 53.48, zoom)
    square = tile_of(-2.24, 53.48, DEPTH)
    assert tile.codes() == (square.code, square.code)
    assert len(tile.codes_around()) == 8


@pytest.mark.parametrize(
    "parts",
    [("", "0", "0"), ("-1", "0", "0"), ("1", "2", "0"), ("1", "0", "2"), ("1.5", "0", "0"), ("19", "0", "0"),
     ("²", "0", "0"), ("9" * 5000, "0", "0"), ("0", "9" * 5000, "0")],
)  # fmt: skip
def test_what_names_no_tile_is_refused(parts: tuple[str, str, str]) -> None:
    with pytest.raises(NoSuchTile):
        tile_at(*parts)


def test_every_zoom_has_its_last_tile() -> None:
    for zoom in range(MAXIMUM_ZOOM + 1):
        last = (1 << zoom) - 1
        assert tile_at(str(zoom), str(last), str(last)) == Tile(zoom, last, last)
