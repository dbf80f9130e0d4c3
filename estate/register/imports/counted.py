"""The phase of a check that reads which building of the register a row speaks of, and what it must say of it."""

from estate.register.imports import values
from estate.register.imports.report import Named
from estate.register.imports.state import Check
from estate.register.imports.values import Problem

NO_BUILDING = Problem(
    "building_missing", "The row does not say which building it speaks of. Give your reference or the UPRN."
)
NO_DATE = Problem("count_undated", "The row does not say when people were counted. Give the date or the last day.")
NO_METHOD = Problem(
    "method_missing",
    "The row does not say how people were counted, and counts of different methods can't be compared. Write survey, "
    "passes, log ins, bookings or head count.",
)
NOTHING = Problem("count_empty", "The row has no average, no peak and no vacant area: nothing was counted.")
NO_CATEGORY = Problem("category_missing", "The row does not say what was paid for. Give the category of the cost.")
NO_AMOUNT = Problem("amount_missing", "The row has no amount. Give it, or leave the row out where nobody knows it.")
FIGURES = ("average", "peak", "vacant_m2")


def name_buildings(run: Check) -> None:
    """Fill `run.named` and refuse rows that lack their building or what a count or a cost must say."""
    names = run.layout.building
    if names is None:
        return
    nothing = [""] * run.count
    references = run.cells(names.reference) or nothing
    uprns = run.parse(names.uprn, run.cells(names.uprn) or nothing, values.uprn)
    run.named = [Named(reference or None, uprn) for reference, uprn in zip(references, uprns, strict=True)]
    for row, (reference, uprn) in enumerate(run.named):
        if reference is None and uprn is None:
            run.issue(row, names.reference or names.uprn, NO_BUILDING)
    if "amount" in run.layout.fields:
        _require_cost(run)
    else:
        _require_count(run)


def _require_cost(run: Check) -> None:
    for row in range(run.count):
        _require(run, row, "category_code", NO_CATEGORY)
        _require(run, row, "amount", NO_AMOUNT)


def _require_count(run: Check) -> None:
    figures = [run.values[name] for name in FIGURES if name in run.values]
    for row in range(run.count):
        _require(run, row, "observed_on", NO_DATE)
        _require(run, row, "method", NO_METHOD)
        if all(column[row] is None for column in figures):
            run.issue(row, "", NOTHING)


def _require(run: Check, row: int, field: str, problem: Problem) -> None:
    if (run.values.get(field) or [None] * run.count)[row] is None:
        columns = run.layout.fields[field].columns
        found = run.first(columns)
        run.issue(row, found[0] if found else next(iter(columns), ""), problem)
