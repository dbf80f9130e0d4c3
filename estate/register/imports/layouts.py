"""Layouts: one TOML file in formats/ each, which says what a kind of file looks like and what its columns mean.

title, source           for people; the source is kept with every fact
needs                   columns that a file of this layout has (its header is found by them)
key                     columns that name a row for good
unknown                 cells that mean "not known", besides empty ones
positions               for files without a header: the names of the columns in order, and `pattern` for the first
[agency]                name, code, kind: columns with the agency of each row; `name_template` shapes the name
[building]              reference, uprn: columns that name a building of the register; such a file adds none
[fields.<field>]        a column, a list of names it goes by, or a table: see `FieldMap`
[[costs]]               category, columns (added up)
[[budgets]]             the same, of what is budgeted for the row's financial year
[[skip]]                column, values or not_values, reason: rows out of scope
[[join]]                needs, on: further tables of a ZIP, whose columns are added
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from estate.register.imports.fields import FIELDS

FOLDER = Path(__file__).parent / "formats"


@dataclass(frozen=True)
class FieldMap:
    """Where a field's cells come from, and how they are to be read."""

    columns: tuple[str, ...] = ()
    """Names that the column goes by; the first that the file has is taken."""
    join: tuple[str, ...] = ()
    """Columns whose cells are put together instead, with `separator`."""
    add: tuple[str, ...] = ()
    """Columns whose numbers are added up instead."""
    separator: str = ", "
    value: Any = None
    """A constant, where no column is named or its cell is empty."""
    values: Mapping[str, Any] = field(default_factory=dict)
    other: Any = None
    """What cells outside `values` mean; None makes them a problem, "" unknown."""
    format: str | None = None
    """How dates are written: as for strptime, or "day_first" or "month_first"."""
    unknown: tuple[str, ...] = ()
    fallback: str | None = None
    """A template of other columns, such as "{Kind} in {Town}", for a name that is missing."""
    by_file_name: Mapping[str, str] = field(default_factory=dict)
    """A constant by a word in the file's name."""
    unit: str | None = None
    """How people type this column: "m2" or "sqft" for areas, "amount" and "number" for others. None: strictly."""
    is_address: bool = False
    """A house number and what follows it are joined by a space instead of `separator`."""


@dataclass(frozen=True)
class CostMap:
    """The columns whose amounts make up one category."""

    category: str
    columns: tuple[str, ...]
    year: int | None = None
    """The year in which the columns' financial year starts; None: the row or the person says it."""
    is_loose: bool = False
    """True where amounts are written as people type them."""


@dataclass(frozen=True)
class Skip:
    """Rows out of scope: those with, or without, these cells."""

    column: str
    reason: str
    values: frozenset[str] = frozenset()
    not_values: frozenset[str] = frozenset()

    def matches(self, cell: str) -> bool:
        """Whether a row with this cell is out of scope."""
        folded = " ".join(cell.split()).casefold()
        return folded in self.values if self.values else folded not in self.not_values


@dataclass(frozen=True)
class AgencyMap:
    """The columns that name each row's agency."""

    name: str
    code: str | None = None
    kind: str = "other"
    name_template: str = "{}"


@dataclass(frozen=True)
class BuildingMap:
    """The columns that say which building of the register a row speaks of."""

    reference: str
    uprn: str


@dataclass(frozen=True)
class Join:
    """Another table of the same ZIP, and the column that both have."""

    needs: tuple[str, ...]
    on: str


@dataclass(frozen=True)
class Layout:
    """One kind of file."""

    name: str
    title: str
    source: str
    needs: tuple[str, ...]
    key: tuple[str, ...]
    fields: Mapping[str, FieldMap]
    description: str = ""
    unknown: frozenset[str] = frozenset()
    positions: tuple[str, ...] = ()
    pattern: str | None = None
    agency: AgencyMap | None = None
    building: BuildingMap | None = None
    """None: each row is a building itself, and may be a new one."""
    costs: tuple[CostMap, ...] = ()
    budgets: tuple[CostMap, ...] = ()
    skips: tuple[Skip, ...] = ()
    joins: tuple[Join, ...] = ()
    is_lenient: bool = False
    """True where a cell that can't be read is kept as unknown instead of keeping its row out."""

    def known_columns(self) -> set[str]:
        """Every column, folded, that the layout says something about."""
        names = [*self.needs, *self.key, *(skip.column for skip in self.skips)]
        names += [self.building.reference, self.building.uprn] if self.building else []
        for source in self.fields.values():
            names += [*source.columns, *source.join, *source.add]
        names += [column for cost in (*self.costs, *self.budgets) for column in cost.columns]
        return {fold(name) for name in names}


def fold(name: str) -> str:
    """A column's name for comparison: case, spaces, underscores and marks at the ends do not matter."""
    return re.sub(r"[\s_]+", " ", name.replace("\ufeff", "")).strip(" '\"*:").casefold()


def load_layout(path: Path) -> Layout:
    """The layout of one TOML file; ValueError where it names a field that the register lacks."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    fields = {name: _field_map(spec) for name, spec in data.get("fields", {}).items()}
    if unknown := set(fields) - set(FIELDS):
        raise ValueError(f"{path.name} fills fields that the register lacks: {', '.join(sorted(unknown))}")
    folded = frozenset(marker.casefold() for marker in data.get("unknown", ()))
    return Layout(
        name=path.stem,
        title=data["title"],
        source=data["source"],
        description=data.get("description", ""),
        needs=tuple(data["needs"]),
        key=tuple(data["key"]),
        fields=fields,
        unknown=folded,
        positions=tuple(data.get("positions", ())),
        pattern=data.get("pattern"),
        agency=AgencyMap(**data["agency"]) if "agency" in data else None,
        building=BuildingMap(**data["building"]) if "building" in data else None,
        costs=_cost_maps(data.get("costs", ())),
        budgets=_cost_maps(data.get("budgets", ())),
        skips=tuple(_skip(spec) for spec in data.get("skip", ())),
        joins=tuple(Join(tuple(spec["needs"]), spec["on"]) for spec in data.get("join", ())),
    )


def _cost_maps(specs: Iterable[dict[str, Any]]) -> tuple[CostMap, ...]:
    return tuple(CostMap(spec["category"], tuple(spec["columns"])) for spec in specs)


def _field_map(spec: Any) -> FieldMap:
    if isinstance(spec, str):
        return FieldMap(columns=(spec,))
    if isinstance(spec, list):
        return FieldMap(columns=tuple(spec))
    lists = {name: tuple(spec[name]) for name in ("columns", "join", "add", "unknown") if name in spec}
    return FieldMap(**{**spec, **lists})


def _skip(spec: dict[str, Any]) -> Skip:
    sets = {
        name: frozenset(cell.casefold() for cell in spec[name]) for name in ("values", "not_values") if name in spec
    }
    return Skip(spec["column"], spec["reason"], **sets)


@cache
def layouts() -> dict[str, Layout]:
    """All layouts by name."""
    return {path.stem: load_layout(path) for path in sorted(FOLDER.glob("*.toml"))}
