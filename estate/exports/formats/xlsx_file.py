"""Excel workbooks. Every text is written as text: no formula, no link, no UPRN in E-notation."""

from datetime import date
from typing import TYPE_CHECKING, Any, BinaryIO

from estate.errors import InvalidInput
from estate.exports.formats import Format
from estate.exports.tables import Column, Kind, Table, as_text

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

LONGEST_CELL = 32_767
MOST_ROWS = 1_048_575
WIDTHS = {Kind.TEXT: 24, Kind.WHOLE: 12, Kind.NUMBER: 14, Kind.DAY: 12, Kind.YES_NO: 9}


class TooLongForExcel(InvalidInput):
    """Excel can't hold this: it takes at most 1,048,575 rows and 32,767 characters a cell. Choose another format."""


def write(table: Table, stream: BinaryIO) -> None:
    """Write a sheet of the rows, and one that says what the columns mean and where the rows come from."""
    if len(table.rows) > MOST_ROWS:
        raise TooLongForExcel
    # Imported here: the web server would wait for it at every start.
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"title": table.title})
        heading, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet(table.name[:31])
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, max(WIDTHS[column.kind], len(column.name) + 2))
            _write_text(sheet, 0, place, column.name, heading)
        for line, row in enumerate(table.rows, start=1):
            for place, column in enumerate(table.columns):
                _write_cell(sheet, line, place, column, row[column.name], day)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
        _write_about(book, table, heading)


def _write_cell(sheet: "Worksheet", line: int, place: int, column: Column, cell: Any, day: Any) -> None:
    if cell is None or cell == "":
        return
    if column.kind in (Kind.WHOLE, Kind.NUMBER):
        sheet.write_number(line, place, cell)
    elif column.kind is Kind.DAY and isinstance(cell, date):
        sheet.write_datetime(line, place, cell, day)
    else:
        _write_text(sheet, line, place, as_text(cell))


def _write_text(sheet: "Worksheet", line: int, place: int, text: str, form: Any = None) -> None:
    if len(text) > LONGEST_CELL:
        raise TooLongForExcel
    sheet.write_string(line, place, text, form)


def _write_about(book: Any, table: Table, heading: Any) -> None:
    sheet = book.add_worksheet("about")
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 90)
    _write_text(sheet, 0, 0, table.title, heading)
    lines = [("", note) for note in table.notes] + [(column.name, column.meaning) for column in table.columns]
    for line, (name, text) in enumerate(lines, start=1):
        _write_text(sheet, line, 0, name)
        _write_text(sheet, line, 1, text)


FORMAT = Format(
    "Excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xlsx",
    write,
    "a workbook, with what each column means",
    20,
)
