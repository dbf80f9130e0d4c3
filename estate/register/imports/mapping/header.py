"""The header of a sheet: on which line it stands, what its columns are called, and how it is known again."""

import hashlib
import re

from estate.register.imports.layouts import fold
from estate.register.imports.readers import SHAPE_COLUMNS, Sheet
from estate.register.imports.recognise import REASON_COLUMN
from estate.register.imports.state import CONTROL

SEARCHED_ROWS = 30
UNNAMED = re.compile(r"column [a-z]{1,3}")
FIGURE = re.compile(r"[£$(+-]*[\d.,]+[%)kKmM]?|\d{4}-\d{2}-\d{2}.*|\d{1,2}/\d{1,2}/\d{2,4}")
LONGEST_NAME = 120


def find_header(sheet: Sheet, known: frozenset[str]) -> int:
    """Index of the row that reads most like a header; -1 where none does. `known` are folded names of columns."""
    best, best_score = -1, 0.0
    for place, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        score = _score(row, sheet.rows[place + 1 : place + 6], known)
        if score > best_score:
            best, best_score = place, score
    return best


def _score(row: list[str], below: list[list[str]], known: frozenset[str]) -> float:
    """Texts that are no figures, names that are known, and cells below them; a title over the table has one cell."""
    cells = [fold(cell) for cell in row if cell.strip()]
    texts = [cell for cell in cells if not FIGURE.fullmatch(cell) or _is_year(cell)]
    if len(cells) < 2 or not below or len(set(texts)) < max(2, len(cells) // 2):
        return 0.0
    filled = [place for place, cell in enumerate(row) if cell.strip()]
    held = sum(any(place < len(other) and other[place].strip() for other in below) for place in filled)
    names = sum(without_marks(cell) in known for cell in set(texts))
    return len(set(texts)) - 2 * (len(cells) - len(texts)) + 4 * names + 0.5 * held


def _is_year(cell: str) -> bool:
    return bool(re.fullmatch(r"(fy ?)?(19|20)\d\d([-/–]\d\d(\d\d)?)?", cell))


RENT_PER_YEAR = re.compile(r"rent\W*(gbp\W*)?(p\.?a\.?|per annum)\W*(gbp)?\W*")
"""What the lease says, whatever was paid: here the mark is the meaning."""


def without_marks(name: str) -> str:
    """A heading without units, currency, years and brackets: what is left says what the column is."""
    if RENT_PER_YEAR.fullmatch(fold(name)):
        return "rent per year"
    plain = re.sub(r"\(.*?\)|\[.*?\]", " ", fold(name))
    plain = re.sub(r"\b(fy ?)?(19|20)\d\d\s*[-/–]\s*(\d{4}|\d{2})\b|\b\d\d\s*[-/–]\s*\d\d\b", " ", plain)
    plain = re.sub(
        r"\b(sq\.? ?f(ee|oo)?t|sqft|ft2|ft²|sq\.? ?m(et(re|er)s)?|sqm|m2|m²|gbp|p\.?a\.?|per annum)(?!\w)", " ", plain
    )
    plain = re.sub(r"[^a-z0-9&' ]+", " ", plain)
    return " ".join(plain.split()) or fold(name)


def column_names(row: list[str], width: int) -> list[str]:
    """A name for each column, none twice: "Column C" where the header is empty, "Cost (2)" for a second "Cost"."""
    names: list[str] = []
    taken: set[str] = set()
    for place in range(max(width, len(row))):
        # A bar separates alternatives in layouts, braces stand for cells, so neither may be part of a name.
        cell = CONTROL.sub("\N{REPLACEMENT CHARACTER}", row[place] if place < len(row) else "")
        cell = " ".join(cell.split()).translate(str.maketrans("|{}", "/()"))
        name = cell[:LONGEST_NAME] or f"Column {letters(place)}"
        number = 2
        while fold(name) in taken:
            name, number = f"{cell[:LONGEST_NAME] or f'Column {letters(place)}'} ({number})", number + 1
        taken.add(fold(name))
        names.append(name)
    return names


def letters(place: int) -> str:
    """What spreadsheets call a column: A, B ... Z, AA."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def fingerprint(names: list[str]) -> str:
    """SHA-256 of the names of columns, in whatever order; those without a name count only where all have none."""
    folded = {fold(name) for name in names} - {fold(REASON_COLUMN), *map(fold, SHAPE_COLUMNS)}
    named = {name for name in folded if not UNNAMED.fullmatch(name)}
    return hashlib.sha256("\x1f".join(sorted(named or folded)).encode("utf-8", "replace")).hexdigest()
