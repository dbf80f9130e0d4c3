"""What each column of an unknown file is, guessed by its heading and by its cells, with the reasons."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz, process

from estate.register.imports.fields import DATES, FIELDS
from estate.register.imports.layouts import fold
from estate.register.imports.mapping.content import ColumnFacts
from estate.register.imports.mapping.header import without_marks
from estate.register.imports.mapping.kinds import (
    AGENCY,
    BUILDINGS,
    COST,
    COSTS,
    COUNTS,
    KEY,
    KINDS,
    OF_COSTS_ALONE,
    RowKind,
    kind_of,
    known_uses,
)
from estate.register.imports.mapping.words import guess_word
from estate.register.imports.values import financial_year

NOTHING = ""
AREAS = ("gross_internal_area_m2", "net_internal_area_m2", "area_m2", "vacant_m2")
NUMBERS = (
    *AREAS, "rent_per_year", "workstations", "fte", "backlog_cost", "capacity", "peak", "average", "valuation",
    "amount",
)  # fmt: skip
FILLED_DOWN = ("post_town", AGENCY, "landlord", "use_class_code", "service_code")
"""What people write once over several rows. Never a house number: an empty one means that there is none."""
NEAR = 86
NO_IDEA = "Neither its heading nor its cells are like a known column"
MOSTLY = 0.7
"""Share of different cells from which on a column may be the reference all the same."""
OF_EITHER = ("asset",)
"""Headings that people put over references as well as over names."""
NAMELESS = re.compile(r"Column [A-Z]+")
"""What a column without a heading is called."""
LEAST = 0.55
CODE = re.compile(r"^[A-Za-z/ -]{0,6}[0-9]{1,8}[A-Za-z]?$")
YEARS = re.compile(r"((?:19|20)\d\d)\s*[-/–]\s*((?:19|20)?\d\d)\b|\b(\d\d)\s*[-/–]\s*(\d\d)\b")

CONTENT: dict[str, tuple[str, str]] = {
    "uprn": ("uprn", "numbers of up to 12 digits"),
    "postcode": ("postcode", "postcodes"),
    "longitude": ("longitude", "degrees west or east"),
    "latitude": ("latitude", "degrees north"),
    "easting": ("easting", "eastings in metres"),
    "northing": ("northing", "northings in metres"),
    "financial_year": ("financial_year", "financial years"),
    "tenure": ("tenure", "words for tenure"),
    "status": ("status", "words for status"),
    "built_year": ("year", "years"),
    "energy_band": ("energy_band", "letters from A to G"),
    "condition_grade": ("condition_grade", "letters from A to D"),
    **dict.fromkeys(DATES, ("date", "dates")),
    **dict.fromkeys(NUMBERS, ("number", "numbers")),
    "is_listed": ("answers", "yes or no"),
    "is_public_counter": ("answers", "yes or no"),
}  # fmt: skip
"""For a use: the kind of content that its cells have, and what people call that."""
BY_CONTENT_ALONE = ("postcode", "uprn", "longitude", "latitude", "financial_year", "tenure")
"""Kinds whose cells say what they are, whatever the heading."""


@dataclass(frozen=True)
class Guess:
    """One column: what it most likely is, how sure that is from 0 to 1, why, and how its cells are written."""

    use: str
    confidence: float
    why: str
    unit: str = ""
    dates: str = ""
    year: int | None = None
    is_filled_down: bool = False


@cache
def synonyms() -> dict[str, str]:
    """Use by folded heading."""
    tables = tomllib.loads((Path(__file__).parent / "synonyms.toml").read_text(encoding="utf-8"))
    named = {without_marks(field.title): name for name, field in FIELDS.items()}
    fields = {name: use for use, names in tables["fields"].items() for name in names}
    return named | fields | {name: COST + code for code, names in tables["costs"].items() for name in names}


@cache
def synonyms_of(headings: str) -> dict[str, str]:
    """Use by folded heading, of a table for one kind of row."""
    tables = tomllib.loads((Path(__file__).parent / "synonyms.toml").read_text(encoding="utf-8"))
    return {name: use for use, names in tables.get(headings, {}).items() for name in names}


def every_heading(categories: Mapping[str, str]) -> frozenset[str]:
    """What a header may hold, whatever its rows are."""
    return frozenset(name for rows in KINDS for name in known_headings(categories, rows))


def known_headings(categories: Mapping[str, str], rows: str = BUILDINGS) -> dict[str, str]:
    """Use by folded heading for a file of such rows, the names of this installation's cost categories included."""
    kind = kind_of(rows)
    if kind.names_building:
        every = synonyms() | synonyms_of(kind.headings)
        return {name: use for name, use in every.items() if use in known_uses(categories, rows)}
    costs = {without_marks(name): COST + code for code, name in categories.items()}
    own = {without_marks(f"Cost: {name}"): COST + code for code, name in categories.items()}
    every = {name: use for name, use in (synonyms() | costs | own).items() if use not in OF_COSTS_ALONE}
    return {name: use for name, use in every.items() if use[5:] in categories or COST not in use}


