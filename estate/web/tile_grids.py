"""Grids of questions that the pyramid does not answer, kept by a web process as long as the whole register stands."""

from threading import Lock

from flask import Flask, current_app, g, session

from estate.gis.tiles import Tile
from estate.register.filters import BuildingFilters
from estate.register.map_grid import TILES_UP_TO, Grid, grid_of, tile_of_grid
from estate.register.map_tiles import Reading, cells_for, tile_bytes
from estate.web import programmes
from estate.web.database import current_session
from estate.web.memory import Memory
from estate.web.standing import find_standing
from estate.web.tile_answers import ASKED, Asked

EXTENSION = "estate_tile_grids"
GRIDS_BYTES = 64 * 2**20
"""Room in each web process: a question of the whole United Kingdom takes at most 5 MB."""
WHOLE = Tile(0, 0, 0)
TURNS = 16


def init_tile_grids(app: Flask) -> None:
    """Make room for them."""
    app.extensions[EXTENSION] = (Memory[Grid](GRIDS_BYTES), [Lock() for _ in range(TURNS)])


def draw(tile: Tile, filters: BuildingFilters, how: Reading, *, has_version: bool) -> bytes:
    """The tile from what answers it soonest. `has_version`: all that it shows is counted by the register's version."""
    asked: Asked | None = g.get(ASKED)
    if asked is None or not has_version or tile.zoom > TILES_UP_TO or cells_for(tile, filters, how)[1]:
        return tile_bytes(current_session(), tile, filters, how)
    return tile_of_grid(current_session(), tile, _grid(asked, filters))


def _grid(asked: Asked, filters: BuildingFilters) -> Grid:
    """Counted once: who asks the same meanwhile waits for it."""
    grids, turns = current_app.extensions[EXTENSION]
    question = repr((session.get(programmes.KEPT), sorted(filters.chosen.items(), key=str)))
    with turns[hash(question) % TURNS]:
        standing = find_standing(current_session(), asked.token_hash, WHOLE)
        name = f"{standing.eyes} {standing.version} {question}" if standing else ""
        grid: Grid | None = grids.find(name)
        if grid is None:
            grid = grid_of(current_session(), filters)
            if standing and find_standing(current_session(), asked.token_hash, WHOLE) == standing:
                grids.keep(name, grid, grid.size_bytes)
    return grid
