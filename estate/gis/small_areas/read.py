"""Reads populations and points of small areas: CSV as text, GeoPackage and the like through the sandbox.

A row that can't be used is a problem with its line and a sentence, never an exception.
"""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from estate.gis.boundaries.errors import UnreadableBoundaries
from estate.gis.boundaries.read import SUFFIXES as SHAPE_SUFFIXES
from estate.gis.boundaries.read import read_boundary_file
from estate.gis.small_areas.columns import Columns, find_header
from estate.gis.small_areas.errors import UnreadableSmallAreas

MAXIMUM_BYTES = 128 * 1024**2
LONGEST_CODE, LONGEST_NAME = 40, 200
MOST_PEOPLE = 10_000_000
UNKNOWN = frozenset({"", "-", "..", ":", "na", "n/a", "#n/a", "null", "unknown"})


@dataclass(frozen=True)
class Problem:
    """A row that can't be used: its line in the file, and why."""

    line: int
    message: str


@dataclass
class Rows:
    """What a file says, one place a row. `population` None: unknown; `x`, `y` NaN: no point."""

    line: list[int] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    population: list[int | None] = field(default_factory=list)
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    srid: int | None = None
    """The system of `x` and `y`; None: whatever they look like."""
    problems: list[Problem] = field(default_factory=list)
    has_population: bool = False
    has_points: bool = False

    @property
    def count(self) -> int:
        """Every row of the file, used or not."""
        return len(self.line) + len(self.problems)

    def add(self, line: int, code: str, name: str, population: int | None, x: float, y: float) -> None:
        """Take one row."""
        self.line.append(line)
        self.code.append(code)
        self.name.append(name or code)
        self.population.append(population)
        self.x.append(x)
        self.y.append(y)

    def reject(self, line: int, message: str) -> None:
        """Leave one row out."""
        self.problems.append(Problem(line, message))


def read_rows(path: Path, columns: dict[str, str]) -> Rows:
    """The rows of a CSV file, or the features of a GeoPackage, GeoJSON or zipped Shapefile.

    `columns`: headings that a person chose, by kind (`code`, `population`, `x`, `y`). Raises `UnreadableSmallAreas`.
    """
    if path.suffix.lower() in SHAPE_SUFFIXES:
        return _read_shapes(path, columns)
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        raise UnreadableSmallAreas(
            "The file is a spreadsheet. Save the sheet with one row for each small area as CSV and give that."
        )
    if path.stat().st_size > MAXIMUM_BYTES:
        raise UnreadableSmallAreas("The file is larger than 128 MB. Leave out the columns by age and sex.")
    return _read_table(_cells(path.read_bytes()), columns)


def _cells(content: bytes) -> list[list[str]]:
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableSmallAreas("The file is not text. Save it as CSV, or as a GeoPackage with the suffix .gpkg.")
    try:
        text = content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise UnreadableSmallAreas("The file is not text. Save it as CSV, or as a GeoPackage with the suffix .gpkg.")
    try:
        return list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise UnreadableSmallAreas("The file is not a readable CSV file. Save it again as CSV.") from error


def _read_table(cells: list[list[str]], chosen: dict[str, str]) -> Rows:
    number, columns = find_header(cells, chosen)
    found = Rows(has_population=columns.population is not None, has_points=columns.x is not None)
    for line, row in enumerate(cells[number + 1 :], start=number + 2):
        if any(cell.strip() for cell in row):
            _take(found, columns, line, row)
    return found


def _take(found: Rows, columns: Columns, line: int, row: list[str]) -> None:
    """One row of a table, or the sentence why not."""
    code, name = _cell(row, columns.code), _cell(row, columns.name)
    if not code:
        return found.reject(line, "has no code")
    if len(code) > LONGEST_CODE:
        return found.reject(line, f"has a code of more than {LONGEST_CODE} characters")
    people_text = _cell(row, columns.population)
    people = _whole_number(people_text)
    if people is None and people_text.lower() not in UNKNOWN:
        return found.reject(line, f"“{people_text[:40]}” is not a whole number of people")
    x_text, y_text = _cell(row, columns.x), _cell(row, columns.y)
    x, y = _number(x_text), _number(y_text)
    if found.has_points and math.isnan(x + y):
        return found.reject(line, f"“{x_text[:20]}, {y_text[:20]}” is not a point")
    return found.add(line, code, name[:LONGEST_NAME], people, x, y)


def _cell(row: list[str], place: int | None) -> str:
    return " ".join(row[place].split()) if place is not None and place < len(row) else ""


def _whole_number(text: str) -> int | None:
    digits = text.replace(",", "").removesuffix(".0")
    is_whole = digits.isascii() and digits.isdigit() and len(digits) < 10
    return int(digits) if is_whole and int(digits) <= MOST_PEOPLE else None


def _number(text: str) -> float:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _read_shapes(path: Path, chosen: dict[str, str]) -> Rows:
    """Features: points as they are, of areas the point inside."""
    try:
        frame = read_boundary_file(path)
    except UnreadableBoundaries as error:
        raise UnreadableSmallAreas(error.message) from error
    headings = [str(name) for name in frame.columns if name != "geometry"]
    _, columns = find_header([headings], chosen)
    found = Rows(has_population=columns.population is not None, has_points=True, srid=frame.crs.to_epsg())
    if found.srid is None:
        raise UnreadableSmallAreas("The file's coordinate system has no EPSG number. Save it in EPSG:4326 or 27700.")
    shapes = frame.geometry.to_numpy()
    is_point = shapely.get_type_id(shapes) == 0
    points = np.where(is_point, shapes, shapely.point_on_surface(shapes))
    texts = frame[headings].astype(object).where(frame[headings].notna(), "").to_numpy().tolist()
    for line, (row, point) in enumerate(zip(texts, points, strict=True), start=1):
        for code, people, name in _features(found, columns, line, row, point):
            found.add(line, code, name[:LONGEST_NAME], people, float(point.x), float(point.y))
    return found


def _features(
    found: Rows, columns: Columns, line: int, row: list[object], point: shapely.Point | None
) -> Iterator[tuple[str, int | None, str]]:
    """The feature, unless it is rejected."""
    if point is None or point.is_empty or not (math.isfinite(point.x) and math.isfinite(point.y)):
        return found.reject(line, "has no point")
    checked = Rows()
    _take(checked, Columns(columns.code, columns.name, columns.population), line, [str(cell) for cell in row])
    found.problems += checked.problems
    yield from zip(checked.code, checked.population, checked.name, strict=True)
    return None
