"""Positions without a network: from coordinates, or from a postcode, each with its source and how exact it is."""

import re
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from estate.gis.crs import (
    WGS84,
    Floats,
    crs_name,
    home_bounds_degrees,
    home_bounds_metres,
    is_geographic,
    transform,
)
from estate.gis.postcodes import UNPLACED, PostcodeIndex, postcode_index

BRITISH_GRID, IRISH_GRID = 27700, 29903
FULL = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][ABD-HJLNP-UW-Z]{2})")
USUAL = re.compile(FULL.pattern.replace(")(", ") ("))
OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")
SECTOR = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9]")

DEGREES_ACCURACY_M = 5.0
"""Five decimals of a degree are one metre; the rest is where on the building the point was put."""
GRID_ACCURACY_M = 5.0
"""A metre of rounding, and 2 m (95 %) of the transformation from the National Grid without OSTN15."""
LEAST_METRES = 1000.0
"""Smaller numbers than this are not taken for metres: no land is that near the origin of a national grid."""
POSTCODE_ACCURACY_M = 100.0
"""A unit postcode is about fifteen addresses along one street; its centroid is one of them."""


@dataclass
class Fixes:
    """A position for each row of a batch: degrees (EPSG:4326), NaN and an empty source where there is none.

    `source` is one of "coordinates", "easting_northing", "postcode_centroid", "postcode_sector", "postcode_district".
    `accuracy_m` is the radius within which the real building lies in most cases.
    """

    longitude: Floats
    latitude: Floats
    accuracy_m: Floats
    source: NDArray[np.object_]
    problem: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))

    @classmethod
    def none(cls, count: int) -> "Fixes":
        """No fix for any of `count` rows."""
        longitude, latitude, accuracy = (np.full(count, np.nan) for _ in range(3))
        return cls(longitude, latitude, accuracy, np.full(count, "", dtype=object), np.full(count, "", dtype=object))

    @property
    def is_fixed(self) -> NDArray[np.bool_]:
        """Which rows have a position."""
        return ~np.isnan(self.longitude)

    def take(self, other: "Fixes", where: NDArray[np.bool_]) -> None:
        """Copy `other`'s positions into the rows that `where` names."""
        for name in ("longitude", "latitude", "accuracy_m", "source"):
            getattr(self, name)[where] = getattr(other, name)[where]


def fix_coordinates(x: Floats, y: Floats, srid: int) -> Fixes:
    """Positions from pairs of coordinates; nothing is mended silently.

    NaN in either means that there is none, and so does 0,0 (problem "no_fix"). Other problems, each without a position:
    "not_finite", "looks_swapped", "looks_like_metres", "looks_like_degrees", "out_of_range".
    """
    fixes = Fixes.none(len(x))
    given = ~(np.isnan(x) | np.isnan(y))
    problem = _coordinate_problems(x, y, srid, given)
    fixes.problem = problem
    good = given & (problem == "")
    longitude, latitude = transform(np.where(good, x, np.nan), np.where(good, y, np.nan), srid)
    lost = good & np.isnan(longitude)
    problem[lost] = "out_of_range"
    fixes.longitude, fixes.latitude = np.array(longitude), np.array(latitude)
    placed = good & ~lost
    degrees = is_geographic(srid)
    fixes.source[placed] = "coordinates" if degrees else "easting_northing"
    fixes.accuracy_m[placed] = DEGREES_ACCURACY_M if degrees else GRID_ACCURACY_M
    return fixes


def _coordinate_problems(x: Floats, y: Floats, srid: int, given: NDArray[np.bool_]) -> NDArray[np.object_]:
    """The problem of each pair, "" where there is none."""
    degrees, metres = home_bounds_degrees(), home_bounds_metres()
    if is_geographic(srid):
        in_range = (np.abs(x) <= 180) & (np.abs(y) <= 90)
        swapped = ~degrees.contains(x, y) & degrees.contains(y, x)
        other_kind = ~in_range & metres.contains(x, y) & (np.abs(x) > LEAST_METRES) & (np.abs(y) > LEAST_METRES)
        name = "looks_like_metres"
    else:
        in_range = metres.contains(x, y)
        swapped = ~in_range & metres.contains(y, x)
        other_kind = degrees.contains(x, y) | degrees.contains(y, x)
        name = "looks_like_degrees"
    problem = np.full(len(x), "", dtype=object)
    problem[given & ~in_range] = "out_of_range"
    problem[given & swapped] = "looks_swapped"
    problem[given & other_kind] = name
    problem[given & (x == 0) & (y == 0)] = "no_fix"
    problem[given & ~(np.isfinite(x) & np.isfinite(y))] = "not_finite"
    return problem


