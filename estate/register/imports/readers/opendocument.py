"""Formulas of an OpenDocument spreadsheet of which it stores no value: a reader of values would leave them out."""

import io
import zipfile
from xml.parsers import expat

from estate.register.imports.readers import MAXIMUM_COLUMNS, MAXIMUM_ROWS
from estate.sandbox.archive import CHUNK_BYTES

TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
CALC_EXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
CELLS = (TABLE + "table-cell", TABLE + "covered-table-cell")


def formulas_without_value(content: bytes) -> dict[tuple[str, int], frozenset[int]]:
    """The places of such cells by sheet and line. Runs in the child process only: the XML is somebody else's."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "content.xml" not in archive.namelist() or not _has_formulas(archive):
            return {}
        found = _Places()
        with archive.open("content.xml") as member:
            while piece := member.read(CHUNK_BYTES):
                found.parser.Parse(piece)
        return {key: frozenset(places) for key, places in found.places.items()}


def _has_formulas(archive: zipfile.ZipFile) -> bool:
    end = b""
    with archive.open("content.xml") as member:
        while piece := member.read(CHUNK_BYTES):
            if b"formula=" in end + piece:
                return True
            end = piece[-16:]
    return False


class _Places:
    """Counts sheets, rows and cells as they come, repeated ones included."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, int], set[int]] = {}
        self.sheet, self.line, self.place = "", 0, 0
        self.step = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag == TABLE + "table":
            self.sheet, self.line = given.get(TABLE + "name", ""), 1
        elif tag == TABLE + "table-row":
            self.place, self.step = 0, _times(given, "number-rows-repeated")
        elif tag in CELLS:
            repeated = _times(given, "number-columns-repeated")
            has_value = OFFICE + "value-type" in given or CALC_EXT + "value-type" in given
            if TABLE + "formula" in given and not has_value and self.line <= MAXIMUM_ROWS:
                places = range(self.place, min(self.place + repeated, MAXIMUM_COLUMNS))
                self.places.setdefault((self.sheet, self.line), set()).update(places)
            self.place += repeated

    def _end(self, tag: str) -> None:
        if tag == TABLE + "table-row":
            self.line += self.step


def _times(given: dict[str, str], name: str) -> int:
    text = given.get(TABLE + name, "1")
    return int(text) if text.isdigit() else 1
