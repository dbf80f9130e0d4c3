"""What one row of a mapped file is: a building, a count of people in one, or one cost of one. Each has its own columns.

Rows of the last two name a building that is in the register, by its reference or UPRN, and never add one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from estate.register.imports.fields import FIELDS

BUILDINGS, COUNTS, COSTS = "buildings", "counts", "costs"
KEY, AGENCY, COST = "key", "agency", "cost:"
BUILDING_CONSTANTS = ("tenure", "status", "use_class_code", "service_code")


@dataclass(frozen=True)
class RowKind:
    """One kind of row."""

    title: str
    uses: tuple[str, ...] = ()
    """Fields that its columns may be, besides the reference and the UPRN; of a building, all that are no other's."""
    key: tuple[str, ...] = ()
    """Fields that tell one row of a building from the next."""
    needs: tuple[str, ...] = ()
    """Fields that a column, or one word for all rows, must say."""
    constants: tuple[str, ...] = ()
    """Coded fields that may be given once for all rows."""
    headings: str = ""
    """Table of `synonyms.toml` with what people call its columns besides."""
    filled_down: tuple[str, ...] = ()
    """What people write once over several rows."""

    @property
    def names_building(self) -> bool:
        """True where a row names a building that is there."""
        return bool(self.uses)


OF_COSTS_ALONE = ("category_code", "amount")
KINDS = {
    BUILDINGS: RowKind("A building", constants=BUILDING_CONSTANTS),
    COUNTS: RowKind(
        "A count of people in a building",
        uses=tuple(name for name, field in FIELDS.items() if field.part == "occupancy"),
        key=("period_start_on", "observed_on", "method"),
        needs=("observed_on", "method"),
        constants=("method",),
        headings="counts",
        filled_down=(KEY, "uprn"),
    ),
    COSTS: RowKind(
        "One cost of a building: category, year and amount",
        uses=("category_code", "financial_year", "amount"),
        key=("category_code", "financial_year"),
        needs=("category_code", "amount"),
        constants=("category_code",),
        headings="long_costs",
        filled_down=(KEY, "uprn", "financial_year"),
    ),
}


def kind_of(rows: str) -> RowKind:
    """The kind of this name; a building where a newer installation knows another."""
    return KINDS.get(rows, KINDS[BUILDINGS])


def known_uses(categories: Mapping[str, str], rows: str = BUILDINGS) -> dict[str, str]:
    """Every use that a column of such a file may have, with what it is called, the references and the name first."""
    kind = kind_of(rows)
    if kind.names_building:
        first = {KEY: "Reference of the building", "uprn": "UPRN of the building"}
        return {**first, **{name: FIELDS[name].title for name in kind.uses}}
    first = {KEY: "Reference (the row's own number or code)", "name": "Name of the building"}
    left_out = ("name", "srid", *OF_COSTS_ALONE)
    fields = {name: target.title for name, target in FIELDS.items() if name not in left_out}
    costs = {COST + code: f"Cost: {name}" for code, name in categories.items()}
    return {**first, **fields, AGENCY: "Agency of the row", **costs}
