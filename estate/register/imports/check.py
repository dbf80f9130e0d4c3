"""Rows to a report, without a database: a data problem is a row with a reason, never an exception.

The check is a list of small phases, each over whole columns. A cell is parsed once for all rows that hold the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from estate.errors import InvalidInput
from estate.gis.geocode import Fixes
from estate.register.imports import agencies, positions, values
from estate.register.imports.fields import DATES, FIELDS
from estate.register.imports.layouts import FieldMap, fold
from estate.register.imports.memory import CollectorAtRest
from estate.register.imports.read import FileContent
from estate.register.imports.readers import NO_VALUE
from estate.register.imports.recognise import Table, recognise
from estate.register.imports.report import Agency, Issue, Report
from estate.register.imports.values import Parse, Problem
from estate.settings import get_settings

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
LONGEST_KEY = 300
SAMPLE = 500
"""Cells that tell whether a column mostly repeats itself, so that parsing each distinct cell once pays."""
YEAR_END = "year_end"
FORMULA = (
    "This is a formula without a value: open and save the file in a spreadsheet program, or type the value. "
    "It is kept as unknown."
)


class YearNeeded(InvalidInput):
    """This layout has costs of one financial year, but no column that says which. Give the year, such as 2023-24."""


class YearUnknown(InvalidInput):
    """The financial year is not known here. Write it as 2023-24."""


@dataclass(frozen=True)
class Known:
    """What the register holds that a check refers to. Names are folded by `agencies.fold_agency`."""

    agency_id: int
    agency_name: str
    agency_ids: Mapping[str, int] = field(default_factory=dict)
    """The agency and those below it, by folded name and code."""
    agencies_elsewhere: frozenset[str] = frozenset()
    vocabularies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Code to name of each reference table: use_class, service, cost_category."""


@dataclass(frozen=True)
class Options:
    """What the person chose for this file."""

    layout: str | None = None
    year: str | None = None
    srid: int | None = None
    """Coordinate system of the file's coordinates where neither a column nor the file itself says it."""
    create_agencies: bool = False
    use_class: str | None = None


class Check:
    """The state that the phases share: columns of cells, the values found so far, the issues."""

    def __init__(self, table: Table, content: FileContent, known: Known, options: Options) -> None:
        self.table, self.content, self.known, self.options = table, content, known, options
        self.layout = table.layout
        self.count = len(table.rows)
        self.issues: list[Issue] = []
        self.is_accepted = [True] * self.count
        self.is_skipped = [False] * self.count
        self.values: dict[str, list[Any]] = {}
        self.costs: dict[str, list[float | None]] = {}
        self.budgets: dict[str, list[float | None]] = {}
        self.years: list[int | None] = [None] * self.count
        self.keys = [""] * self.count
        self.agency_ids: list[int | None] = [known.agency_id] * self.count
        self.agency_names = [known.agency_name] * self.count
        self.new_agencies: list[Agency] = []
        self.fixes = Fixes.none(self.count)
        self._cells: dict[int, list[str]] = {}

    def issue(self, row: int, column: str, problem: Problem, value: str = "") -> None:
        """Note a problem of one row, unless the row is out of scope anyway."""
        if self.is_skipped[row]:
            return
        value = CONTROL.sub("\N{REPLACEMENT CHARACTER}", value[:200])
        self.issues.append(
            Issue(self.table.lines[row], column, problem.code, value, problem.message, problem.is_rejecting)
        )
        if problem.is_rejecting:
            self.is_accepted[row] = False

    def cells(self, name: str) -> list[str] | None:
        """The cells of a column, stripped, unknown markers emptied; None where the file lacks it."""
        place = self.table.position(name)
        if place is None:
            return None
        if place not in self._cells:
            unknown = self.layout.unknown
            cells = [row[place].strip() for row in self.table.rows]
            empty = {cell for cell in set(cells) if cell == NO_VALUE or cell.casefold() in unknown}
            self._cells[place] = ["" if cell in empty else cell for cell in cells] if empty else cells
        return self._cells[place]

    def first(self, names: tuple[str, ...]) -> tuple[str, list[str]] | None:
        """Name and cells of the first of `names` that the file has."""
        for name in names:
            if (cells := self.cells(name)) is not None:
                return name, cells
        return None

    def parse(self, column: str, cells: list[str], parse: Parse) -> list[Any]:
        """One value a cell, None for empty ones and for those with a problem, which is noted."""
        if len(set(cells[:SAMPLE])) > 0.8 * len(cells[:SAMPLE]):
            result: list[Any] = [parse(cell) if cell else None for cell in cells]
        else:
            found = {cell: parse(cell) if cell else None for cell in set(cells)}
            result = [found[cell] for cell in cells]
        for row, problem in [(row, value) for row, value in enumerate(result) if isinstance(value, Problem)]:
            self.issue(row, column, problem, cells[row])
            result[row] = None
        return result


