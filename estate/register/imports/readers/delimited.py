"""CSV and its relatives: finds the encoding and the delimiter, and never guesses over a broken quotation mark."""

import csv
import io
import re

from estate.register.imports.readers import Sheet
from estate.sandbox import UnreadableFile

BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with byte order mark"),
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
CODECS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "iso8859-15": "ISO 8859-15",
    "mac-roman": "Mac Roman",
    "cp850": "MS-DOS (850)",
    "utf-16": "UTF-16",
}
"""Encodings that a person may choose, by the name of Python's codec."""
OTHER_KINDS = (
    (b"PK\x03\x04", "a ZIP or spreadsheet file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file"),
    (b"SQLite format 3\x00", "a database"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
)
DELIMITERS = ",;\t|"
GUARDED = re.compile(r"'+[=+\-@\t\r\uff1d]")
"""How Estate and others write a text cell that a spreadsheet would take for a formula."""


def read_delimited(
    content: bytes, name: str, *, encoding: str | None = None, delimiter: str | None = None
) -> tuple[Sheet, str, str]:
    """The rows of a CSV file, the name of its encoding, and its delimiter; both are found where they are not given."""
    text, called = _decode_as(content, encoding) if encoding else decode(content)
    delimiter = delimiter or find_delimiter(text)
    return parse(text, name, delimiter), called, delimiter


def _decode_as(content: bytes, codec: str) -> tuple[str, str]:
    """The text in an encoding that a person chose."""
    if codec not in CODECS:
        raise UnreadableFile("This encoding is not known here. Choose one of the list.")
    text, called = _decode_with(content, codec, CODECS[codec])
    return text.removeprefix("\ufeff"), called


def decode(content: bytes) -> tuple[str, str]:
    """The text of `content` and what its encoding is called."""
    for magic, kind in OTHER_KINDS:
        if content.startswith(magic):
            raise UnreadableFile(
                f"This file is named like a table of text, but it is {kind}. Give it its right ending."
            )
    for mark, codec, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _decode_with(content, codec, encoding)
    if wide := _utf16_without_mark(content):
        return _decode_with(content, wide, "UTF-16 without byte order mark")
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _decode_with(content, "cp1252", "Windows-1252")


def _decode_with(content: bytes, codec: str, encoding: str) -> tuple[str, str]:
    try:
        return content.decode(codec), encoding
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableFile(
            f"Line {line} holds bytes that are not text in {encoding}. Save the file again as “CSV UTF-8”."
        ) from None


def _utf16_without_mark(content: bytes) -> str | None:
    """The codec where every second byte of the start is zero, as in Latin text in UTF-16."""
    start = content[:200]
    even, odd = start[0::2], start[1::2]
    if len(start) < 8:
        return None
    if odd.count(0) > 0.8 * len(odd) and not even.count(0):
        return "utf-16-le"
    if even.count(0) > 0.8 * len(even) and not odd.count(0):
        return "utf-16-be"
    return None


def parse(text: str, name: str, delimiter: str | None = None) -> Sheet:
    """The rows of delimited text; a quotation mark that is never closed is refused, with its line."""
    csv.field_size_limit(1_000_000)
    sheet = Sheet(name)
    # `line_num` counts lines with any ending; a row starts on the line after the one on which the row before ended.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or find_delimiter(text), strict=True)
    line = 1
    has_guards = "'" in text
    try:
        for row in reader:
            if has_guards:
                row = [cell[1:] if cell.startswith("'") and GUARDED.match(cell) else cell for cell in row]
            sheet.add(line, row)
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(_quote_sentence(str(error), line)) from None
    return sheet


def _quote_sentence(error: str, line: int) -> str:
    if "limit" in error:
        return f"The cell that starts on line {line} is too long. Check the quotation marks around it."
    if "expected after" in error:
        return f"Line {line} has text after a closing quotation mark. Write a quotation mark inside a cell twice."
    return f"Line {line} opens a quotation mark that is never closed. Close it, or write it twice inside a cell."


def find_delimiter(text: str) -> str:
    """The delimiter that splits the first lines into the most columns; a comma where none does."""
    sample = text[:20_000].splitlines()[:10]
    widths = {}
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in csv.reader(sample, delimiter=delimiter) if row]
        except csv.Error:
            continue
        lengths = sorted(len(row) for row in rows)
        widths[delimiter] = lengths[len(lengths) // 2] if lengths else 0
    best = max(widths, key=lambda delimiter: widths[delimiter], default=",")
    return best if widths.get(best, 0) > 1 else ","
