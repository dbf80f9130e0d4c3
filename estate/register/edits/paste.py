"""A table pasted from a spreadsheet: its columns, what they probably mean, and the cells under them.

The request of such an edit holds `header` and `rows` as text, `meanings` (one a column, see `MEANINGS`), `is_clearing`
(an empty cell makes a value unknown; else it leaves the value as it is) and `row_count`.
"""

import re
from dataclasses import dataclass
from typing import Any

from estate.errors import InvalidInput
from estate.gis.geocode import normalise_postcode
from estate.register.imports.fields import FIELDS
from estate.register.imports.layouts import fold, layouts
from estate.register.imports.readers.delimited import parse
from estate.sandbox import UnreadableFile

KEY_ID, KEY_UPRN, KEY_REFERENCE = "key:id", "key:uprn", "key:reference"
LEFT_OUT = ""
PASTED_FIELDS = (
    "name", "uprn", "street", "post_town", "postcode", "use_class_code", "status", "gross_internal_area_m2",
    "net_internal_area_m2", "built_year", "is_listed", "note", "latitude", "longitude",
)  # fmt: skip
MEANINGS = {
    LEFT_OUT: "Leave this column out",
    KEY_ID: "Number of the building: finds it",
    KEY_UPRN: "UPRN: finds the building",
    KEY_REFERENCE: "Your own reference, as in your imports: finds the building",
    **{name: FIELDS[name].title for name in PASTED_FIELDS},
}
IDS = ("id", "number", "no", "no.", "estate number", "estate id", "building id", "building number", "register number")
REFERENCES = ("reference", "ref", "ref.", "our reference", "asset code", "assetcode", "asset id", "property ref")
READ_ONLY = (
    "agency", "organisation", "tenure", "tenures", "areas", "fix source", "running cost", "running cost year",
    "running cost is estimate", "running cost per m2 gia", "cost per m2 gia", "as at", "changed at", "last changed",
    "is protected", "protected", "protected reason",
)  # fmt: skip
"""Columns of Estate's own files that can't be changed this way: left out without a question."""
EXTRA = {"use": "use_class_code", "address": "street", "town": "post_town", "gia": "gross_internal_area_m2",
         "nia": "net_internal_area_m2", "net area": "net_internal_area_m2", "gross area": "gross_internal_area_m2",
         "listed": "is_listed", "building": "name"}  # fmt: skip
MOST_ROWS = 20_000
MOST_COLUMNS = 100
SAMPLE = 50
LONG_NUMBER = re.compile(r"\d{9,12}")


class NothingPasted(InvalidInput):
    """Paste the rows together with their headings: the first line says what the columns are."""


class TooManyRows(InvalidInput):
    """That is more than 20,000 rows. Paste them in parts, or import a file."""


class TooManyColumns(InvalidInput):
    """That is more than 100 columns. Paste only those that find the buildings and hold new values."""


class NoKey(InvalidInput):
    """One column must say which building a row speaks of: its number in Estate, its UPRN or your own reference."""


class RepeatedMeaning(InvalidInput):
    """Two columns mean the same. Leave one of them out."""


class NothingToChange(InvalidInput):
    """No column holds a value to change: every column finds buildings or is left out."""


