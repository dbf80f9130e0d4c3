"""Coordinate reference systems: transforming points, and telling what a pair of numbers looks like."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer

from estate.settings import get_settings

WGS84 = 4326

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """A rectangle in the units of its CRS."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Which points lie inside; never one with a NaN."""
        return (x >= self.west) & (x <= self.east) & (y >= self.south) & (y <= self.north)


@cache
def transformer(from_srid: int, to_srid: int) -> Transformer:
    """The transformer between two systems; x is always the easting or longitude."""
    return Transformer.from_crs(from_srid, to_srid, always_xy=True)


def transform(x: ArrayLike, y: ArrayLike, from_srid: int, to_srid: int = WGS84) -> tuple[Floats, Floats]:
    """Coordinates in `to_srid`; NaN where the input is NaN or can't be transformed."""
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if from_srid == to_srid:
        return xs, ys
    new_x, new_y = transformer(from_srid, to_srid).transform(xs, ys)
    bad = ~(np.isfinite(new_x) & np.isfinite(new_y))
    return np.where(bad, np.nan, new_x), np.where(bad, np.nan, new_y)


def is_geographic(srid: int) -> bool:
    """True where the system counts in degrees."""
    return srid == WGS84 or CRS.from_epsg(srid).is_geographic


def crs_name(srid: int) -> str:
    """The name people use: "British National Grid" for "OSGB36 / British National Grid"."""
    return CRS.from_epsg(srid).name.split("/")[-1].strip()


@cache
def home_bounds_degrees(metric_srid: int | None = None) -> Bounds:
    """The area of use of the installation's metric system, in degrees: where its buildings can be."""
    area = CRS.from_epsg(metric_srid or get_settings().metric_srid).area_of_use
    if area is None:
        return Bounds(-180, -90, 180, 90)
    return Bounds(area.west, area.south, area.east, area.north)


@cache
def home_bounds_metres(metric_srid: int | None = None) -> Bounds:
    """The same area in the metric system's own units."""
    srid = metric_srid or get_settings().metric_srid
    home = home_bounds_degrees(srid)
    return Bounds(*transformer(WGS84, srid).transform_bounds(home.west, home.south, home.east, home.north))
