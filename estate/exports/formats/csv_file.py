"""CSV after RFC 4180, in UTF-8."""

import csv
import io
import re
from typing import Any, BinaryIO

from estate.exports.formats import Format
from estate.exports.tables import Table, as_text

FORMULA = re.compile(r"'*[=+\-@\t\r\uff1d]")
"""What a spreadsheet would run. Apostrophes in front count too, so that taking one off always gives the text back."""


def guarded(cell: Any) -> str:
    """`cell` as text; a text that a spreadsheet would run gets an apostrophe in front, which our import takes off."""
    text = as_text(cell)
    return f"'{text}" if isinstance(cell, str) and FORMULA.match(text) else text


def write(table: Table, stream: BinaryIO) -> None:
    """Write the header and all rows."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(table.names)
    for row in table.rows:
        writer.writerow([guarded(row[name]) for name in table.names])
    text.detach()


FORMAT = Format("CSV", "text/csv; charset=utf-8", "csv", write, "plain text, for publishing and other systems", 10)
