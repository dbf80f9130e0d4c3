"""Which layout a file has, on which line its header stands, and the table below it."""

import re
from collections import Counter
from dataclasses import dataclass

from estate.errors import InvalidInput
from estate.register.imports.layouts import Layout, fold, layouts
from estate.register.imports.read import FileContent
from estate.register.imports.readers import SHAPE_COLUMNS, Sheet

HEADER_LINES = 20
REASON_COLUMN = "Rejected because"
"""Estate adds this column to the rows it gives back; when they come again it is ignored."""


WAY_OUT = (
    "A spreadsheet with headings of its own goes into Estate's own template: download it from the page “Import a file” "
    "(or by the command “estate template”), put your columns under its headings, and import that. If the file has one "
    "of the other layouts listed there, choose that layout and give the columns its names."
)


class UnknownLayout(InvalidInput):
    """The file has no layout that is known here."""


class RepeatedColumn(InvalidInput):
    """The header names a column twice."""


@dataclass
class Table:
    """The rows of one layout below their header, each exactly as wide as the header or wider."""

    layout: Layout
    sheet: str
    srid: int | None
    columns: list[str]
    rows: list[list[str]]
    lines: list[int]
    repeated: list[str]
    """Columns that the header names twice and the layout does not use."""

    def position(self, name: str) -> int | None:
        """Index of a column, without regard to case and spacing."""
        return self.index.get(fold(name))

    def __post_init__(self) -> None:
        self.index: dict[str, int] = {}
        for number, name in enumerate(self.columns):
            self.index.setdefault(fold(name), number)


@dataclass
class _Match:
    layout: Layout
    sheet: Sheet
    header: int
    score: float


def recognise(content: FileContent, layout_name: str | None = None) -> Table:
    """The table of the best sheet and layout; `UnknownLayout` says which columns are missing from the nearest."""
    if layout_name is not None and layout_name not in layouts():
        raise UnknownLayout(f"There is no layout “{layout_name}”. Choose one of: {', '.join(layouts())}.")
    candidates = [layouts()[layout_name]] if layout_name else list(layouts().values())
    matches = [match for layout in candidates for sheet in content.sheets if (match := _match(layout, sheet))]
    if not matches:
        raise UnknownLayout(_nearest(content, candidates))
    best = max(matches, key=lambda match: match.score)
    return _table(best, content)


def _match(layout: Layout, sheet: Sheet) -> _Match | None:
    needs = {fold(name) for name in layout.needs}
    known = layout.known_columns()
    for number, row in enumerate(sheet.rows[:HEADER_LINES]):
        names = {fold(cell) for cell in row if cell}
        if needs <= names:
            score = len(needs) + len(known & names) + len(known & names) / len(known)
            return _Match(layout, sheet, number, score)
    return _match_positions(layout, sheet) if layout.positions else None


def _match_positions(layout: Layout, sheet: Sheet) -> _Match | None:
    """A file without a header: as many columns as the layout has, the first cell of each row after its pattern."""
    sample = sheet.rows[:HEADER_LINES]
    fits = [row for row in sample if len(row) == len(layout.positions) and re.fullmatch(layout.pattern or ".+", row[0])]
    return _Match(layout, sheet, -1, float(len(layout.positions))) if sample and len(fits) == len(sample) else None


def _nearest(content: FileContent, candidates: list[Layout]) -> str:
    rows = [row for sheet in content.sheets for row in sheet.rows[:HEADER_LINES]]
    found = {fold(cell) for row in rows for cell in row}
    headed = [layout for layout in candidates if not layout.positions]
    if not headed:
        return f"The file is no {candidates[0].title}: it needs {len(candidates[0].positions)} columns, no header."
    nearest = max(headed, key=lambda layout: sum(fold(name) in found for name in layout.needs) / len(layout.needs))
    missing = [name for name in nearest.needs if fold(name) not in found]
    if len(missing) == len(nearest.needs) and len(headed) > 1:
        return f"No layout that is known here fits the columns of this file. {WAY_OUT}"
    return f"The nearest layout is “{nearest.title}”, but the file lacks: {', '.join(missing)}. {WAY_OUT}"


def _table(match: _Match, content: FileContent) -> Table:
    layout, sheet = match.layout, match.sheet
    if match.header < 0:
        columns, rows, lines = list(layout.positions), sheet.rows, sheet.lines
    else:
        columns = sheet.rows[match.header]
        rows, lines = sheet.rows[match.header + 1 :], sheet.lines[match.header + 1 :]
    if not rows:
        raise UnknownLayout("The file has a header, but no rows below it.")
    columns = [name.strip() for name in columns]
    repeated = _repeated(layout, columns, rows)
    table = Table(layout, sheet.name, sheet.srid, columns, rows, lines, repeated)
    for join in layout.joins:
        _join(table, join.needs, join.on, content)
    return table


def _repeated(layout: Layout, columns: list[str], rows: list[list[str]]) -> list[str]:
    """Names that occur twice; a used one whose two columns differ can't be read."""
    counts = Counter(fold(name) for name in columns if name and name not in SHAPE_COLUMNS)
    repeated = [name for name, times in counts.items() if times > 1]
    for name in repeated:
        places = [number for number, column in enumerate(columns) if fold(column) == name]
        if name in layout.known_columns() and any(
            len({row[place] if place < len(row) else "" for place in places}) > 1 for row in rows
        ):
            raise RepeatedColumn(
                f"The header names the column “{columns[places[0]]}” {len(places)} times, with different cells below. "
                "Rename or remove all but one."
            )
    return [columns[next(i for i, column in enumerate(columns) if fold(column) == name)] for name in repeated]


def _join(table: Table, needs: tuple[str, ...], on: str, content: FileContent) -> None:
    """Add the columns of the sheet that has `needs`, by the column `on`; cells stay empty where nothing fits.

    Rows that were given back to be mended have these columns already.
    """
    if all(fold(name) in table.index for name in needs):
        return
    other = next(
        (s for s in content.sheets if {fold(name) for name in needs} <= {fold(cell) for cell in s.rows[0]}), None
    )
    if other is None:
        raise UnknownLayout(f"The ZIP lacks the table with the columns {', '.join(needs)}.")
    header = other.rows[0]
    key = next(number for number, name in enumerate(header) if fold(name) == fold(on))
    added = [number for number, name in enumerate(header) if fold(name) not in table.index]
    found = {row[key]: row for row in other.rows[1:] if key < len(row)}
    mine, width = table.index[fold(on)], len(table.columns)
    table.columns += [header[number] for number in added]
    for row in table.rows:
        row += [""] * (width - len(row))
        match = found.get(row[mine], [])
        row += [match[number] if number < len(match) else "" for number in added]
    table.__post_init__()
