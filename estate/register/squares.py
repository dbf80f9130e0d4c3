"""Where buildings lie on the squares of the map, as conditions on `BuildingListed`: see `estate.gis.tiles`."""

import re
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, func, or_

from estate.gis.tiles import DEPTH, EXTENT, NoSuchTile, Tile
from estate.register.models import BuildingListed

SMALLEST = 23
"""Zoom of the smallest squares that somebody may ask for: the cells of a tile of the largest zoom."""
WRITTEN = re.compile(r"(\d{1,2})/(\d{1,8})/(\d{1,8})", re.ASCII)
CODE = func.map_code(BuildingListed.location, type_=BigInteger)


def square_from(text: str) -> Tile:
    """The square that an address writes as `zoom/x/y`. Raises `NoSuchTile`."""
    parts = WRITTEN.fullmatch(text)
    square = Tile(*(int(part) for part in parts.groups())) if parts else None
    if square is None or square.zoom > SMALLEST or max(square.x, square.y) >= 1 << square.zoom:
        raise NoSuchTile
    return square


def written(square: Tile) -> str:
    """As an address has it: `12/2015/1330`."""
    return f"{square.zoom}/{square.x}/{square.y}"


def place_in(tile: Tile) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Where a building lies, in the units of the tile."""
    place = BuildingListed.location
    latitude = func.greatest(-85.06, func.least(85.06, func.ST_Y(place)))
    height = func.sin(func.radians(latitude))
    squares = float(1 << tile.zoom)
    x = (func.ST_X(place) + 180.0) / 360.0 * squares
    y = (0.5 - func.ln((1.0 + height) / (1.0 - height)) / (4.0 * func.pi())) * squares
    return (x - tile.x) * EXTENT, (y - tile.y) * EXTENT


def inside(tile: Tile) -> list[ColumnElement[bool]]:
    """In the tile."""
    low, high = tile.codes()
    found: list[ColumnElement[bool]] = [BuildingListed.location.is_not(None), CODE.between(low, high)]
    if tile.zoom <= DEPTH:
        return found
    return [*found, *(and_(part >= 0, part < EXTENT) for part in place_in(tile))]


def inside_or_near(tile: Tile) -> ColumnElement[bool]:
    """In the tile, or in one of the numbered squares around it."""
    low, high = tile.codes()
    near = CODE.in_(tile.codes_around())
    return and_(BuildingListed.location.is_not(None), or_(CODE.between(low, high), near))
