"""The phase of a check that finds costs by category and year, and the dates that follow from the year."""

from datetime import date, timedelta

from estate.errors import InvalidInput
from estate.register.imports import loose, values
from estate.register.imports.layouts import CostMap
from estate.register.imports.parsing import YEAR_END, added
from estate.register.imports.state import Check
from estate.register.imports.values import Problem
from estate.settings import get_settings

LOOSE_AMOUNT = loose.measure_parser(values.amount, "amount")


class YearNeeded(InvalidInput):
    """This layout has costs of one financial year, but no column that says which. Give the year, such as 2023-24."""


class YearUnknown(InvalidInput):
    """The financial year is not known here. Write it as 2023-24."""


def add_costs(run: Check) -> None:
    """Amounts by category and year, and the dates that follow from the year."""
    given = _year(run.options.year)
    per_row = run.values.get("financial_year", [None] * run.count)
    run.years = [year if year is not None else given for year in per_row]
    for cost in run.layout.costs:
        if run.first(cost.columns) is not None:
            _add_cost(run, cost)
    _refuse_twice(run)
    _add_lines(run)
    _add_budgets(run)
    every = [*run.costs.values(), *run.budgets.values()]
    if every and given is None and "financial_year" not in run.layout.fields:
        raise YearNeeded
    missing = Problem("year_missing", "The row has costs, but no financial year. Give it.")
    for row, year in enumerate(run.years):
        if year is None and any(amounts[row] is not None for amounts in every) and run.is_accepted[row]:
            run.issue(row, "Financial year", missing)
    for name, source in run.layout.fields.items():
        if source.value == YEAR_END:
            ends = {year: _year_end(year) for year in set(run.years)}
            run.values[name] = [ends[year] for year in run.years]


def _add_cost(run: Check, cost: CostMap) -> None:
    said = len(run.issues)
    amounts = added(run, cost.columns, LOOSE_AMOUNT if cost.is_loose else values.amount)
    if cost.is_loose:
        _note_rough(run, cost, said)
    if all(amount is None for amount in amounts):
        return
    if cost.year is None:
        run.costs[cost.category] = amounts
    else:
        run.dated_costs[cost.category, cost.year] = amounts


def _note_rough(run: Check, cost: CostMap, said: int) -> None:
    """Remember which amounts the file calls approximate; `said` issues were there before."""
    lines = {issue.line for issue in run.issues[said:] if issue.code == "approximate"}
    if lines:
        rows = (row for row, line in enumerate(run.table.lines) if line in lines)
        run.rough_costs |= {(row, cost.category, cost.year or run.years[row]) for row in rows}


def _refuse_twice(run: Check) -> None:
    """Refuse rows in which a column of one year and the row's own year give the same cost twice."""
    message = "Two columns give this cost for the financial year {}-{:02}. Leave one of them out."
    for (category, year), amounts in run.dated_costs.items():
        undated = run.costs.get(category)
        if undated is None:
            continue
        problem = Problem("cost_twice", message.format(year, (year + 1) % 100))
        for row, amount in enumerate(amounts):
            if amount is not None and undated[row] is not None and run.years[row] == year:
                run.issue(row, category, problem)


def _add_lines(run: Check) -> None:
    """Costs of a file in which each row says its category and amount."""
    source = run.layout.fields.get("amount")
    if source is None:
        return
    nothing = [None] * run.count
    codes, amounts = run.values.get("category_code") or nothing, run.values.get("amount") or nothing
    for code in sorted({code for code in codes if code is not None}):
        of_code = [amount if own == code else None for own, amount in zip(codes, amounts, strict=True)]
        if any(amount is not None for amount in of_code):
            run.costs[code] = of_code
    lines = {issue.line for issue in run.issues if issue.code == "approximate" and issue.field in source.columns}
    rough = (row for row, line in enumerate(run.table.lines) if line in lines and codes[row] is not None)
    run.rough_costs |= {(row, str(codes[row]), run.years[row]) for row in rough}


def _add_budgets(run: Check) -> None:
    for budget in run.layout.budgets:
        amounts = added(run, budget.columns, values.amount) if run.first(budget.columns) else []
        if any(amount is not None for amount in amounts):
            run.budgets[budget.category] = amounts


def _year(text: str | None) -> int | None:
    if not text:
        return None
    year = values.financial_year(text.strip())
    if isinstance(year, Problem):
        raise YearUnknown(year.message)
    return int(year)


def _year_end(year: int | None) -> str | None:
    if year is None:
        return None
    return (date(year + 1, get_settings().financial_year_start_month, 1) - timedelta(days=1)).isoformat()
