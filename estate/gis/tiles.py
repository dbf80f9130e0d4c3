"""Tiles of Web Mercator, and the numbers in Z-order under which the database finds what lies in one.

The square of the whole world is halved in both directions at each zoom. Interleaving the bits of column and row
(Morton, 1966) numbers the squares so that all squares inside one are an unbroken range: see `map_code` in the database.
"""

import math
from dataclasses import dataclass

from estate.errors import NotFound

DEPTH = 16
"""Zoom of the squares that the database numbers: at British latitudes about 370 m a side."""
MAXIMUM_ZOOM = 18
EXTENT = 4096
"""Units of a vector tile's own coordinates along one side; y runs down. Source: Mapbox Vector Tile 2.1."""


class NoSuchTile(NotFound):
    """There is no such tile. Tiles have a zoom from 0 to 18, and a column and a row inside that zoom."""


@dataclass(frozen=True)
class Tile:
    """One square: `zoom`, and its column `x` from the west and row `y` from the north."""

    zoom: int
    x: int
    y: int

    @property
    def code(self) -> int:
        """Its number among the squares of its zoom."""
        return interleaved(self.x, self.y)

    def codes(self) -> tuple[int, int]:
        """The lowest and the highest number of the squares of `DEPTH` inside it, or of the one that it lies in."""
        shift = 2 * (DEPTH - self.zoom)
        if shift < 0:
            return (self.code >> -shift,) * 2
        return self.code << shift, ((self.code + 1) << shift) - 1

    def codes_around(self) -> list[int]:
        """The numbers of the squares of `DEPTH` along its edges, outside it."""
        (left, top), (right, bottom) = (self._at_depth(corner) for corner in (0, 1))
        around = [(x, y) for x in (left - 1, right + 1) for y in range(top - 1, bottom + 2)]
        around += [(x, y) for y in (top - 1, bottom + 1) for x in range(left, right + 1)]
        side = range(1 << DEPTH)
        return [interleaved(x, y) for x, y in around if x in side and y in side]

    def _at_depth(self, corner: int) -> tuple[int, int]:
        """Column and row of the first or last square of `DEPTH` inside it."""
        shift = DEPTH - self.zoom
        if shift < 0:
            return self.x >> -shift, self.y >> -shift
        return ((self.x + corner) << shift) - corner, ((self.y + corner) << shift) - corner


def tile_at(zoom: str, x: str, y: str) -> Tile:
    """The tile that an address names. Raises `NoSuchTile` for whatever is none."""
    if not all(text.isascii() and text.isdigit() and len(text) <= 6 for text in (zoom, x, y)):
        raise NoSuchTile
    tile = Tile(int(zoom), int(x), int(y))
    if tile.zoom > MAXIMUM_ZOOM or max(tile.x, tile.y) >= 1 << tile.zoom:
        raise NoSuchTile
    return tile


def tile_of(longitude: float, latitude: float, zoom: int) -> Tile:
    """The tile of `zoom` in which a place lies."""
    height = math.sin(math.radians(max(-85.06, min(85.06, latitude))))
    x = (longitude + 180) / 360
    y = 0.5 - math.log((1 + height) / (1 - height)) / (4 * math.pi)
    last = (1 << zoom) - 1
    return Tile(zoom, *(max(0, min(last, math.floor(part * (1 << zoom)))) for part in (x, y)))


def interleaved(x: int, y: int) -> int:
    """The bits of column and row in turns, the row's above the column's."""
    found = 0
    for place in range(max(x, y).bit_length()):
        found |= (x >> place & 1) << 2 * place | (y >> place & 1) << 2 * place + 1
    return found
