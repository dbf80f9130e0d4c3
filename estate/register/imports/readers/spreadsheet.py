"""XLSX through openpyxl in read-only mode, ODS through calamine: every cell as the text that a person means by it."""

import io
from datetime import date, datetime, time, timedelta
from typing import Any

from estate.register.imports.readers import MAXIMUM_ROWS, Sheet, UnreadableFile, trimmed
from estate.register.imports.readers.archive import check_archive

MAXIMUM_SHEETS = 50


def cell_text(value: Any, number_format: str = "") -> str:
    """The cell as text: whole numbers without ".0", dates in ISO form, zeros that its format shows in front."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, (datetime, date, time, timedelta)):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
    if isinstance(value, float):
        value = int(value) if value.is_integer() and abs(value) < 1e15 else value
    text = repr(value) if isinstance(value, float) else str(value)
    if number_format and not number_format.strip("0") and isinstance(value, int):
        return text.zfill(len(number_format))
    return text


def read_xlsx(content: bytes) -> list[Sheet]:
    """The visible sheets of an Excel workbook. Formulas give the value that Excel stored last."""
    import openpyxl

    _refuse_old_workbook(content)
    check_archive(content)
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    sheets = []
    for worksheet in workbook.worksheets[:MAXIMUM_SHEETS]:
        if worksheet.sheet_state != "visible":
            continue
        # The dimension is what the file claims: one that says XFD1048576 would make every row 16,384 cells wide.
        worksheet.reset_dimensions()
        sheet = Sheet(worksheet.title)
        for line, cells in enumerate(worksheet.iter_rows(), start=1):
            if cells:
                sheet.add(line, trimmed([cell_text(cell.value, _zeros(cell)) for cell in cells]))
        sheets.append(sheet)
    return sheets


def _zeros(cell: Any) -> str:
    """The number format of a whole number where it may hold leading zeros."""
    value = cell.value
    return cell.number_format if isinstance(value, int) and not isinstance(value, bool) else ""


def read_ods(content: bytes) -> list[Sheet]:
    """The sheets of an OpenDocument spreadsheet."""
    import python_calamine

    _refuse_old_workbook(content)
    check_archive(content)
    workbook = python_calamine.load_workbook(io.BytesIO(content))
    sheets = []
    for name in workbook.sheet_names[:MAXIMUM_SHEETS]:
        source = workbook.get_sheet_by_name(name)
        if (source.height or 0) > 2 * MAXIMUM_ROWS:
            raise UnreadableFile(
                f"The sheet “{name}” has more than {MAXIMUM_ROWS:,} rows. Split it into smaller files."
            )
        sheet = Sheet(name)
        first = (source.start or (0, 0))[0] + 1
        for line, row in enumerate(source.iter_rows(), start=first):
            sheet.add(line, trimmed([cell_text(value) for value in row]))
        sheets.append(sheet)
    return sheets


def _refuse_old_workbook(content: bytes) -> None:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            "This workbook is protected by a password or in the old Excel format. Save it as a plain .xlsx."
        )
