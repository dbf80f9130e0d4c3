"""One question of the whole register, counted once for every tile of low zoom that asks it.

The pyramid answers the usual questions. Any other, such as a word, is answered from the buildings themselves: over a
whole country that takes a second, and each of some fifty tiles would take it again. So the squares of one zoom are
counted together, and the tiles are added up from them. Whoever keeps a grid says for how long it holds.
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, String, and_, cast, func, literal_column, select, text
from sqlalchemy.orm import Session

from estate.gis.tiles import DEPTH, EXTENT, Tile
from estate.register.filters import BuildingFilters, listed_conditions
from estate.register.list_pages import prepare
from estate.register.map_tiles import ACROSS, BY_NUMBER, ENCODED
from estate.register.models import BuildingListed
from estate.register.squares import place_in

TILES_UP_TO = 7
"""The highest zoom of tiles that a grid is fine enough for."""
ZOOM = TILES_UP_TO + ACROSS
"""Of a grid's squares: some seven thousand of them are land of the United Kingdom."""
COUNTS = ("n", "ids", "area_n", "cost_n", "counted_n")
SUMS = ("area", "cost", "capacity", "people")
UNKNOWN = "NULL"
LISTS = ", ".join(
    [*(f"CAST(:{name} AS bigint[])" for name in ("code", *COUNTS)), *(f"CAST(:{name} AS numeric[])" for name in SUMS)]
)
TOTALS = ", ".join(f"{'min' if name == 'ids' else 'sum'}({name}) AS {name}" for name in (*COUNTS, *SUMS))
ADDED = f"""
SELECT (code >> :shift) - :first AS i, {TOTALS}
FROM unnest({LISTS}) AS square (code, {", ".join((*COUNTS, *SUMS))}) GROUP BY 1
"""  # noqa: S608  (names of columns)


@dataclass(frozen=True)
class Grid:
    """The squares with buildings, by their number: counts and sums as the database wrote them."""

    codes: list[int]
    columns: dict[str, list[str]]

    @property
    def size_bytes(self) -> int:
        """About the room it takes."""
        return 1000 + 600 * len(self.codes)


def grid_of(session: Session, filters: BuildingFilters) -> Grid:
    """Count what the filters let through, of what `session` sees."""
    prepare(session)
    row = BuildingListed
    is_counted = and_(row.people.is_not(None), row.capacity.is_not(None))
    x, y = (cast(func.floor(part * ((1 << ZOOM) / EXTENT)), Integer) for part in place_in(Tile(0, 0, 0)))
    # Each row is placed by what is quick to work out, and each square numbered once, by a place that lies in it.
    corner = func.ST_MakePoint(func.min(func.ST_X(row.location)), func.min(func.ST_Y(row.location)))
    code = func.map_code(func.ST_SetSRID(corner, 4326), type_=BigInteger)
    squares = (
        select(
            code.op(">>")(literal_column(str(2 * (DEPTH - ZOOM)))).label("code"),
            func.count().label("n"),
            func.min(row.id).label("ids"),
            func.count(row.counted_gross_m2).label("area_n"),
            func.count(row.annual_cost).label("cost_n"),
            func.count().filter(is_counted).label("counted_n"),
            func.sum(row.counted_gross_m2).label("area"),
            func.sum(row.annual_cost).label("cost"),
            func.sum(row.capacity).filter(is_counted).label("capacity"),
            func.sum(row.people).filter(is_counted).label("people"),
        )
        .where(*listed_conditions(filters), row.location.is_not(None))
        .group_by(x, y)
        .subquery("squares")
    )
    ordered = select(squares).order_by(squares.c.code).subquery("ordered").c
    told = session.execute(select(*(_written(ordered[name]).label(name) for name in ("code", *COUNTS, *SUMS)))).one()
    found = {name: one.split(",") if one else [] for name, one in told._mapping.items()}
    return Grid([int(number) for number in found.pop("code")], found)


def _written(column: ColumnElement[Any]) -> ColumnElement[str]:
    return func.string_agg(func.coalesce(cast(column, String), UNKNOWN), ",")


def tile_of_grid(session: Session, tile: Tile, grid: Grid) -> bytes:
    """The tile's cells, as `tile_bytes` would give them. For tiles up to zoom `TILES_UP_TO`."""
    to_grid = 2 * (DEPTH - ZOOM)
    low, high = (code >> to_grid for code in tile.codes())
    first, end = bisect_left(grid.codes, low), bisect_left(grid.codes, high + 1)
    values = {name: "{" + ",".join(column[first:end]) + "}" for name, column in grid.columns.items()}
    values["code"] = "{" + ",".join(map(str, grid.codes[first:end])) + "}"
    query = ENCODED.format(extent=EXTENT, place=BY_NUMBER, cells=ADDED)
    placed = {"shift": 2 * (ZOOM - tile.zoom - ACROSS), "first": tile.code << (2 * ACROSS), "side": EXTENT >> ACROSS}
    return bytes(session.scalar(text(query), {**values, **placed, "sees_cost": True}) or b"")
