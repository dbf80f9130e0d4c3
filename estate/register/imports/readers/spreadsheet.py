"""XLSX through openpyxl in read-only mode, ODS through calamine: every cell as the text that a person means by it."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from estate.register.imports.readers import MAXIMUM_ROWS, NO_VALUE, Sheet, trimmed
from estate.register.imports.readers.opendocument import formulas_without_value
from estate.sandbox import UnreadableFile
from estate.sandbox.archive import CHUNK_BYTES, check_archive

MAXIMUM_SHEETS = 50
E_NOTATION = re.compile(r"[0#]+(?:\.([0#]+))?E[+-]?[0#]+", re.IGNORECASE)
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
LARGE = 1e9
"""From here on a number may be a reference, such as a UPRN, that its notation has rounded."""


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
    return _rounded(value, number_format) or text


def _rounded(value: Any, number_format: str) -> str | None:
    """A large whole number in the E-notation of its format, where that is all that is left of its digits."""
    notation = E_NOTATION.fullmatch(number_format)
    if not notation or not isinstance(value, int) or abs(value) < LARGE:
        return None
    shown = f"{value:.{len(notation[1] or '')}E}"
    return shown if int(float(shown)) == value else None


def read_xlsx(content: bytes) -> list[Sheet]:
    """The visible sheets of an Excel workbook. Formulas give the value that Excel stored last."""
    import openpyxl

    _refuse_old_workbook(content)
    check_archive(content)
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    formulas = _formulas(content)
    sheets = []
    for worksheet in workbook.worksheets[:MAXIMUM_SHEETS]:
        if worksheet.sheet_state != "visible":
            continue
        # The dimension is what the file claims: one that says XFD1048576 would make every row 16,384 cells wide.
        worksheet.reset_dimensions()
        sheet = Sheet(worksheet.title)
        for line, cells in enumerate(worksheet.iter_rows(), start=1):
            without = formulas.get((worksheet.title, line), frozenset())
            if cells:
                sheet.add(line, trimmed([_text(cell, place in without) for place, cell in enumerate(cells)]))
        sheets.append(sheet)
    return sheets


def _text(cell: Any, is_formula: bool) -> str:
    """The text of one cell. A formula that gives an empty text stores that: its kind is "str"."""
    if is_formula and cell.value is None and cell.data_type != "str":
        return NO_VALUE
    return cell_text(cell.value, _format(cell))


def _formulas(content: bytes) -> dict[tuple[str, int], frozenset[int]]:
    """The places of formulas by sheet and row; a second reading, for workbooks that hold any."""
    import openpyxl

    if not _has_formulas(content):
        return {}
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    found = {}
    for worksheet in workbook.worksheets[:MAXIMUM_SHEETS]:
        if worksheet.sheet_state != "visible":
            continue
        worksheet.reset_dimensions()
        for line, cells in enumerate(worksheet.iter_rows(), start=1):
            places = frozenset(place for place, cell in enumerate(cells) if cell.data_type == "f")
            if places:
                found[worksheet.title, line] = places
    return found


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if "/worksheets/" in name and name.endswith(".xml")]
        return any(FORMULA.search(chunk) for name in names for chunk in _chunks(archive, name))


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The member in pieces that overlap, so that no tag is cut in two."""
    end = b""
    with archive.open(name) as member:
        while piece := member.read(CHUNK_BYTES):
            yield end + piece
            end = piece[-32:]


def _format(cell: Any) -> str:
    """The number format of a whole number, where it may hold leading zeros or have lost digits."""
    value = cell.value
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return cell.number_format if is_whole or (isinstance(value, float) and abs(value) >= LARGE) else ""


def read_ods(content: bytes) -> list[Sheet]:
    """The sheets of an OpenDocument spreadsheet."""
    import python_calamine

    _refuse_old_workbook(content)
    check_archive(content)
    formulas = formulas_without_value(content)
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
            cells = [cell_text(value) for value in row]
            for place in formulas.pop((name, line), ()):
                cells += [""] * (place + 1 - len(cells))
                cells[place] = cells[place] or NO_VALUE
            sheet.add(line, trimmed(cells))
        for (_, line), places in sorted(item for item in formulas.items() if item[0][0] == name):
            # Rows below the last value are not in the reader's range, but their formulas are not to be lost.
            sheet.add(line, [NO_VALUE if place in places else "" for place in range(max(places) + 1)])
        sheets.append(sheet)
    return sheets


def _refuse_old_workbook(content: bytes) -> None:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            "This workbook is protected by a password or in the old Excel format. Save it as a plain .xlsx."
        )