def guess_rows(columns: list[ColumnFacts], categories: Mapping[str, str]) -> str:
    """What one row is: of `KINDS`. A building, unless columns say otherwise and no address or lone reference does."""
    by_use = {guess.use: facts for guess, facts in zip(guess_columns(columns, categories), columns, strict=True)}
    is_list = bool({"postcode", "street"} & set(by_use)) and KEY in by_use
    if is_list:
        return BUILDINGS
    counts = {guess.use for guess in guess_columns(columns, categories, COUNTS)}
    if "observed_on" in counts and counts & {"average", "peak"} and counts & {KEY, "uprn"}:
        return COUNTS
    costs = {guess.use: facts for guess, facts in zip(guess_columns(columns, categories, COSTS), columns, strict=True)}
    is_long = {"category_code", "amount"} <= set(costs) and bool({KEY, "uprn"} & set(costs))
    return COSTS if is_long and _are_costs(costs["category_code"], categories) else BUILDINGS


def _are_costs(facts: ColumnFacts, categories: Mapping[str, str]) -> bool:
    """Whether most cells of a column name a cost."""
    known = {"cost_category": categories}
    named = sum(count for word, count in facts.words if guess_word("category_code", word, known).code)
    return named * 2 > sum(count for _, count in facts.words)


def guess_columns(columns: list[ColumnFacts], categories: Mapping[str, str], rows: str = BUILDINGS) -> list[Guess]:
    """A guess for each column; no field is guessed twice unless its cells can be put together."""
    kind, headings = kind_of(rows), known_headings(categories, rows)
    found: list[Guess | None] = [None] * len(columns)
    ranked = [(guess, place) for place, facts in enumerate(columns) for guess in _candidates(facts, headings, kind)]
    taken: set[str] = set()
    for guess, place in sorted(ranked, key=lambda pair: (-pair[0].confidence, pair[1])):
        may_repeat = guess.use.startswith(COST) or guess.use == "street"
        if found[place] is None and guess.confidence >= LEAST and (may_repeat or guess.use not in taken):
            found[place] = _detailed(guess, columns[place], kind)
            taken.add(guess.use)
    guesses = [guess or Guess(NOTHING, 0.0, _why_nothing(facts)) for guess, facts in zip(found, columns, strict=True)]
    if kind.names_building:
        return guesses
    return _with_reference(columns, _with_address(columns, _with_key(columns, _with_pairs(guesses))))


def _candidates(facts: ColumnFacts, headings: Mapping[str, str], kind: RowKind) -> list[Guess]:
    """What the column could be, by its heading and by its cells."""
    if not facts.filled and not facts.formulas:
        return []
    name = without_marks(facts.name)
    near = process.extract(name, list(headings), scorer=fuzz.token_sort_ratio, score_cutoff=NEAR, limit=4)
    found = [_by_heading(facts, headings[known], known, score, kind) for known, score, _ in near]
    for use in (use for use in BY_CONTENT_ALONE if use in headings.values()):
        content, called = CONTENT[use]
        share = facts.shares.get(content, 0.0)
        if share >= 0.8 and not (use == "uprn" and facts.shares.get("unique", 0) < 0.9):
            found.append(Guess(use, 0.5 + 0.3 * share, f"{share:.0%} of the cells are {called}"))
    if _is_year_of_costs(facts) and not found and not kind.names_building:
        found.append(Guess(f"{COST}other", 0.6, "The heading is a financial year: say which cost it is"))
    return found


def _by_heading(facts: ColumnFacts, use: str, known: str, score: float, rows: RowKind) -> Guess:
    exact = score > 99
    why = "The heading says so" if exact else f"The heading is like “{known}”"
    confidence = score / 100 - (0.05 if exact else 0.1)
    if not facts.filled:
        return Guess(use, confidence * 0.8, f"{why}, but its cells are formulas without a value")
    kind, called = ("number", "numbers") if use.startswith(COST) else CONTENT.get(use, ("", ""))
    if kind:
        share = facts.shares.get(kind, 0.0)
        if use == "is_listed" or use == "is_public_counter" or use in ("tenure", "status"):
            share = max(share, 0.5)
        if share >= 0.7:
            return Guess(use, min(0.99, confidence + 0.04), f"{why}, and {share:.0%} of the cells are {called}")
        if share < 0.3:
            return Guess(use, confidence * 0.5, f"{why}, but only {share:.0%} of the cells are {called}")
    if use == KEY and not rows.names_building and exact and known in OF_EITHER and _are_names(facts):
        return Guess("name", confidence, f"{why}, and its cells are words, not codes")
    unique = facts.shares.get("unique", 0)
    if use == KEY and not rows.names_building and unique < 0.9:
        # Subtotals and a few mistakes repeat in any list that is kept by hand.
        return Guess(use, confidence * (0.8 if unique >= MOSTLY else 0.5), f"{why}, but cells repeat")
    if use == "name" and facts.shares.get("letters", 0) < 0.5:
        return Guess(use, confidence * 0.4, f"{why}, but few cells are words")
    return Guess(use, confidence, why)


