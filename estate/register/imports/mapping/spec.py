"""A mapping: what each column of a file is, what its words mean, and what holds for all its rows. Plain data."""

from collections.abc import Mapping as MappingType
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from estate.errors import InvalidInput
from estate.register.imports import values
from estate.register.imports.fields import FIELDS
from estate.register.imports.mapping.guess import NOTHING, Guess
from estate.register.imports.mapping.kinds import BUILDINGS, COST, KEY, KINDS, RowKind, kind_of, known_uses
from estate.register.imports.mapping.words import codes_of, fold_word, guess_word, is_coded

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
    rows: str = BUILDINGS
    """What one row is, of `kinds.KINDS`."""

    @property
    def kind(self) -> RowKind:
        """What one row is."""
        return kind_of(self.rows)

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
    is_lenient, rows = bool(data.get("is_lenient")), data.get("rows", BUILDINGS)
    return Mapping(columns, data.get("words", {}), data.get("constants", {}), is_lenient, rows)


def guessed_mapping(names: list[str], guesses: list[Guess], rows: str = BUILDINGS) -> Mapping:
    """The mapping that follows from guesses; its words are those of `words_for`."""
    return Mapping(
        tuple(
            ColumnUse(name, guess.use, guess.unit, guess.dates, guess.year, guess.is_filled_down)
            for name, guess in zip(names, guesses, strict=True)
        ),
        rows=rows,
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
    return replace(mapping, words=words)


def problems_of(mapping: Mapping, categories: MappingType[str, str]) -> dict[str, str]:
    """What keeps a mapping from being used: the place of the column (or "" for the whole) and a sentence."""
    called = known_uses(categories, mapping.rows)
    found = _lacks(mapping)
    for use in sorted(mapping.uses):
        several = [place for place, column in enumerate(mapping.columns) if column.use == use]
        may_repeat = use in (*JOINED, KEY) and not mapping.kind.names_building
        if use not in called:
            found[str(several[0])] = "This installation does not know what the column is said to be. Choose again."
        elif len(several) > 1 and not (may_repeat or use.startswith(COST)):
            other = mapping.columns[several[0]].name
            found[str(several[1])] = f"“{other}” is said to be {called[use]} already. Only one column can be."
    for pair in PAIRS:
        for one, other in (pair, pair[::-1]):
            if one in mapping.uses and other not in mapping.uses:
                place = next(n for n, column in enumerate(mapping.columns) if column.use == one)
                found[str(place)] = f"{called[one]} needs {called[other]} beside it. Say which column that is."
    return found


def _lacks(mapping: Mapping) -> dict[str, str]:
    """The sentence on what the whole mapping lacks, if anything."""
    uses = mapping.uses
    if mapping.rows not in KINDS:
        return {"rows": "This installation does not know what one row is said to be. Choose again."}
    if mapping.kind.names_building:
        if not uses & {KEY, "uprn"}:
            return {"": "Say which column names the building: its reference, or its UPRN."}
        if missing := [use for use in mapping.kind.needs if use not in uses and not mapping.constants.get(use)]:
            titles = " and ".join(f"“{FIELDS[use].title}”" for use in missing)
            once = any(use in mapping.kind.constants for use in missing)
            return {"": f"Say which column is {titles}{', or choose one for all rows below' if once else ''}."}
        return {}
    if KEY not in uses:
        sentence = "Say which column is the reference: what names a building for good. It may be the name and postcode."
        return {"": sentence}
    return {} if "name" in uses else {"": "Say which column is the name of the building."}


def needs_year(mapping: Mapping) -> bool:
    """Whether costs are of a year that nothing says."""
    undated = any(column.use.startswith(COST) and column.year is None for column in mapping.columns)
    undated = undated or "amount" in mapping.uses
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