@CollectorAtRest()
def check(content: FileContent, known: Known, options: Options) -> Report:
    """The report on one file; `InvalidInput` where the file as a whole has no layout or lacks its year."""
    run = Check(recognise(content, options.layout), content, known, options)
    for phase in PHASES:
        phase(run)
    table = run.table
    return Report(
        layout=run.layout.name,
        layout_title=run.layout.title,
        source=run.layout.source,
        file_name=content.name,
        sha256=content.sha256,
        encoding=content.encoding,
        sheet=table.sheet,
        columns=table.columns,
        rows=table.rows,
        lines=table.lines,
        keys=run.keys,
        values=run.values,
        fixes=run.fixes,
        costs=run.costs,
        budgets=run.budgets,
        years=run.years,
        agency_ids=run.agency_ids,
        agency_names=run.agency_names,
        new_agencies=run.new_agencies,
        is_accepted=run.is_accepted,
        issues=sorted(run.issues),
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
        if CONTROL.search("".join(row)):
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
        matches = {cell: skip.matches(cell) for cell in {row[place] for row in run.table.rows}}
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
        for number, row in enumerate(run.table.rows):
            if row[place] == NO_VALUE:
                run.issue(number, name, Problem("formula_without_value", FORMULA, False), NO_VALUE)


def parse_fields(run: Check) -> None:
    """Fill the fields of the layout from their columns, constants and templates."""
    for name, source in run.layout.fields.items():
        parse = _parser(run, name, source)
        if source.add:
            run.values[name] = _added(run, source.add)
        elif source.join:
            parts = [cells for column in source.join if (cells := run.cells(column)) is not None]
            joined = [source.separator.join(filter(None, cells)) for cells in zip(*parts, strict=True)]
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
    if source.values:
        parse = values.one_of(source.values, source.other)
        return _strictly(parse) if name == "srid" else parse
    if name in DATES and source.format:
        date_format = source.format
        return lambda cell: values.day(cell, date_format)
    if target.vocabulary:
        codes = run.known.vocabularies.get(target.vocabulary, {})
        return values.one_of(
            {title: code for code, title in codes.items()} | {code: code for code in codes}, source.other
        )
    return target.parse


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


def _added(run: Check, columns: tuple[str, ...]) -> list[float | None]:
    """The sum of the amounts in these columns, None where all are unknown."""
    total: list[float | None] = [None] * run.count
    for column in columns:
        cells = run.cells(column)
        if cells is None:
            continue
        for row, value in enumerate(run.parse(column, cells, values.amount)):
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


def name_rows(run: Check) -> None:
    """Find each row's key; a missing or repeated one is refused, and so is a row without a name."""
    parts = [run.first(tuple(part.split("|"))) for part in run.layout.key]
    found = [part for part in parts if part]
    column = " + ".join(name for name, _ in found)
    first: dict[tuple[str, str], int] = {}
    run.keys = _keys([cells for _, cells in found], run.count)
    for row, key in enumerate(run.keys):
        if run.is_skipped[row]:
            continue
        if not key or len(key) > LONGEST_KEY:
            message = "The row has no reference of its own, so it can't be recognised when it comes again."
            run.issue(row, column, Problem("key_missing" if not key else "key_too_long", message), key)
        elif (before := first.setdefault((run.agency_names[row], key), row)) != row:
            message = (
                f"The reference “{key[:80]}” stands on line {run.table.lines[before]} already. Give each row its own."
            )
            run.issue(row, column, Problem("key_repeated", message), key)
    named = run.layout.fields["name"].columns[0]
    for row, value in enumerate(run.values.get("name") or [None] * run.count):
        if value is None:
            run.issue(row, named, Problem("name_missing", "The building has no name. Give it one."))


def _keys(columns: list[list[str]], count: int) -> list[str]:
    """The cells of the key's columns as one text a row, "" where all are empty."""
    if len(columns) == 1:
        return columns[0]
    rows = zip(*columns, strict=True) if columns else [()] * count
    return [" | ".join(cells) if any(cells) else "" for cells in rows]


def add_costs(run: Check) -> None:
    """Amounts by category and year, and the dates that follow from the year."""
    given = _year(run.options.year)
    per_row = run.values.get("financial_year", [None] * run.count)
    run.years = [year if year is not None else given for year in per_row]
    for found, maps in ((run.costs, run.layout.costs), (run.budgets, run.layout.budgets)):
        for cost in maps:
            amounts = _added(run, cost.columns)
            if any(amount is not None for amount in amounts):
                found[cost.category] = amounts
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


def compare_fields(run: Check) -> None:
    """Rules between two fields of one row."""
    _compare(
        run, "lease_start_on", "lease_end_on", "lease_ends_first",
        "The lease ends ({late}) before it starts ({early}). Correct one of the dates.",
    )  # fmt: skip
    _compare(
        run, "break_earliest_on", "break_last_on", "breaks_reversed",
        "The last break ({late}) comes before the earliest ({early}). Correct one of the dates.",
    )  # fmt: skip
    _compare(run, "average", "peak", "peak_below_average", "The peak ({late}) is below the average ({early}).")
    for needed, wanted in DATED:
        for name in wanted:
            for row, value in enumerate(run.values.get(name, [])):
                if value is not None and run.values.get(needed, [None] * run.count)[row] is None:
                    message = f"{FIELDS[name].title} needs a date. It was left out."
                    run.issue(row, FIELDS[needed].title, Problem("date_missing", message, False))


def _compare(run: Check, early: str, late: str, code: str, message: str) -> None:
    if early not in run.values or late not in run.values:
        return
    for row, (first, last) in enumerate(zip(run.values[early], run.values[late], strict=True)):
        if first is not None and last is not None and (last < first or (code == "lease_ends_first" and last == first)):
            text = message.format(early=first, late=last)
            run.issue(row, FIELDS[late].title, Problem(code, text), str(last))


DATED = (
    ("observed_on", ("capacity", "peak", "average")),
    ("valued_on", ("valuation",)),
    ("surveyed_on", ("condition_grade", "backlog_cost")),
    ("energy_rated_on", ("energy_band",)),
)
PHASES = (
    even_out,
    refuse_control_characters,
    skip_rows,
    warn_of_formulas,
    parse_fields,
    agencies.find_agencies,
    name_rows,
    add_costs,
    compare_fields,
    positions.place_rows,
)
