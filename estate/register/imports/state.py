"""What the phases of a check share: columns of cells, the values found so far, the issues."""

import re
from typing import TYPE_CHECKING, Any

from estate.gis.geocode import Fixes
from estate.register.imports.read import FileContent
from estate.register.imports.readers import NO_VALUE
from estate.register.imports.recognise import Table
from estate.register.imports.report import Agency, Issue
from estate.register.imports.values import Parse, Problem

if TYPE_CHECKING:
    from estate.register.imports.check import Known, Options

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
SAMPLE = 500
"""Cells that tell whether a column mostly repeats itself, so that parsing each distinct cell once pays."""


class Check:
    """The state that the phases share: columns of cells, the values found so far, the issues."""

    def __init__(self, table: Table, content: FileContent, known: "Known", options: "Options") -> None:
        self.table, self.content, self.known, self.options = table, content, known, options
        self.layout = table.layout
        self.count = len(table.rows)
        self.issues: list[Issue] = []
        self.is_accepted = [True] * self.count
        self.is_skipped = [False] * self.count
        self.values: dict[str, list[Any]] = {}
        self.costs: dict[str, list[float | None]] = {}
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
