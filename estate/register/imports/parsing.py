"""The phase of a check that fills the fields of a layout, each from its columns, its constant or its template."""

import re
from typing import Any

from estate.register.imports import loose, values
from estate.register.imports.fields import DATES, FIELDS
from estate.register.imports.layouts import FieldMap
from estate.register.imports.state import Check
from estate.register.imports.values import Parse, Problem

HOUSE_NUMBER = re.compile(r"\d+ ?[A-Za-z]?([-–/]\d+ ?[A-Za-z]?)?")
YEAR_END = "year_end"
"""The constant of a layout that stands for the last day of each row's financial year."""


def parse_fields(run: Check) -> None:
    """Fill the fields of the layout from their columns, constants and templates."""
    for name, source in run.layout.fields.items():
        parse = _parser(run, name, source)
        if source.add:
            run.values[name] = added(run, source.add)
        elif source.join:
            parts = [cells for column in source.join if (cells := run.cells(column)) is not None]
            joined = [_joined(cells, source) for cells in zip(*parts, strict=True)]
            run.values[name] = run.parse(source.join[0], joined or [""] * run.count, parse)
        elif found := run.first(source.columns):
            column, cells = found
            unknown = {marker.casefold() for marker in source.unknown}
            if unknown:
                cells = ["" if cell.casefold() in unknown else cell for cell in cells]
            run.values[name] = run.parse(column, cells, parse)
        constant = _constant(run, source)
        if constant not in (None, YEAR_END):
            plain = parse(str(constant)) if not source.values else constant
            run.values[name] = [plain if value is None else value for value in run.values.get(name, [None] * run.count)]
        if source.fallback:
            _fall_back(run, name, source.fallback)


def _parser(run: Check, name: str, source: FieldMap) -> Parse:
    """How this layout reads this field."""
    target = FIELDS[name]
    codes = run.known.vocabularies.get(target.vocabulary or "", {})
    own_names = {title: code for code, title in codes.items()} | {code: code for code in codes}
    if source.values:
        # A layout that says what all other cells mean needs no more; else the register's own names mean themselves.
        known = source.values if source.other is not None else {**own_names, **source.values}
        parse = values.one_of(known, source.other)
        return _strictly(parse) if name == "srid" else parse
    if name in DATES and source.format:
        return loose.day_parser(source.format)
    if source.unit:
        return loose.measure_parser(target.parse, source.unit)
    if target.vocabulary:
        return values.one_of(own_names, source.other)
    return target.parse


def _joined(cells: tuple[str, ...], source: FieldMap) -> str:
    """The cells of one row as one text; a house number stands before its street without a comma."""
    filled = [cell for cell in cells if cell]
    if source.is_address and len(filled) > 1 and HOUSE_NUMBER.fullmatch(filled[0]):
        filled[:2] = [f"{filled[0]} {filled[1]}"]
    return source.separator.join(filled)


def _strictly(parse: Parse) -> Parse:
    """The same parser, whose problems keep the row out."""

    def strict(cell: str) -> Any:
        value = parse(cell)
        return value._replace(is_rejecting=True) if isinstance(value, Problem) else value

    return strict


def _constant(run: Check, source: FieldMap) -> Any:
    if source.by_file_name:
        if run.options.use_class:
            return run.options.use_class
        name = run.content.name.casefold()
        return next((value for word, value in source.by_file_name.items() if word in name), None)
    return source.value


def added(run: Check, columns: tuple[str, ...], parse: Parse = values.amount) -> list[float | None]:
    """The sum of the amounts in these columns, None where all are unknown."""
    total: list[float | None] = [None] * run.count
    for column in columns:
        cells = run.cells(column)
        if cells is None:
            continue
        for row, value in enumerate(run.parse(column, cells, parse)):
            if value is not None:
                total[row] = value + (total[row] or 0.0)
    return total


def _fall_back(run: Check, name: str, template: str) -> None:
    """Make missing names from other columns, and say so."""
    columns = re.findall(r"{(.+?)}", template)
    for row, value in enumerate(run.values.get(name, [])):
        if value is None:
            made = template
            for column in columns:
                made = made.replace(f"{{{column}}}", (run.cells(column) or [""] * run.count)[row])
            run.values[name][row] = made
            message = f"The file gives no name, so it was called “{made}”. Rename it in the register."
            run.issue(row, run.layout.fields[name].columns[0], Problem("name_made", message, False))
