"""Where the ground lies on the sheet: a round scale, the length of its bar, and the way to true north.

Grids stretch the ground a little, some a lot. The scale is therefore that of the ground at the middle of the map,
measured on the ellipsoid, and the bar is as long as that ground. Source: Karney's geodesics, as PROJ has them.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Geod

from estate.errors import InvalidInput
from estate.gis.crs import WGS84, transform
from estate.settings import get_settings

Bounds = tuple[float, float, float, float]

GEOD = Geod(ellps="WGS84")
ROUND = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8)
LARGEST_SCALE = 1000
"""One building fills no sheet: 1:1,000 at the most."""
ROOM = 1.06
"""The ground is shown with a little more around it."""
BAR_STEPS = (1, 2, 2.5, 5)
BAR_OF_WIDTH = 0.3
"""The scale bar is at most so much of the map's width."""
PROBE_M = 1000.0


class BeyondTheGrid(InvalidInput):
    """These positions lie where this installation's grid does not reach. Correct them, then print the map."""


@dataclass(frozen=True)
class Placing:
    """How positions become millimetres from the upper left corner of the map's frame."""

    width_mm: float
    height_mm: float
    middle: tuple[float, float]
    """Of the map, in units of the grid."""
    denominator: int
    """The N of 1:N, on the ground at the middle of the map."""
    stretch: float
    """Metres on the ground for one unit of the grid, at the middle."""
    north_degrees: float
    """True north at the middle: degrees clockwise from straight up."""
    srid: int

    @property
    def units_per_mm(self) -> float:
        """Units of the grid in one millimetre of paper."""
        return self.denominator / 1000 / self.stretch

    @property
    def bar_m(self) -> float:
        """What the scale bar stands for: a round number of metres on the ground."""
        most = self.width_mm * BAR_OF_WIDTH * self.denominator / 1000
        size: float = 10 ** math.floor(math.log10(most))
        return max(step * size for step in BAR_STEPS if step * size <= most)

    @property
    def bar_mm(self) -> float:
        """How long the scale bar is on paper."""
        return self.bar_m * 1000 / self.denominator

    def on_paper(self, degrees: np.ndarray) -> np.ndarray:
        """Longitudes and latitudes, shape (n, 2), as mm to the right and down; NaN where the grid has no such place."""
        x, y = transform(degrees[:, 0], degrees[:, 1], WGS84, self.srid)
        return np.column_stack(
            [
                (x - self.middle[0]) / self.units_per_mm + self.width_mm / 2,
                (self.middle[1] - y) / self.units_per_mm + self.height_mm / 2,
            ]
        )

    def on_ground(self, millimetres: np.ndarray) -> np.ndarray:
        """The way back: mm on the map, shape (n, 2), as longitudes and latitudes."""
        x = (millimetres[:, 0] - self.width_mm / 2) * self.units_per_mm + self.middle[0]
        y = self.middle[1] - (millimetres[:, 1] - self.height_mm / 2) * self.units_per_mm
        return np.column_stack(transform(x, y, self.srid, WGS84))


def place(bounds: Bounds, size_mm: tuple[float, float], srid: int | None = None) -> Placing:
    """The largest round scale at which `bounds` (west, south, east, north in degrees) fits a frame of `size_mm`."""
    srid = srid or get_settings().metric_srid
    west, south, east, north = _box(bounds, srid)
    middle = (west + east) / 2, (south + north) / 2
    stretch, north_degrees = _at(middle, srid)
    width_mm, height_mm = size_mm
    needed = max((east - west) / width_mm, (north - south) / height_mm) * 1000 * stretch * ROOM
    return Placing(width_mm, height_mm, middle, _round_up(needed), stretch, north_degrees, srid)


def _box(bounds: Bounds, srid: int) -> Bounds:
    """The box around `bounds` in the grid, whose edges bend."""
    # One building has no extent: a metre around it.
    box = shapely.box(bounds[0] - 1e-5, bounds[1] - 1e-5, bounds[2] + 1e-5, bounds[3] + 1e-5)
    edge = shapely.get_coordinates(shapely.segmentize(box, _span(box.bounds) / 16))
    x, y = transform(edge[:, 0], edge[:, 1], WGS84, srid)
    if not np.isfinite(x).any():
        raise BeyondTheGrid
    return float(np.nanmin(x)), float(np.nanmin(y)), float(np.nanmax(x)), float(np.nanmax(y))


def _span(bounds: Bounds) -> float:
    return max(bounds[2] - bounds[0], bounds[3] - bounds[1])


def _at(middle: tuple[float, float], srid: int) -> tuple[float, float]:
    """Metres on the ground for one unit of the grid, and degrees from up to true north, around `middle`."""
    x = [middle[0] - PROBE_M / 2, middle[0] + PROBE_M / 2, middle[0], middle[0]]
    y = [middle[1], middle[1], middle[1] - PROBE_M / 2, middle[1] + PROBE_M / 2]
    longitude, latitude = transform(x, y, srid, WGS84)
    _, _, across = GEOD.inv(longitude[0], latitude[0], longitude[1], latitude[1])
    bearing, _, _ = GEOD.inv(longitude[2], latitude[2], longitude[3], latitude[3])
    return float(across) / PROBE_M, -float(bearing)


def _round_up(needed: float) -> int:
    """The next round N of 1:N."""
    needed = max(needed, LARGEST_SCALE)
    size = 10 ** math.floor(math.log10(needed))
    rounded: float = next((step * size for step in ROUND if step * size >= needed * (1 - 1e-9)), 10 * size)
    return round(rounded)
