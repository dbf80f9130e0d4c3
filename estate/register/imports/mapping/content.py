"""What the cells of a column look like: the share of them that could be a UPRN, a postcode, a date, a tenure."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from estate.gis.geocode import FULL
from estate.register.imports import loose, values
from estate.register.imports.mapping.words import known_words
from estate.register.imports.readers import NO_VALUE
from estate.register.imports.values import Problem

LONGEST_CELL = 80
COUNTED_CELLS = 20_000
LISTED_WORDS = 60
SAMPLES = 4
UPRN = re.compile(r"\d{6,12}")
AREA_UNIT = re.compile(rf"[\d,.]+{loose.SQUARE_FEET.pattern}|[\d,.]+{loose.SQUARE_METRES.pattern}", re.IGNORECASE)
FEET = re.compile(loose.SQUARE_FEET.pattern, re.IGNORECASE)


@dataclass(frozen=True)
class ColumnFacts:
    """One column of an unknown file, without its rows."""

    name: str
    filled: int
    distinct: int
    samples: list[str]
    words: list[tuple[str, int]]
    """The most frequent cells and how many rows have each; empty where nearly every row has its own."""
    shares: dict[str, float]
    """By kind of content: the share of the filled cells that could be of that kind."""
    dates: str
    """The order of its dates, "day_first" or "month_first", where cells prove it; "" where none does."""
    feet: float
    """The share of cells that say square feet."""
    is_sparse: bool
    """True where values stand once over runs of empty cells, as merged cells leave them."""
    formulas: int = 0
    """Cells that are formulas of which the file stores no value."""


def facts_of(name: str, cells: list[str], unknown: frozenset[str]) -> ColumnFacts:
    """The facts about one column; `cells` from the top, stripped."""
    formulas = cells.count(NO_VALUE)
    cells = ["" if cell == NO_VALUE else cell for cell in cells[:COUNTED_CELLS]]
    filled = [cell[:LONGEST_CELL] for cell in cells if cell and cell.casefold() not in unknown]
    counts = Counter(filled)
    is_coded = len(counts) <= LISTED_WORDS or len(counts) < 0.5 * len(filled)
    words = counts.most_common(LISTED_WORDS) if is_coded else []
    shares = _shares(counts, len(filled))
    return ColumnFacts(
        name=name,
        filled=len(filled),
        distinct=len(counts),
        samples=list(dict.fromkeys(filled))[:SAMPLES],
        words=words,
        shares=shares,
        dates=_order(counts) if shares.get("date", 0) > 0.3 else "",
        feet=sum(n for cell, n in counts.items() if FEET.search(cell)) / max(1, len(filled)),
        formulas=formulas,
        is_sparse=_is_sparse([cell for cell in cells if cell.casefold() not in unknown]),
    )


def _shares(counts: Counter[str], total: int) -> dict[str, float]:
    if not total:
        return {}
    found = {kind: sum(n for cell, n in counts.items() if is_one(cell)) / total for kind, is_one in RECOGNISERS.items()}
    found["unique"] = len(counts) / total
    return {kind: round(share, 3) for kind, share in found.items() if share}


def _reads(parse: Callable[[str], Any]) -> Callable[[str], bool]:
    def is_one(cell: str) -> bool:
        found = parse(cell)
        return not isinstance(found, Problem) or found.code == "date_ambiguous"

    return is_one


def _between(low: float, high: float) -> Callable[[str], bool]:
    """Whether a cell is a coordinate in these bounds."""

    def is_one(cell: str) -> bool:
        found = values.coordinate(cell)
        return isinstance(found, float) and low <= found <= high

    return is_one


def _is_degree(cell: str, low: float, high: float) -> bool:
    return "." in cell and _between(low, high)(cell)


_day = loose.day_parser("plain")
_is_amount = _reads(loose.measure_parser(values.number, "amount"))
_is_area = _reads(loose.measure_parser(values.number, "m2"))


def _word_of(field: str) -> Callable[[str], bool]:
    words = known_words(field)
    return lambda cell: " ".join(cell.casefold().split()) in words


RECOGNISERS: dict[str, Callable[[str], bool]] = {
    "uprn": lambda cell: bool(UPRN.fullmatch(cell)),
    "postcode": lambda cell: bool(FULL.fullmatch("".join(cell.upper().split()))),
    "number": lambda cell: _is_amount(cell) or _is_area(cell),
    "money": lambda cell: "£" in cell,
    "area": lambda cell: bool(AREA_UNIT.search(cell)),
    "date": lambda cell: not cell.isdigit() and _reads(_day)(cell),
    "year": lambda cell: cell.isdigit() and len(cell) == 4 and 1000 <= int(cell) <= 2100,
    "financial_year": _reads(values.financial_year),
    "longitude": lambda cell: _is_degree(cell, -9.0, 2.0),
    "latitude": lambda cell: _is_degree(cell, 49.0, 61.5),
    "easting": _between(50_000, 700_000),
    "northing": _between(5_000, 1_300_000),
    "letters": lambda cell: sum(map(str.isalpha, cell)) > 0.5 * len(cell),
    "answers": _word_of("answers"),
    "tenure": _word_of("tenure"),
    "status": _word_of("status"),
    "use_class_code": _word_of("use_class_code"),
    "condition_grade": lambda cell: cell.upper() in {"A", "B", "C", "D"},
    "energy_band": lambda cell: cell.upper() in {"A+", *"ABCDEFG"},
}


def _order(counts: Counter[str]) -> str:
    """The order of day and month that some cell proves, where no cell proves the other."""
    found = [match for cell in counts if (match := loose.DAY.fullmatch(cell))]
    day_first = any(int(match[1]) > 12 for match in found)
    month_first = any(int(match[2]) > 12 for match in found)
    return "" if day_first == month_first else "day_first" if day_first else "month_first"


def _is_sparse(cells: list[str]) -> bool:
    """Values that stand once each, the first in the first row, with runs of empty cells below them."""
    filled = [place for place, cell in enumerate(cells) if cell]
    if len(filled) < 2 or filled[0] != 0 or len(filled) > 0.6 * len(cells):
        return False
    return all(cells[one] != cells[two] for one, two in pairwise(filled))
