"""What the phases of a check share: columns of cells, the values found so far, the issues."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from estate.gis.geocode import Fixes
from estate.register.imports.columns import read_plain
from estate.register.imports.read import FileContent
from estate.register.imports.readers import NO_VALUE
from estate.register.imports.recognise import Table
from estate.register.imports.report import Agency, Issue, Named
from estate.register.imports.values import Noted, Parse, Problem

if TYPE_CHECKING:
    from estate.register.imports.check import Known, Options

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
MENDED_LATER = frozenset({
    "not_a_number", "not_whole", "out_of_range", "date_unknown", "date_ambiguous", "area_negative", "area_too_large",
    "cost_negative", "cost_too_large", "too_long",
})  # fmt: skip
"""Problems of single cells that a mapping may let pass as unknown. What would make a wrong building never passes."""
KEPT_UNKNOWN = " It is kept as unknown, as you chose."
SAID = frozenset({Problem, Noted})
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
        self.rough_costs: set[tuple[int, str, int | None]] = set()
        self.budgets: dict[str, list[float | None]] = {}
        self.dated_costs: dict[tuple[str, int], list[float | None]] = {}
        self.years: list[int | None] = [None] * self.count
        self.keys = [""] * self.count
        self.agency_ids: list[int | None] = [known.agency_id] * self.count
        self.agency_names = [known.agency_name] * self.count
        self.new_agencies: list[Agency] = []
        self.fixes = Fixes.none(self.count)
        self.named: list[Named] = []
        self._columns: list[list[str]] = []
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

    def column(self, place: int) -> list[str]:
        """The cells of a column as they came; every row has been made as wide as the header before."""
        if not self._columns:
            width = len(self.table.columns)
            even = (row if len(row) == width else row[:width] for row in self.table.rows)
            self._columns = np.array(list(even), dtype=object).reshape(self.count, width).T.tolist()
        return self._columns[place]

    def cells(self, name: str) -> list[str] | None:
        """The cells of a column, stripped, unknown markers emptied; None where the file lacks it."""
        place = self.table.position(name)
        if place is None:
            return None
        if place not in self._cells:
            cells = list(map(str.strip, self.column(place)))
            unknown = {*self.layout.unknown, NO_VALUE.casefold()}
            if _may_hold(unknown, cells):
                cells = ["" if cell.casefold() in unknown else cell for cell in cells]
            self._cells[place] = cells
        return self._cells[place]

    def first(self, names: tuple[str, ...]) -> tuple[str, list[str]] | None:
        """Name and cells of the first of `names` that the file has."""
        for name in names:
            if (cells := self.cells(name)) is not None:
                return name, cells
        return None

    def parse(self, column: str, cells: list[str], parse: Parse) -> list[Any]:
        """One value a cell, None for empty ones and for those with a problem, which is noted."""
        plain = read_plain(parse, cells)
        if plain is not None:
            return plain
        if len(set(cells[:SAMPLE])) > 0.8 * len(cells[:SAMPLE]):
            result: list[Any] = [parse(cell) if cell else None for cell in cells]
        else:
            found = {cell: parse(cell) if cell else None for cell in set(cells)}
            result = [found[cell] for cell in cells]
        # Most columns have neither, and a set of types is found without looking at each value from here.
        is_clean = SAID.isdisjoint(map(type, result))
        said = [] if is_clean else [(row, value) for row, value in enumerate(result) if type(value) in SAID]
        for row, found_value in said:
            result[row] = None
            if isinstance(found_value, Noted):
                result[row], found_value = found_value
            elif self.layout.is_lenient and found_value.code in MENDED_LATER:
                found_value = found_value._replace(is_rejecting=False, message=found_value.message + KEPT_UNKNOWN)
            self.issue(row, column, found_value, cells[row])
        return result


def _may_hold(markers: set[str], cells: list[str]) -> bool:
    """Whether some cells, in lower case, may be one of `markers`; quicker than to look at each."""
    whole = "\n".join(("", *cells, "")).casefold()
    return any(f"\n{marker}\n" in whole for marker in markers)