def coordinate_sentence(problem: str, srid: int) -> str:
    """What to tell a person about a problem of `fix_coordinates`."""
    metric = crs_name(BRITISH_GRID) if srid == WGS84 else crs_name(srid)
    return {
        "not_finite": "A coordinate is not a number. Give digits only.",
        "no_fix": "The coordinates are 0, 0, which means that nobody fixed the place. Leave both empty instead.",
        "looks_swapped": "The coordinates look swapped: longitude or easting comes first. Swap the columns.",
        "looks_like_metres": f"The coordinates look like {metric} (metres), but the layout says degrees. "
        "Give longitude and latitude, or use the easting and northing columns.",
        "looks_like_degrees": f"The coordinates look like degrees, but the layout says {metric} (metres).",
        "out_of_range": "The coordinates are outside the range of their system. Check the digits.",
    }[problem]


def normalise_postcode(text: str) -> str:
    """The usual form: "M32 0TH", or "M32" or "M32 0" for a part of one; "" where it is no UK postcode."""
    if USUAL.fullmatch(text):
        return text
    joined = "".join(text.upper().split())
    if full := FULL.fullmatch(joined):
        return f"{full[1]} {full[2]}"
    if OUTWARD.fullmatch(joined) and " " not in text.strip():
        return joined
    spaced = " ".join(text.upper().split())
    return spaced if SECTOR.fullmatch(spaced) else ""


def fix_postcodes(postcodes: list[str], index: PostcodeIndex | None = None) -> Fixes:
    """Centroids of normalised postcodes (see `normalise_postcode`).

    A part of a postcode falls to the middle of all that begin with it, and so does a full one that the directory
    does not know or does not place; the source then says so, and the accuracy is the radius that holds 90 % of them.
    """
    index = index or postcode_index()
    fixes = Fixes.none(len(postcodes))
    codes = np.array([code.replace(" ", "") for code in postcodes], dtype="S7")
    full = np.array([len(code) > 4 and code[-3:-2] not in ("", " ") and code[-4:-3] == " " for code in postcodes], bool)
    rows = np.where(full, index.find(codes), -1)
    found = index.records[np.maximum(rows, 0)]
    placed = (rows >= 0) & (found["easting"] != UNPLACED)
    is_irish = np.char.startswith(codes, b"BT") if len(codes) else np.empty(0, bool)
    for srid, where in ((BRITISH_GRID, placed & ~is_irish), (IRISH_GRID, placed & is_irish)):
        if where.any():
            longitude, latitude = transform(found["easting"][where], found["northing"][where], srid)
            fixes.longitude[where], fixes.latitude[where] = longitude, latitude
    fixes.accuracy_m[placed] = POSTCODE_ACCURACY_M
    fixes.source[placed] = "postcode_centroid"
    for position in np.flatnonzero(~placed):
        if postcodes[position]:
            _fix_coarsely(fixes, int(position), postcodes[position], index)
    return fixes


def _fix_coarsely(fixes: Fixes, position: int, postcode: str, index: PostcodeIndex) -> None:
    """Put the middle of the postcode's sector, else of its district, into one row."""
    outward, _, inward = postcode.partition(" ")
    tries = [(outward + inward[:1], "postcode_sector")] if inward else []
    for prefix, source in [*tries, (outward, "postcode_district")]:
        middle = _middle(index, prefix, source == "postcode_sector")
        if middle is not None:
            fixes.longitude[position], fixes.latitude[position], fixes.accuracy_m[position] = middle
            fixes.source[position] = source
            return


@cache
def _middle(index: PostcodeIndex, prefix: str, is_sector: bool) -> tuple[float, float, float] | None:
    """Longitude, latitude and 90 % radius in metres of the postcodes with this outward code, or of this sector."""
    records = index.starting_with(prefix)
    lengths = np.char.str_len(records["code"]) if len(records) else np.empty(0, int)
    records = records[lengths == len(prefix) + (2 if is_sector else 3)]
    if not len(records):
        return None
    easting, northing = float(np.median(records["easting"])), float(np.median(records["northing"]))
    distance = np.hypot(records["easting"] - easting, records["northing"] - northing)
    radius = max(POSTCODE_ACCURACY_M, float(np.quantile(distance, 0.9)))
    srid = IRISH_GRID if prefix.startswith("BT") else BRITISH_GRID
    longitude, latitude = transform([easting], [northing], srid)
    return float(longitude[0]), float(latitude[0]), round(radius, -1)