@dataclass(frozen=True)
class Pasted:
    """The cells as text, each row as wide as the header."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]


def read_pasted(text: str) -> Pasted:
    """The header and rows of pasted text: cells between tabs, as a spreadsheet gives them, or commas or semicolons."""
    try:
        sheet = parse(text.strip("\r\n"), "pasted")
    except UnreadableFile as error:
        raise InvalidInput(str(error)) from None
    if len(sheet.rows) < 2:
        raise NothingPasted
    if len(sheet.rows) - 1 > MOST_ROWS:
        raise TooManyRows
    header = [cell.strip() for cell in sheet.rows[0]]
    width = len(header)
    if width > MOST_COLUMNS:
        raise TooManyColumns
    rows, lines = [], []
    for row, line in zip(sheet.rows[1:], sheet.lines[1:], strict=True):
        cells = [cell.strip() for cell in row]
        if any(cells):
            rows.append((cells + [""] * width)[:width])
            lines.append(line)
    if not rows:
        raise NothingPasted
    return Pasted(header, rows, lines)


def known_names() -> dict[str, str]:
    """Folded heading to field, from the names of the fields and from every known layout."""
    names: dict[str, str] = {}
    for layout in layouts().values():
        for name, source in layout.fields.items():
            if name in PASTED_FIELDS:
                names |= {fold(column): name for column in source.columns}
    return (
        names | {fold(FIELDS[name].title): name for name in PASTED_FIELDS} | EXTRA | {fold(n): n for n in PASTED_FIELDS}
    )


def guess(pasted: Pasted) -> list[str | None]:
    """What each column means, by its heading; None where nobody knows. One key at most."""
    names = known_names()
    found: list[str | None] = []
    for heading in pasted.header:
        folded = fold(heading)
        meaning = names.get(folded)
        if folded in IDS:
            meaning = KEY_ID
        elif folded in REFERENCES:
            meaning = KEY_REFERENCE
        elif folded in READ_ONLY or not folded:
            meaning = LEFT_OUT
        found.append(None if meaning and meaning in found else meaning)
    if KEY_ID in found and KEY_REFERENCE in found:
        found[found.index(KEY_REFERENCE)] = LEFT_OUT
    if KEY_ID not in found and KEY_REFERENCE not in found and "uprn" in found:
        found[found.index("uprn")] = KEY_UPRN
    return found


def suggest(pasted: Pasted, meanings: list[str | None]) -> list[str]:
    """The same with what the cells look like where the heading says nothing: for a person to look at."""
    suggested: list[str] = []
    for place, meaning in enumerate(meanings):
        cells = [row[place] for row in pasted.rows[:SAMPLE] if row[place]]
        look = _look(cells) if meaning is None and cells else LEFT_OUT
        taken = {*meanings, *suggested}
        suggested.append(meaning if meaning is not None else LEFT_OUT if look in taken else look)
    return suggested


def _look(cells: list[str]) -> str:
    most = 0.8 * len(cells)
    if sum(bool(normalise_postcode(cell)) for cell in cells) > most:
        return "postcode"
    return KEY_UPRN if sum(bool(LONG_NUMBER.fullmatch(cell)) for cell in cells) > most else LEFT_OUT


def require_meanings(meanings: list[str]) -> None:
    """Raise where the columns can't be used like this."""
    used = [meaning for meaning in meanings if meaning != LEFT_OUT]
    if unknown := set(used) - set(MEANINGS):
        raise InvalidInput(fields=dict.fromkeys(sorted(unknown), "is no meaning of a column"))
    if len(used) != len(set(used)):
        raise RepeatedMeaning
    if len([meaning for meaning in used if meaning.startswith("key:")]) != 1:
        raise NoKey
    if not set(used) & set(PASTED_FIELDS):
        raise NothingToChange


def needs_mapping(meanings: list[str | None]) -> bool:
    """True where a person has to say what some column means."""
    if None in meanings:
        return True
    try:
        require_meanings([meaning or LEFT_OUT for meaning in meanings])
    except InvalidInput:
        return True
    return False


def request_of(pasted: Pasted, meanings: list[str], *, is_clearing: bool) -> dict[str, Any]:
    """What an edit keeps of a pasted table."""
    return {
        "header": pasted.header,
        "rows": pasted.rows,
        "lines": pasted.lines,
        "meanings": meanings,
        "is_clearing": is_clearing,
        "row_count": len(pasted.rows),
    }


def pasted_of(request: dict[str, Any]) -> Pasted:
    """The table that an edit kept."""
    return Pasted(request["header"], request["rows"], request["lines"])
