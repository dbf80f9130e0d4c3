"""CSV after RFC 4180, in UTF-8."""

import csv
import io
import re
from typing import Any, BinaryIO

from estate.exports.formats import Format
from estate.exports.tables import Table, as_text

FORMULA = re.compile(r"'*[=+\-@\t\r\uff1d]")
"""What a spreadsheet would run. Apostrophes in front count too, so that taking one off always gives the text back."""


def harmless(cell: Any) -> Any:
    """`cell`; a text that a spreadsheet would run gets an apostrophe in front, which our import takes off."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def guarded(cell: Any) -> str:
    """`cell` as the text of a cell in a file."""
    return str(harmless(cell)) if isinstance(cell, str) else as_text(cell)


def write(table: Table, stream: BinaryIO) -> None:
    """Write the header and all rows."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(table.names)
    for row in table.rows:
        writer.writerow([guarded(row[name]) for name in table.names])
    text.detach()


FORMAT = Format("CSV", "text/csv; charset=utf-8", "csv", write, "plain text, for publishing and other systems", 10)
