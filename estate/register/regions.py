"""Buildings within so many metres of a place: how an address writes it, where the place is, and the condition."""

import math
import re
from dataclasses import dataclass

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from estate.errors import InvalidInput
from estate.gis.crs import home_bounds_degrees
from estate.gis.geocode import fix_postcodes, normalise_postcode
from estate.gis.tiles import DEPTH, tile_of
from estate.register.models import Building, BuildingListed
from estate.register.programmes import Scope, listed_within
from estate.register.shown import shown

FURTHEST_M = 50_000
ROUND_THE_EARTH_M = 40_000_000
METRES_OF_A_DEGREE = 110_500.0
"""Of latitude, where it is shortest."""
WRITTEN = re.compile(r"(\d{1,6}) of (\S.{0,80})")
BUILDING = re.compile(r"building ([1-9]\d{0,17})", re.IGNORECASE)
COORDINATES = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?)\s*,\s*(-?\d{1,3}(?:\.\d{1,12})?)")


class NotADistance(InvalidInput):
    """The distance is not a whole number of metres from 1 to 50,000. Enter digits only, such as 800."""


class NoSuchPlace(InvalidInput):
    """There is no such place. Give a full postcode, the name of a building, or latitude and longitude in degrees."""


class NoPosition(InvalidInput):
    """Where this building is, is not known to you. Give a postcode near it, or add its position to its record first."""


class LooksSwapped(InvalidInput):
    """These coordinates look swapped. Give the latitude first, such as 53.48, -2.24."""


@dataclass(frozen=True)
class Point:
    """A place: `written` as an address has it, `name` for people, degrees, and how many metres it may be wrong."""

    written: str
    name: str
    longitude: float
    latitude: float
    accuracy_m: float | None = None
    """None: as exact as the building's own position."""


@dataclass(frozen=True)
class Within:
    """What lies at most so many metres from a point, in a straight line."""

    metres: int
    point: Point

    @property
    def written(self) -> str:
        """As an address has it: `800 of M32 0TH`."""
        return f"{self.metres} of {self.point.written}"


def within_from(session: Session, text: str, scope: Scope | None) -> Within:
    """What `Within.written` says, for a reader who is shown `scope`. Raises the errors of this module."""
    parts = WRITTEN.fullmatch(text)
    if parts is None:
        raise NoSuchPlace
    point = find_point(session, parts[2].strip(), scope)
    if point is None:
        raise NoSuchPlace
    return Within(metres_from(parts[1]), point)


def metres_from(text: str) -> int:
    """A distance. Raises `NotADistance`."""
    digits = text.strip().replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 6 and 1 <= int(digits) <= FURTHEST_M):
        raise NotADistance(fields={"metres": "is a whole number from 1 to 50,000"})
    return int(digits)


def find_point(session: Session, text: str, scope: Scope | None) -> Point | None:
    """The place of a postcode, of `building 12` by its number, or of `latitude, longitude`; None where it is none."""
    if found := BUILDING.fullmatch(text):
        return _of_building(session, int(found[1]), scope)
    if found := COORDINATES.fullmatch(text):
        return _of_coordinates(float(found[1]), float(found[2]))
    postcode = normalise_postcode(text)
    if " " not in postcode:
        return None
    fixes = fix_postcodes([postcode])
    if fixes.source[0] != "postcode_centroid":
        return None
    return Point(postcode, postcode, float(fixes.longitude[0]), float(fixes.latitude[0]), float(fixes.accuracy_m[0]))


def _of_building(session: Session, building_id: int, scope: Scope | None) -> Point | None:
    """Read as any list is: who does not see the building, or not where it is, learns nothing from it."""
    row = BuildingListed
    conditions = [row.id == building_id, *(listed_within(scope) if scope is not None else [])]
    query = select(shown(Building.name), func.ST_X(row.location), func.ST_Y(row.location)).join(
        Building, Building.id == row.id
    )
    found = session.execute(query.where(*conditions)).first()
    if found is None:
        return None
    name, longitude, latitude = found
    if longitude is None:
        raise NoPosition
    return Point(f"building {building_id}", name, longitude, latitude)


def _of_coordinates(latitude: float, longitude: float) -> Point:
    home = home_bounds_degrees()
    east, north = np.array([longitude]), np.array([latitude])
    if not home.contains(east, north)[0] and home.contains(north, east)[0]:
        raise LooksSwapped
    if abs(latitude) > 85 or abs(longitude) > 180:
        raise NoSuchPlace
    written = f"{latitude:.5f},{longitude:.5f}"
    return Point(written, f"{latitude:.5f}, {longitude:.5f}", longitude, latitude)


def within_conditions(within: Within) -> list[ColumnElement[bool]]:
    """The condition on `BuildingListed`: on the spheroid, found by the index of the squares of the map."""
    location, point = BuildingListed.location, within.point
    code = func.map_code(location, type_=BigInteger)
    near = or_(*(code.between(low, high) for low, high in squares_around(within)))
    centre = func.geography(func.ST_SetSRID(func.ST_MakePoint(point.longitude, point.latitude), 4326))
    is_within = func.ST_DWithin(func.geography(location), centre, within.metres)
    return [and_(location.is_not(None), near), is_within]


def squares_around(within: Within) -> list[tuple[int, int]]:
    """Ranges of the numbers of `map_code` that together hold all that lies within: at most four squares."""
    point = within.point
    tall = within.metres / METRES_OF_A_DEGREE
    edge = min(89.0, abs(point.latitude) + tall)
    wide = tall / math.cos(math.radians(edge))
    side = ROUND_THE_EARTH_M * math.cos(math.radians(edge)) / (2.1 * within.metres)
    zoom = max(0, min(DEPTH, math.floor(math.log2(side))))
    corners = {
        tile_of(point.longitude + right * wide, point.latitude + up * tall, zoom) for right in (-1, 1) for up in (-1, 1)
    }
    return sorted(tile.codes() for tile in corners)
