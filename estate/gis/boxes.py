"""Rectangles in degrees, and the squares in Z-order that lie in them."""

from dataclasses import dataclass

from estate.gis.tiles import DEPTH, Tile, tile_of

MOST_SQUARES = 16


@dataclass(frozen=True)
class Box:
    """A rectangle in degrees, on neither side of which the antimeridian lies: `west` is at most `east`."""

    west: float
    south: float
    east: float
    north: float

    def codes(self) -> list[tuple[int, int]]:
        """Ranges of numbers of the squares of `tiles.DEPTH` that hold the box: few of them, so a little more than it.

        Every place in the box has its number in one of them.
        """
        found = [(0, (1 << 2 * DEPTH) - 1)]
        for zoom in range(1, DEPTH + 1):
            first, last = tile_of(self.west, self.north, zoom), tile_of(self.east, self.south, zoom)
            if (last.x - first.x + 1) * (last.y - first.y + 1) > MOST_SQUARES:
                break
            squares = [Tile(zoom, x, y) for x in range(first.x, last.x + 1) for y in range(first.y, last.y + 1)]
            found = _joined(sorted(square.codes() for square in squares))
        return found


def boxes_between(west: float, south: float, east: float, north: float) -> tuple[Box, ...]:
    """The boxes from `west` eastwards to `east`: two where that goes over the antimeridian.

    What lies outside the world is cut off; nothing is left of a box that lies wholly outside.
    """
    low, high = max(south, -90.0), min(north, 90.0)
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    cut = [(max(left, -180.0), min(right, 180.0)) for left, right in spans]
    return tuple(Box(left, low, right, high) for left, right in cut if left <= right and low <= high)


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same numbers in fewer ranges, where one begins after another ends."""
    found: list[tuple[int, int]] = []
    for first, last in ranges:
        if found and found[-1][1] + 1 == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found
