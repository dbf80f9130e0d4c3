"""The table of an unknown file: one sheet, the rows below its header, and a name for each column."""

from dataclasses import dataclass

from estate.register.imports.mapping.header import SEARCHED_ROWS, column_names, find_header, fingerprint
from estate.register.imports.read import FileContent
from estate.register.imports.readers import Sheet, trimmed


@dataclass(frozen=True)
class RawTable:
    """Where a header was found, and what stands below it."""

    sheet: Sheet
    header: int
    """Index of the header's row in the sheet; -1 where it has none."""
    names: list[str]

    @property
    def rows(self) -> list[list[str]]:
        """The rows below the header."""
        return self.sheet.rows[self.header + 1 :]

    @property
    def lines(self) -> list[int]:
        """The line of each row."""
        return self.sheet.lines[self.header + 1 :]

    @property
    def header_line(self) -> int:
        """The header's line in the file, 0 where there is none."""
        return self.sheet.lines[self.header] if self.header >= 0 else 0

    @property
    def fingerprint(self) -> str:
        """What the header is known by."""
        return fingerprint(self.names)


def choose_sheet(content: FileContent, name: str | None) -> Sheet:
    """The sheet of this name, else the one with the most filled cells."""
    chosen = next((sheet for sheet in content.sheets if sheet.name == name), None)
    return chosen or max(content.sheets, key=lambda sheet: sheet.cells or sum(map(len, sheet.rows)))


def raw_table(content: FileContent, sheet: Sheet, header_line: int | None, known: frozenset[str]) -> RawTable:
    """The table below the header on `header_line` (0: no header), or below the row that reads most like one."""
    if header_line is None:
        header = find_header(sheet, known)
    else:
        header = sheet.lines.index(header_line) if header_line in sheet.lines else -1
    return table_below(content, sheet, header)


def table_below(content: FileContent, sheet: Sheet, header: int) -> RawTable:
    """The table below the row `header`. In a workbook, cells beside the header make columns without a name."""
    row = trimmed(sheet.rows[header]) if header >= 0 and content.encoding is None else []
    row = row or (sheet.rows[header] if header >= 0 else [])
    below = sheet.rows[header + 1 :]
    widest = max((len(cells) for cells in below), default=0) if content.encoding is None or header < 0 else 0
    return RawTable(sheet, header, column_names(row, widest))


def headers_of(content: FileContent, sheet_name: str | None = None) -> dict[str, tuple[Sheet, int]]:
    """Sheet and row of each header that the file may have, by its fingerprint; the first of each."""
    found: dict[str, tuple[Sheet, int]] = {}
    for sheet in content.sheets:
        if sheet_name is not None and sheet.name != sheet_name:
            continue
        for header, row in enumerate(sheet.rows[: min(SEARCHED_ROWS, len(sheet.rows) - 1)]):
            found.setdefault(fingerprint(column_names(trimmed(row), 0)), (sheet, header))
        found.setdefault(table_below(content, sheet, -1).fingerprint, (sheet, -1))
    return found
