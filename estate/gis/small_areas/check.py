"""Puts populations and points together, and says of every row whether it is used. Pure."""

from dataclasses import dataclass, field

import numpy as np

from estate.gis.boundaries.report import counted
from estate.gis.crs import (
    WGS84,
    Floats,
    crs_name,
    home_bounds_degrees,
    home_bounds_metres,
    is_geographic,
    transform,
)
from estate.gis.small_areas.errors import UnreadableSmallAreas
from estate.gis.small_areas.read import Problem, Rows


@dataclass
class Checked:
    """The small areas of a file that can be used; `longitude`, `latitude` in EPSG:4326; row_count = used + rejected."""

    row_count: int
    code: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    population: list[int | None] = field(default_factory=list)
    longitude: Floats = field(default_factory=lambda: np.zeros(0))
    latitude: Floats = field(default_factory=lambda: np.zeros(0))
    problems: list[Problem] = field(default_factory=list)
    points_without_people: int = 0
    """Points of the second file that no row of people names: left out, and no row of the first."""

    @property
    def rejected_count(self) -> int:
        """Rows that are left out, each with its reason."""
        return len(self.problems)

    @property
    def used_count(self) -> int:
        """Rows that are used."""
        return len(self.code)


def check_rows(people: Rows, points: Rows | None, metric_srid: int) -> Checked:
    """What can be used of `people`, with the points of `points` or, where that is None, its own.

    Raises `UnreadableSmallAreas` where a file lacks what it is for, or nothing at all can be used.
    """
    source = people if points is None else points
    if not people.has_population:
        raise UnreadableSmallAreas("The file has no column with the number of people, such as “Population” or “Total”.")
    if not source.has_points:
        raise UnreadableSmallAreas(
            "The file has no coordinates. Give a second file with the points of the small areas (population-weighted "
            "centroids): longitude and latitude, or x and y."
        )
    longitude, latitude, reasons = _places(source, metric_srid)
    place = {code: number for number, code in reversed(list(enumerate(source.code)))}
    checked = Checked(people.count, problems=list(people.problems))
    rows, seen = [], set()
    for number, code in enumerate(people.code):
        where = place.get(code)
        reason = "is the second row for this code" if code in seen else ""
        reason = reason or ("has no point in the file of points" if where is None else reasons.get(where, ""))
        seen.add(code)
        if reason:
            checked.problems.append(Problem(people.line[number], f"{code} {reason}"))
        else:
            rows.append((number, where))
    checked.problems.sort(key=lambda problem: problem.line)
    taken, at = [row[0] for row in rows], np.array([row[1] for row in rows], dtype=int)
    checked.code = [people.code[number] for number in taken]
    checked.name = [_name(people, number, source, where) for number, where in zip(taken, at, strict=True)]
    checked.population = [people.population[number] for number in taken]
    checked.longitude, checked.latitude = longitude[at], latitude[at]
    checked.points_without_people = 0 if points is None else len(place.keys() - set(people.code))
    if not checked.used_count:
        first = f" Line {checked.problems[0].line}: {checked.problems[0].message}." if checked.problems else ""
        raise UnreadableSmallAreas(f"None of {counted(checked.row_count, 'row')} can be used.{first}")
    return checked


def _name(people: Rows, number: int, points: Rows, where: int) -> str:
    """A name where either file has one; else the code."""
    own = people.name[number]
    return own if own != people.code[number] else points.name[where]


def _places(rows: Rows, metric_srid: int) -> tuple[Floats, Floats, dict[int, str]]:
    """Degrees of every row, and of those that can't lie there why not, by position."""
    x, y = np.array(rows.x, dtype=float), np.array(rows.y, dtype=float)
    known = np.isfinite(x) & np.isfinite(y)
    # Without a word on the system, numbers that can't be degrees are the metric system's.
    is_metric = bool(known.any()) and float(np.nanmedian(np.abs(np.where(known, y, np.nan)))) > 90
    srid = rows.srid or (metric_srid if is_metric else WGS84)
    longitude, latitude = transform(x, y, srid)
    home = home_bounds_degrees(metric_srid)
    inside = home.contains(longitude, latitude)
    swapped = home.contains(latitude, longitude)
    metres = home_bounds_metres(metric_srid).contains(x, y) & (np.abs(y) > 90) & is_geographic(srid)
    reasons = {}
    for place in np.flatnonzero(~inside):
        if not known[place]:
            reasons[int(place)] = "has no point"
        elif swapped[place]:
            reasons[int(place)] = "has longitude and latitude that look swapped"
        elif metres[place]:
            reasons[int(place)] = f"has a point in metres that looks like {crs_name(metric_srid)}, among degrees"
        else:
            reasons[int(place)] = "lies outside the country this installation serves"
    return longitude, latitude, reasons