def _are_names(facts: ColumnFacts) -> bool:
    """Whether the cells read like names of buildings, not like codes: several words without a figure."""
    worded = [cell for cell in facts.samples if " " in cell and not any(map(str.isdigit, cell))]
    return len(worded) * 2 > len(facts.samples)


def _is_year_of_costs(facts: ColumnFacts) -> bool:
    return year_in(facts.name) is not None and facts.shares.get("number", 0) >= 0.7


def year_in(name: str) -> int | None:
    """The year in which a financial year named in a heading starts, such as 2023 in "Energy 2023/24"."""
    for found in YEARS.finditer(fold(name)):
        start, end = (found[1], found[2]) if found[1] else (f"20{found[3]}", found[4])
        year = financial_year(f"{start}-{end}")
        if isinstance(year, int):
            return year
    return None


def _detailed(guess: Guess, facts: ColumnFacts, kind: RowKind) -> Guess:
    """The guess with how the column's cells are written."""
    folded = fold(facts.name)
    if guess.use in AREAS:
        says_feet = bool(re.search(r"sq\.? ?f|sqft|ft2|ft²|square f", folded))
        return replace(guess, unit="sqft" if says_feet or facts.feet > 0.5 else "m2")
    if guess.use in DATES:
        return replace(guess, dates=facts.dates)
    if guess.use.startswith(COST):
        return replace(guess, year=year_in(facts.name))
    if guess.use in (kind.filled_down or FILLED_DOWN) and facts.is_sparse:
        return replace(guess, is_filled_down=True, why=f"{guess.why}; values stand once over empty cells")
    return guess


def _why_nothing(facts: ColumnFacts) -> str:
    return "The column is empty" if not facts.filled else NO_IDEA


def _with_pairs(guesses: list[Guess]) -> list[Guess]:
    """The guesses without half a pair of coordinates."""
    uses = {guess.use for guess in guesses}
    halves = {
        one
        for pair in (("longitude", "latitude"), ("easting", "northing"), ("x", "y"))
        for one, other in (pair, pair[::-1])
        if one in uses and other not in uses
    }
    why = "One coordinate without the other places nothing"
    return [Guess(NOTHING, 0.0, why) if guess.use in halves else guess for guess in guesses]


def _with_address(columns: list[ColumnFacts], guesses: list[Guess]) -> list[Guess]:
    """The guesses with the columns that a merged heading over the address leaves without one."""
    found = list(guesses)
    why = "It has no heading of its own, and stands beside the address"
    for place, facts in enumerate(columns[1:], start=1):
        is_free = found[place].use == NOTHING and bool(NAMELESS.fullmatch(facts.name))
        if is_free and found[place - 1].use == "street" and facts.shares.get("letters", 0) > 0.5:
            found[place] = Guess("street", 0.7, why)
    return found


def _with_reference(columns: list[ColumnFacts], guesses: list[Guess]) -> list[Guess]:
    """The guesses with a reference where no heading says which it is: the first column of codes of each row's own."""
    if any(guess.use == KEY for guess in guesses):
        return guesses
    most = max((facts.filled for facts in columns), default=0)
    for place, facts in enumerate(columns):
        is_full = facts.filled >= MOSTLY * most and facts.shares.get("unique", 0) >= MOSTLY
        if (
            guesses[place].why == NO_IDEA
            and is_full
            and sum(CODE.search(cell) is not None for cell in facts.samples) > 1
        ):
            why = "No heading says which column is the reference; this one has a code of its own for nearly every row"
            return [Guess(KEY, 0.6, why) if number == place else guess for number, guess in enumerate(guesses)]
    return guesses


def _with_key(columns: list[ColumnFacts], guesses: list[Guess]) -> list[Guess]:
    """The guesses with a name where none was found: the column with the most different words."""
    if any(guess.use == "name" for guess in guesses):
        return guesses
    wordy = [
        (facts.distinct, -place)
        for place, facts in enumerate(columns)
        if guesses[place].use == NOTHING and facts.filled and facts.shares.get("letters", 0) > 0.7
    ]
    if not wordy or max(wordy)[0] < 0.5 * max(facts.filled for facts in columns):
        return guesses
    place = -max(wordy)[1]
    named = Guess("name", 0.6, "No heading says which column is the name; this one has the most different words")
    return [named if number == place else guess for number, guess in enumerate(guesses)]
