"""Small made-up OpenStreetMap extracts: a grid of streets, with what real ones hold besides."""

from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Way

STEP = 0.002
"""Degrees between crossings."""
WEST, SOUTH, SIZE = -2.31, 53.40, 6


def crossing(column: int, row: int) -> tuple[float, float]:
    """Longitude and latitude of one crossing of the grid."""
    return WEST + column * STEP, SOUTH + row * STEP


def write_roads(path: Path, *, gap: int | None = None) -> Path:
    """A grid of `SIZE` x `SIZE` crossings, a motorway beyond it and a footpath that leads nowhere.

    `gap`: no street crosses from column `gap` to the next but the one in the last row.
    """
    path.unlink(missing_ok=True)
    writer = osmium.SimpleWriter(str(path))
    numbers = {(column, row): 1 + column + row * SIZE for column in range(SIZE) for row in range(SIZE)}
    for (column, row), number in numbers.items():
        writer.add_node(Node(id=number, location=crossing(column, row)))
    for number, place in ((900, (WEST - 0.01, SOUTH)), (901, (WEST - 0.01, SOUTH + 0.01)), (902, (-2.2, 53.5))):
        writer.add_node(Node(id=number, location=place))
    ways = [_way(1000 + row, [numbers[column, row] for column in range(SIZE)]) for row in range(SIZE)]
    if gap is not None:
        for row in range(SIZE - 1):
            left = [numbers[column, row] for column in range(gap + 1)]
            right = [numbers[column, row] for column in range(gap + 1, SIZE)]
            ways[row] = _way(1000 + row, left)
            ways.append(_way(1100 + row, right))
    ways += [_way(1200 + column, [numbers[column, row] for row in range(SIZE)]) for column in range(SIZE)]
    ways += [_way(1300, [900, 901], highway="motorway"), _way(1301, [1, 900], highway="track", access="private")]
    ways.append(_way(1302, [1, 999]))
    for way in sorted(ways, key=lambda one: one.id):
        if len(way.nodes) > 1:
            writer.add_way(way)
    writer.close()
    return path


def _way(number: int, nodes: list[int], highway: str = "residential", **tags: str) -> Way:
    return Way(id=number, nodes=nodes, tags={"highway": highway, **tags})
