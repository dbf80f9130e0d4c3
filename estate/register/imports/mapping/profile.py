"""What the mapping screen knows of an unknown file: its sheets, its head, facts and a guess for each column.

The worker makes it once from the file's rows and keeps it as plain data, so that pages need no file.
"""

from collections.abc import Mapping as MappingType
from dataclasses import asdict, replace
from typing import Any

from estate.register.imports.check import Options
from estate.register.imports.mapping.content import LONGEST_CELL, ColumnFacts, facts_of
from estate.register.imports.mapping.guess import Guess, every_heading, guess_columns, guess_rows, year_in
from estate.register.imports.mapping.kinds import BUILDINGS
from estate.register.imports.mapping.spec import ColumnUse, Mapping, guessed_mapping, mapping_from, with_all_words
from estate.register.imports.mapping.table import RawTable, choose_sheet, raw_table
from estate.register.imports.mapping.words import unknown_words
from estate.register.imports.read import FileContent
from estate.register.imports.readers import SHAPE_COLUMNS
from estate.register.imports.state import CONTROL

HEAD_ROWS, HEAD_CELLS = 15, 12
SAMPLE_ROWS = 12
MAXIMUM_COLUMNS = 150

Vocabularies = MappingType[str, MappingType[str, str]]


def make_profile(content: FileContent, options: Options, vocabularies: Vocabularies) -> dict[str, Any]:
    """The profile of one sheet of an unknown file, as plain data."""
    categories = vocabularies.get("cost_category", {})
    sheet = choose_sheet(content, options.sheet)
    table = raw_table(content, sheet, options.header_line, every_heading(categories))
    names = [name for name in table.names if name not in SHAPE_COLUMNS][:MAXIMUM_COLUMNS]
    places = [table.names.index(name) for name in names]
    facts = [facts_of(name, _cells(table, place), unknown_words()) for name, place in zip(names, places, strict=True)]
    kind = guess_rows(facts, categories)
    guesses = guess_columns(facts, categories, kind)
    profile = {
        "sheets": [{"name": one.name, "rows": len(one.rows)} for one in content.sheets],
        "sheet": sheet.name,
        "header_line": table.header_line,
        "row_count": len(table.rows),
        "left_out": max(0, len(table.names) - len(SHAPE_COLUMNS) - MAXIMUM_COLUMNS),
        "head": [[line, [_short(cell) for cell in row[:HEAD_CELLS]]] for line, row in _head(table)],
        "encoding": content.encoding,
        "delimiter": content.delimiter,
        "fingerprint": table.fingerprint,
        "columns": [asdict(one) for one in facts],
        "rows": kind,
        "guesses": [asdict(one) for one in guesses],
        "names": table.names,
        "srid": sheet.srid,
        "sample": [[cell[: LONGEST_CELL * 4] for cell in row] for row in table.rows[:SAMPLE_ROWS]],
        "sample_lines": table.lines[:SAMPLE_ROWS],
    }
    cleaned: dict[str, Any] = _storable(profile)
    return cleaned


def _storable(value: Any) -> Any:
    """The same without characters that the database can't keep."""
    if isinstance(value, str):
        return CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {key: _storable(one) for key, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, (list, tuple)) else value


def _cells(table: RawTable, place: int) -> list[str]:
    return [row[place].strip() if place < len(row) else "" for row in table.rows]


def _head(table: RawTable) -> list[tuple[int, list[str]]]:
    return list(zip(table.sheet.lines[:HEAD_ROWS], table.sheet.rows[:HEAD_ROWS], strict=True))


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:39]}…"


def facts_in(profile: MappingType[str, Any]) -> list[ColumnFacts]:
    """The facts of each column."""
    return [ColumnFacts(**{**facts, "words": [tuple(word) for word in facts["words"]]}) for facts in profile["columns"]]


def guesses_in(profile: MappingType[str, Any], rows: str, vocabularies: Vocabularies) -> list[Guess]:
    """The guess for each column, for a file of such rows."""
    if rows == profile.get("rows", BUILDINGS):
        return [Guess(**guess) for guess in profile["guesses"]]
    return guess_columns(facts_in(profile), vocabularies.get("cost_category", {}), rows)


def guessed_anew(profile: MappingType[str, Any], rows: str, vocabularies: Vocabularies) -> Mapping:
    """The mapping that follows from guesses alone, for a file of such rows."""
    names = [facts.name for facts in facts_in(profile)]
    return guessed_mapping(names, guesses_in(profile, rows, vocabularies), rows)


def first_mapping(
    profile: MappingType[str, Any], before: MappingType[str, Any] | None, vocabularies: Vocabularies
) -> Mapping:
    """The mapping to start from: what was said before of columns of these names, else what is guessed."""
    guessed = guessed_anew(profile, profile.get("rows", BUILDINGS), vocabularies)
    if year := _year_of_costs(profile, guessed):
        guessed = replace(guessed, constants={"year": year})
    if before:
        said = mapping_from(before)
        known = {column.name: column for column in said.columns}
        columns = tuple(known.get(column.name, ColumnUse(column.name)) for column in guessed.columns)
        # The year is of one file only, so no mapping remembers it.
        guessed = replace(said, columns=columns, constants={**guessed.constants, **said.constants})
    return filled(guessed, profile, vocabularies)


def _year_of_costs(profile: MappingType[str, Any], guessed: Mapping) -> str:
    """The one financial year that the lines above the header name, else the columns of costs; "" for several."""
    above = [cell for line, cells in profile["head"] if line < profile["header_line"] for cell in cells]
    years = {year for cell in above if (year := year_in(cell)) is not None}
    years = years or {column.year for column in guessed.columns if column.year is not None}
    return f"{(year := years.pop())}-{(year + 1) % 100:02}" if len(years) == 1 else ""


def filled(mapping: Mapping, profile: MappingType[str, Any], vocabularies: Vocabularies) -> Mapping:
    """The mapping with a code for every word that its coded columns hold."""
    return with_all_words(mapping, words_in(profile), vocabularies)


def words_in(profile: MappingType[str, Any]) -> dict[str, list[str]]:
    """The words of each column."""
    return {facts.name: [word for word, _ in facts.words] for facts in facts_in(profile)}
