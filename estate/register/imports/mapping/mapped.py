"""A mapping as a layout, and the table that it reads."""

from dataclasses import replace
from typing import Any

from estate.register.imports.fields import ANSWERS, DATES, FIELDS
from estate.register.imports.layouts import AgencyMap, BuildingMap, CostMap, FieldMap, Layout, fold
from estate.register.imports.mapping.guess import AREAS, NOTHING
from estate.register.imports.mapping.kinds import AGENCY, COST, KEY
from estate.register.imports.mapping.spec import Mapping
from estate.register.imports.mapping.table import RawTable
from estate.register.imports.mapping.words import known_words, unknown_words
from estate.register.imports.recognise import Table, UnknownLayout

OWN = "own: "
"""Layouts of mapped files begin so; what follows names the columns of the reference.

A building is known again by its agency, this and its reference: so next year's file, with a column more, changes the
buildings of this year's instead of adding them once more.
"""
OWN_NAMING = "own {}: "
"""The same of files whose rows name a building; see `models.imports.NAMING`."""
LOOSE_NUMBERS = ("rent_per_year", "backlog_cost", "valuation", "amount")


def layout_of(mapping: Mapping, title: str) -> Layout:
    """The layout that reads what `mapping` says; `require_usable` has seen the mapping before."""
    if mapping.kind.names_building:
        return _naming_layout(mapping, title)
    keys = tuple(column.name for column in mapping.named(KEY))
    fields = _fields(mapping)
    if "energy_band" in fields and "energy_kind" not in fields:
        fields["energy_kind"] = FieldMap(value="dec")
    agency = mapping.named(AGENCY)
    return Layout(
        name=OWN + " + ".join(fold(name) for name in keys),
        title=title,
        source="the agency's own file",
        needs=keys,
        key=keys,
        fields=fields,
        unknown=unknown_words(),
        agency=AgencyMap(agency[0].name) if agency else None,
        costs=_costs(mapping),
        is_lenient=mapping.is_lenient,
    )


def _fields(mapping: Mapping) -> dict[str, FieldMap]:
    """Each field that a column, or one word for all rows, says."""
    fields = {use: _field(mapping, use) for use in FIELDS if use in mapping.uses}
    for name in mapping.kind.constants:
        if code := mapping.constants.get(name):
            fields[name] = replace(fields.get(name, FieldMap()), value=code)
    return fields


def _naming_layout(mapping: Mapping, title: str) -> Layout:
    """The layout of rows that name a building which is there: by its reference, its UPRN or both."""
    fields = _fields(mapping)
    fields.pop("uprn", None)  # It says which building is meant, and nothing of the building.
    column = {use: mapping.named(use)[0].name for use in (KEY, "uprn", *mapping.kind.key) if mapping.named(use)}
    keys = tuple(column.values())
    return Layout(
        name=f"{OWN_NAMING.format(mapping.rows)}{' + '.join(fold(name) for name in keys)}",
        title=title,
        source="the agency's own file",
        needs=keys,
        key=keys,
        fields=fields,
        unknown=unknown_words(),
        building=BuildingMap(column.get(KEY, ""), column.get("uprn", "")),
        is_lenient=mapping.is_lenient,
    )


def _field(mapping: Mapping, use: str) -> FieldMap:
    columns = mapping.named(use)
    if len(columns) > 1:
        names = tuple(column.name for column in columns)
        return FieldMap(join=names, is_address=use == "street")
    column = columns[0]
    source = FieldMap(columns=(column.name,))
    if use in DATES:
        return replace(source, format=column.dates or "plain")
    if use in AREAS:
        return replace(source, unit=column.unit or "m2")
    if use in LOOSE_NUMBERS:
        return replace(source, unit="amount")
    if words := mapping.words.get(column.name):
        return replace(source, values=_values(use, words))
    return source


def _values(use: str, words: Any) -> dict[str, Any]:
    """The meaning of each word; codes themselves always mean what they say."""
    codes = FIELDS[use].codes
    if codes == ANSWERS:
        answers = known_words("answers") | dict(words)
        return {word: code == "yes" if code else "" for word, code in answers.items()}
    return {code.replace("_", " "): code for code in codes} | dict(words)


def _costs(mapping: Mapping) -> tuple[CostMap, ...]:
    groups: dict[tuple[str, int | None], list[str]] = {}
    for column in mapping.columns:
        if column.use.startswith(COST):
            groups.setdefault((column.use.removeprefix(COST), column.year), []).append(column.name)
    return tuple(CostMap(category, tuple(names), year, is_loose=True) for (category, year), names in groups.items())


def mapped_table(raw: RawTable, mapping: Mapping, title: str) -> Table:
    """The table of a mapped file, cells filled down where the mapping says so."""
    if not raw.rows:
        raise UnknownLayout("The file has a header, but no rows below it.")
    columns = list(raw.names)
    rows = [[*row] for row in raw.rows]
    places = {fold(name): place for place, name in enumerate(columns)}
    missing = [c.name for c in mapping.columns if c.use != NOTHING and fold(c.name) not in places]
    if missing:
        raise UnknownLayout(f"The file lacks columns that its mapping names: {', '.join(missing)}. Map it again.")
    for column in mapping.columns:
        if column.is_filled_down and column.use != NOTHING:
            _fill_down(rows, places[fold(column.name)])
    return Table(layout_of(mapping, title), raw.sheet.name, raw.sheet.srid, columns, rows, list(raw.lines), [])


def _fill_down(rows: list[list[str]], place: int) -> None:
    above = ""
    for row in rows:
        if place < len(row) and row[place].strip():
            above = row[place]
        elif above:
            row += [""] * (place + 1 - len(row))
            row[place] = above
