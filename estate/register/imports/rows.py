"""Phases of a check that look at whole rows: their width, their characters, whether they are in scope at all."""

from estate.register.imports.layouts import fold
from estate.register.imports.readers import NO_VALUE
from estate.register.imports.state import CONTROL, Check
from estate.register.imports.values import Problem

FORMULA = (
    "This is a formula without a value: open and save the file in a spreadsheet program, or type the value. "
    "It is kept as unknown."
)


def even_out(run: Check) -> None:
    """Make every row as wide as the header; a row with more cells than that is refused."""
    width = len(run.table.columns)
    for number, row in enumerate(run.table.rows):
        if len(row) > width and any(row[width:]):
            message = f"The row has {len(row)} cells, the header {width}. Put cells with commas into quotation marks."
            run.issue(number, "", Problem("too_many_cells", message), ", ".join(row[width:]))
        if len(row) < width:
            row += [""] * (width - len(row))
    for name in run.table.repeated:
        message = f"The header names “{name}” more than once. The layout does not use it, so nothing is lost."
        run.issue(0, name, Problem("repeated_column", message, False))


def refuse_control_characters(run: Check) -> None:
    """NUL and other control characters can't be stored, and are never meant."""
    for number, row in enumerate(run.table.rows):
        whole = "".join(row)
        if not whole.isprintable() and CONTROL.search(whole):
            place = next(place for place, cell in enumerate(row) if CONTROL.search(cell))
            name = run.table.columns[place] if place < len(run.table.columns) else ""
            message = "The cell holds a control character, such as NUL. Type the cell again."
            run.issue(number, name, Problem("control_character", message), row[place])


def skip_rows(run: Check) -> None:
    """Refuse rows out of the layout's scope, each with the layout's reason."""
    for skip in run.layout.skips:
        place = run.table.position(skip.column)
        if place is None:
            continue
        matches = {cell: skip.matches(cell) for cell in set(run.column(place))}
        for number, row in enumerate(run.table.rows):
            if matches[row[place]]:
                run.issue(number, skip.column, Problem("out_of_scope", skip.reason), row[place])
                run.is_skipped[number] = True


def warn_of_formulas(run: Check) -> None:
    """Say where a formula has no value; `Check.cells` takes such a cell as empty."""
    agency = run.layout.agency
    known = run.layout.known_columns() | ({fold(agency.name), fold(agency.code or "")} if agency else set())
    for place, name in enumerate(run.table.columns):
        if fold(name) not in known:
            continue
        cells = run.column(place)
        for number, cell in enumerate(cells if NO_VALUE in "\n".join(cells) else ()):
            if cell == NO_VALUE:
                run.issue(number, name, Problem("formula_without_value", FORMULA, False), NO_VALUE)
