"""Readers of single file kinds. They run in the disposable child process only, and may raise whatever they like.

Each gives `Sheet`s: rows of text, nothing interpreted. A geographic reader adds the columns named in `SHAPE_COLUMNS`.
"""

from dataclasses import dataclass, field

from estate.sandbox import UnreadableFile

MAXIMUM_ROWS = 500_000
MAXIMUM_COLUMNS = 2_000
MAXIMUM_CELLS = 6_000_000

DRIVERS = {"GPKG", "ESRI Shapefile"}
"""All that is left of GDAL where files are read."""

SHAPE_X, SHAPE_Y, SHAPE_OUTLINE, SHAPE_PROBLEM = "@x", "@y", "@outline", "@problem"
SHAPE_COLUMNS = (SHAPE_X, SHAPE_Y, SHAPE_OUTLINE, SHAPE_PROBLEM)
"""A point of the feature, its polygons as hex WKB ("" where it has none), and "missing", "broken" or ""."""

NO_VALUE = "#FORMULA WITHOUT A VALUE"
"""Stands in the cell of a formula of which the workbook stores no value; the check warns of it."""


@dataclass
class Sheet:
    """Rows of text cells and the line or row number of each. No header is assumed; blank rows are left out."""

    name: str
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    srid: int | None = None
    """EPSG code of the shape columns where the file states one."""
    cells: int = 0

    def add(self, line: int, row: list[str]) -> None:
        """Append a row unless it is blank; refuse a table that is too large."""
        if not any(row):
            return
        self.cells += len(row)
        if len(row) > MAXIMUM_COLUMNS and len(row := trimmed(row)) > MAXIMUM_COLUMNS:
            raise UnreadableFile(
                f"Line {line} has more than {MAXIMUM_COLUMNS:,} columns. Remove the ones that are not needed."
            )
        if len(self.rows) >= MAXIMUM_ROWS or self.cells > MAXIMUM_CELLS:
            raise UnreadableFile(
                f"The table is larger than {MAXIMUM_ROWS:,} rows or {MAXIMUM_CELLS:,} cells. Split it up."
            )
        self.rows.append(row)
        self.lines.append(line)


def trimmed(row: list[str]) -> list[str]:
    """The row without its empty cells at the end."""
    last = len(row)
    while last and not row[last - 1]:
        last -= 1
    return row[:last]
