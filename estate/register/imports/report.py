"""What a check finds: the rows that can be stored, as columns, and every problem by row, field and reason."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from estate.gis.geocode import Fixes


class Issue(NamedTuple):
    """One problem of one field of one row. `field` is the column as the file names it."""

    line: int
    field: str
    code: str
    value: str
    message: str
    is_rejecting: bool = True


class Agency(NamedTuple):
    """An agency that a file names and the register lacks."""

    code: str
    """"" where the file gives none."""
    name: str
    kind_code: str


class Named(NamedTuple):
    """The building of the register that a row names; None where the row does not say."""

    reference: str | None
    uprn: str | None


@dataclass
class Report:
    """The outcome of checking one file; nothing was stored yet.

    `values` holds one list a field, as long as `lines`; None means unknown. Rows whose `is_accepted` is False stay in
    the lists, so that positions agree everywhere. `rows_in` is always accepted plus rejected. `costs` maps a category
    to one amount a row, of the financial year that starts in `years`; so does `budgets`.
    """

    layout: str
    layout_title: str
    source: str
    file_name: str
    sha256: str
    encoding: str | None
    sheet: str
    columns: list[str]
    rows: list[list[str]]
    lines: list[int]
    keys: list[str]
    values: dict[str, list[Any]]
    fixes: Fixes
    costs: dict[str, list[float | None]]
    years: list[int | None]
    agency_ids: list[int | None]
    agency_names: list[str]
    new_agencies: list[Agency]
    is_accepted: list[bool]
    issues: list[Issue] = field(default_factory=list)
    budgets: dict[str, list[float | None]] = field(default_factory=dict)
    rough_costs: set[tuple[int, str, int | None]] = field(default_factory=set)
    """Row, category and year of costs that the file itself calls approximate."""
    dated_costs: dict[tuple[str, int], list[float | None]] = field(default_factory=dict)
    """One amount a row by category and the year that its column is of, whatever the row's own year."""

    named: list[Named] = field(default_factory=list)
    """The building that each row names, where the layout tells of buildings that are there; else empty."""

    @property
    def cost_columns(self) -> list[tuple[str, Sequence[int | None], list[float | None]]]:
        """Category, year of each row, amount of each row."""
        of_rows: list[tuple[str, Sequence[int | None], list[float | None]]] = [
            (category, self.years, amounts) for category, amounts in self.costs.items()
        ]
        dated = [(category, [year] * self.rows_in, amounts) for (category, year), amounts in self.dated_costs.items()]
        return [*of_rows, *dated]

    @property
    def budget_columns(self) -> list[tuple[str, Sequence[int | None], list[float | None]]]:
        """The same of what is budgeted."""
        return [(category, self.years, amounts) for category, amounts in self.budgets.items()]

    @property
    def cost_categories(self) -> set[str]:
        """Every category that the file has an amount of."""
        return {*self.costs, *self.budgets, *(category for category, _ in self.dated_costs)}

    @property
    def rows_in(self) -> int:
        """Rows of the file, blank ones and the header left out."""
        return len(self.lines)

    @property
    def accepted_count(self) -> int:
        """Rows that can be stored."""
        return sum(self.is_accepted)

    @property
    def rejected_count(self) -> int:
        """Rows that can't."""
        return self.rows_in - self.accepted_count

    def problems_by_field(self) -> list[tuple[str, str, bool, int, str]]:
        """Field, code, whether it rejects, how often, and the first message, the most frequent first."""
        counts = Counter((issue.field, issue.code, issue.is_rejecting) for issue in self.issues)
        first: dict[tuple[str, str], str] = {}
        for issue in self.issues:
            first.setdefault((issue.field, issue.code), issue.message)
        return [(name, code, rejects, n, first[name, code]) for (name, code, rejects), n in counts.most_common()]
