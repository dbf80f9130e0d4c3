"""The first rows of an unknown file as its mapping would read them, by the very check that all rows go through."""

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any

from estate.register.imports import amounts, counted, field_rules, keys, parsing, rows
from estate.register.imports.check import Known, Options
from estate.register.imports.fields import FIELDS
from estate.register.imports.mapping.kinds import OF_COSTS_ALONE
from estate.register.imports.mapping.mapped import mapped_table
from estate.register.imports.mapping.spec import Mapping, needs_year, problems_of
from estate.register.imports.mapping.table import RawTable
from estate.register.imports.mapping.words import codes_of, is_coded
from estate.register.imports.read import FileContent
from estate.register.imports.readers import Sheet
from estate.register.imports.state import Check

SHOWN_ROWS = 5


@dataclass(frozen=True)
class SampleRow:
    """One row: its line, its reference, what each field would be, and what is said about it."""

    line: int
    key: str
    fields: list[tuple[str, str]]
    """What the field is called, and its value as text; unknown ones are left out."""
    says: list[str]
    is_accepted: bool


def sample_rows(profile: MappingType[str, Any], mapping: Mapping, known: Known) -> list[SampleRow]:
    """The first rows, read; none where the mapping can't be used yet."""
    if problems_of(mapping, known.vocabularies.get("cost_category", {})):
        return []
    sheet = Sheet(profile["sheet"], [[*row] for row in profile["sample"]], list(profile["sample_lines"]))
    table = mapped_table(RawTable(sheet, -1, list(profile["names"])), mapping, "")
    content = FileContent("", "", [sheet], None)
    run = Check(table, content, known, Options(year=mapping.constants.get("year")))
    phases = [
        rows.even_out, rows.refuse_control_characters, rows.warn_of_formulas, parsing.parse_fields, keys.name_rows,
        *([] if needs_year(mapping) else [amounts.add_costs]), field_rules.compare_fields, counted.name_buildings,
    ]  # fmt: skip
    for phase in phases:
        phase(run)
    return [_row(run, row) for row in range(min(SHOWN_ROWS, run.count))]


def _row(run: Check, row: int) -> SampleRow:
    shown = [
        (FIELDS[name].title, _shown(run, name, values[row]))
        for name, values in run.values.items()
        if name in FIELDS and name not in OF_COSTS_ALONE and values[row] is not None
    ]
    categories = run.known.vocabularies.get("cost_category", {})
    for category, year, amounts_ in _amounts(run):
        if amounts_[row] is not None:
            start = year if year is not None else run.years[row]
            when = f" {start}-{(start + 1) % 100:02}" if start is not None else ""
            shown.append((f"Cost: {categories.get(category, category)}{when}", f"£{amounts_[row]:,.2f}"))
    line = run.table.lines[row]
    says = [issue.message for issue in run.issues if issue.line == line]
    return SampleRow(line, run.keys[row], shown, says, run.is_accepted[row])


def _amounts(run: Check) -> list[tuple[str, int | None, list[float | None]]]:
    dated = [(category, year, amounts_) for (category, year), amounts_ in run.dated_costs.items()]
    return [*((category, None, amounts_) for category, amounts_ in run.costs.items()), *dated]


def _shown(run: Check, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_coded(name):
        return codes_of(name, run.known.vocabularies).get(value, str(value))
    if isinstance(value, float):
        return f"{value:,.6f}".rstrip("0").rstrip(".") if abs(value) < 1000 else f"{value:,.2f}".removesuffix(".00")
    return str(value)
