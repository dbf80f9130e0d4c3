"""Rows to a report, without a database: a data problem is a row with a reason, never an exception.

The check is a list of small phases, each over whole columns. A cell is parsed once for all rows that hold the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from estate.register.imports import agencies, amounts, counted, field_rules, keys, parsing, positions, rows
from estate.register.imports.memory import CollectorAtRest
from estate.register.imports.read import FileContent
from estate.register.imports.recognise import Table, recognise
from estate.register.imports.report import Report
from estate.register.imports.state import Check


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
    sheet: str | None = None
    """Name of the one sheet to read; None finds it."""
    header_line: int | None = None
    """Line of the header in a file that is mapped, 0 where it has none; None finds it."""
    encoding: str | None = None
    """Name of Python's codec for a text file, such as cp1252; None finds it."""
    delimiter: str | None = None
    mapping: Mapping[str, Any] | None = None
    """What the columns are, as `mapping.spec.Mapping.as_json` gives it; None finds a layout or a remembered mapping."""
    is_to_map: bool = False
    """True where the person wants to say what the columns are, whatever layout the file has."""


PHASES = (
    rows.even_out,
    rows.refuse_control_characters,
    rows.skip_rows,
    rows.warn_of_formulas,
    parsing.parse_fields,
    agencies.find_agencies,
    keys.name_rows,
    amounts.add_costs,
    field_rules.compare_fields,
    counted.name_buildings,
    positions.place_rows,
)


@CollectorAtRest()
def check(
    content: FileContent,
    known: Known,
    options: Options,
    *,
    table: Table | None = None,
    tell: Callable[[float], None] = lambda fraction: None,
) -> Report:
    """The report on one file; `InvalidInput` where the file as a whole has no layout or lacks its year.

    `table` is what a mapping made of the file; by default a layout is found by the header. `tell` is told how far the
    check is, from 0 to 1.
    """
    run = Check(table or recognise(content, options.layout), content, known, options)
    for done, phase in enumerate(PHASES, start=1):
        phase(run)
        tell(done / len(PHASES))
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
        rough_costs=run.rough_costs,
        dated_costs=run.dated_costs,
        years=run.years,
        agency_ids=run.agency_ids,
        agency_names=run.agency_names,
        new_agencies=run.new_agencies,
        is_accepted=run.is_accepted,
        issues=sorted(run.issues),
        named=run.named,
    )
