"""A mapping: what each column of a file is, what its words mean, and what holds for all its rows. Plain data."""

from collections.abc import Mapping as MappingType
from dataclasses import asdict, dataclass, field
from typing import Any

from estate.errors import InvalidInput
from estate.register.imports import values
from estate.register.imports.fields import FIELDS
from estate.register.imports.mapping.guess import AGENCY, COST, KEY, NOTHING, Guess
from estate.register.imports.mapping.words import codes_of, fold_word, guess_word, is_coded

CONSTANTS = ("tenure", "status", "use_class_code", "service_code")
"""Coded fields that may be given once for all rows; the financial year and the coordinate system besides."""
JOINED = ("name", "street", "post_town", "note", "landlord", "tenure_detail", "team")
"""Fields that several columns may fill together."""
PAIRS = (("longitude", "latitude"), ("easting", "northing"), ("x", "y"))


class BadMapping(InvalidInput):
    """The mapping can't be used yet. Correct what is marked."""


@dataclass(frozen=True)
class ColumnUse:
    """One column: its name, what it is ("" leaves it out), and how its cells are written."""

    name: str
    use: str = NOTHING
    unit: str = ""
    """Of an area: "m2" or "sqft"."""
    dates: str = ""
    """Of a date: "day_first", "month_first", or "" where figures that could be two days are refused."""
    year: int | None = None
    """Of a cost: the year in which its financial year starts; None where another column or the person says it."""
    is_filled_down: bool = False
    """True where an empty cell means the same as the one above."""


@dataclass(frozen=True)
class Mapping:
    """What a file of one agency means."""

    columns: tuple[ColumnUse, ...]
    words: MappingType[str, MappingType[str, str]] = field(default_factory=dict)
    """By column: the code of each folded cell, "" for unknown."""
    constants: MappingType[str, str] = field(default_factory=dict)
    """By field, `year` and `srid`: what holds for rows that do not say it."""
    is_lenient: bool = False

    def named(self, use: str) -> list[ColumnUse]:
        """The columns of one use, in the order of the file."""
        return [column for column in self.columns if column.use == use]

    @property
    def uses(self) -> set[str]:
        """Every use that some column has."""
        return {column.use for column in self.columns} - {NOTHING}

    def as_json(self) -> dict[str, Any]:
        """Plain data, to be stored."""
        return asdict(self)


def mapping_from(data: MappingType[str, Any]) -> Mapping:
    """The mapping that `Mapping.as_json` gave."""
    columns = tuple(ColumnUse(**column) for column in data["columns"])
    return Mapping(columns, data.get("words", {}), data.get("constants", {}), bool(data.get("is_lenient")))


def guessed_mapping(names: list[str], guesses: list[Guess]) -> Mapping:
    """The mapping that follows from guesses; its words are those of `words_for`."""
    return Mapping(
        tuple(
            ColumnUse(name, guess.use, guess.unit, guess.dates, guess.year, guess.is_filled_down)
            for name, guess in zip(names, guesses, strict=True)
        )
    )


def words_for(
    column: ColumnUse,
    cells: list[str],
    before: MappingType[str, MappingType[str, str]],
    vocabularies: MappingType[str, MappingType[str, str]],
) -> dict[str, str]:
    """The code of each cell of a coded column: as it was said before, else as it is guessed."""
    known = codes_of(column.use, vocabularies)
    said = before.get(column.name, {})
    found = {}
    for cell in cells:
        word = fold_word(cell)
        code = said.get(word)
        is_usable = code is not None and (code == "" or code in known)
        found[word] = code if code is not None and is_usable else guess_word(column.use, cell, vocabularies).code
    return found


def with_all_words(
    mapping: Mapping,
    cells: MappingType[str, list[str]],
    vocabularies: MappingType[str, MappingType[str, str]],
) -> Mapping:
    """The mapping with a code for each cell of its coded columns. `cells` are those of each column, by its name."""
    words = {
        column.name: words_for(column, cells.get(column.name, []), mapping.words, vocabularies)
        for column in mapping.columns
        if is_coded(column.use)
    }
    return Mapping(mapping.columns, words, mapping.constants, mapping.is_lenient)


def known_uses(categories: MappingType[str, str]) -> dict[str, str]:
    """Every use that a column may have, with what it is called, the references and the name first."""
    first = {KEY: "Reference (the row's own number or code)", "name": "Name of the building"}
    fields = {name: target.title for name, target in FIELDS.items() if name not in ("name", "srid")}
    costs = {COST + code: f"Cost: {name}" for code, name in categories.items()}
    return {**first, **fields, AGENCY: "Agency of the row", **costs}


def problems_of(mapping: Mapping, categories: MappingType[str, str]) -> dict[str, str]:
    """What keeps a mapping from being used: the place of the column (or "" for the whole) and a sentence."""
    called = known_uses(categories)
    found: dict[str, str] = {}
    if not mapping.named(KEY):
        found[""] = (
            "Say which column is the reference: what names a building for good. It may be the name and postcode."
        )
    for use in sorted(mapping.uses):
        several = [place for place, column in enumerate(mapping.columns) if column.use == use]
        if use not in called:
            found[str(several[0])] = "This installation does not know what the column is said to be. Choose again."
        elif len(several) > 1 and not (use in (*JOINED, KEY) or use.startswith(COST)):
            other = mapping.columns[several[0]].name
            found[str(several[1])] = f"“{other}” is said to be {called[use]} already. Only one column can be."
    for pair in PAIRS:
        for one, other in (pair, pair[::-1]):
            if one in mapping.uses and other not in mapping.uses:
                place = next(n for n, column in enumerate(mapping.columns) if column.use == one)
                found[str(place)] = f"{called[one]} needs {called[other]} beside it. Say which column that is."
    if "name" not in mapping.uses and "" not in found:
        found[""] = "Say which column is the name of the building."
    return found


def needs_year(mapping: Mapping) -> bool:
    """Whether costs are of a year that nothing says."""
    undated = any(column.use.startswith(COST) and column.year is None for column in mapping.columns)
    return undated and "financial_year" not in mapping.uses and not mapping.constants.get("year")


def require_usable(mapping: Mapping, categories: MappingType[str, str]) -> None:
    """Raise `BadMapping`, whose fields are places of columns, unless the mapping can be used."""
    found = problems_of(mapping, categories)
    if needs_year(mapping):
        found["year"] = "Give the financial year of the costs, such as 2023-24: no column says it."
    year = mapping.constants.get("year")
    if year and isinstance(values.financial_year(year), values.Problem):
        found["year"] = "Enter a financial year, such as 2023-24"
    if found:
        raise BadMapping(fields=found)
