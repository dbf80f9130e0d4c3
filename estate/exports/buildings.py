"""The register's list of buildings as a table: exactly what its filters and columns show.

A column of the list may stand for several of a file: what the page puts under a name as a note has columns of its own.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy.orm import Session

from estate.board.wording import financial_year
from estate.exports.tables import Cell, Column, Kind, Table
from estate.register.changes import location_of
from estate.register.filters import BuildingFilters
from estate.register.list_pages import sorted_ids
from estate.register.queries import BuildingPage, BuildingRow, buildings_with_ids

COLUMNS = (
    Column("id", Kind.WHOLE, "Number of the building in this register"),
    Column("uprn", meaning="Unique Property Reference Number: text, leading zeros count"),
    Column("name"),
    Column("street"),
    Column("post_town"),
    Column("postcode"),
    Column("agency", meaning="The agency that answers for the record"),
    Column("use"),
    Column("status"),
    Column("tenure", meaning="What is held today, by any agency"),
    Column("areas", meaning="Areas in which it lies, the smallest first"),
    Column("longitude", Kind.NUMBER, "Degrees, WGS84 (EPSG:4326)"),
    Column("latitude", Kind.NUMBER, "Degrees, WGS84 (EPSG:4326)"),
    Column("fix_source", meaning="How the position was found"),
    Column("gross_internal_area_m2", Kind.NUMBER),
    Column("net_internal_area_m2", Kind.NUMBER),
    Column("built_year", Kind.WHOLE),
    Column("is_listed", Kind.YES_NO),
    Column("is_protected", Kind.YES_NO, "No proposal may empty it"),
    Column("running_cost_year", meaning="Financial year of the cost"),
    Column("running_cost", Kind.NUMBER, "GBP in that year"),
    Column("running_cost_is_estimate", Kind.YES_NO),
    Column("running_cost_per_m2_gia", Kind.NUMBER, "GBP per square metre of gross internal area, where both are known"),
    Column("utilisation", Kind.NUMBER, "Frequency x occupancy, a ratio: typical by the method with the newest count"),
    Column("occupancy", Kind.NUMBER, "People over capacity, a ratio: typical by the same counts"),
    Column("occupancy_counted_by", meaning="How people were counted: methods are not comparable"),
    Column("occupancy_counted_on", Kind.DAY, "The newest count by that method"),
    Column("occupancy_is_estimate", Kind.YES_NO, "The capacity was worked out, not counted"),
    Column("vacant_m2", Kind.NUMBER, "Net floor area that nobody uses"),
    Column("vacant_is_estimate", Kind.YES_NO, "Net area less what the teams take: nobody counted it"),
    Column("note"),
    Column("changed_on", Kind.DAY, "When the record was last changed"),
    Column("management_patch", meaning="Of a home or block: as its landlord calls it"),
    Column("block_reference", meaning="The landlord's, of the block in which a home is, or of the block itself"),
    Column("bedrooms", Kind.WHOLE, "Of a home"),
    Column("home_tenure", meaning="As what a home is let or sold, in the landlord's words"),
)
BY_NAME = {column.name: column for column in COLUMNS}
AS_AT = Column("as_at", Kind.DAY, "The day of which this is the end")
TITLE = "Buildings of the register"
PENNY = Decimal("0.01")
BATCH = 1000
"""Buildings that are read at a time."""


@dataclass(frozen=True)
class ListColumn:
    """A column that people can choose for the list."""

    title: str
    files: tuple[str, ...]
    """Its columns in a file."""
    sort: str = ""
    """What the list is sorted by under this heading; empty: nothing."""
    field: str = ""
    """The fact that can be changed in the list; empty: none."""
    is_number: bool = False


LIST_COLUMNS = {
    "name": ListColumn("Building", ("id", "name", "street", "post_town", "postcode"), "name", "name"),
    "uprn": ListColumn("UPRN", ("uprn",), field="uprn"),
    "street": ListColumn("Street", ("street",), field="street"),
    "post_town": ListColumn("Town", ("post_town",), field="post_town"),
    "postcode": ListColumn("Postcode", ("postcode",), "postcode", "postcode"),
    "areas": ListColumn("Areas", ("areas",)),
    "agency": ListColumn("Agency", ("agency",), "agency"),
    "use": ListColumn("Use", ("use", "tenure"), "use", "use_class_code"),
    "tenure": ListColumn("Tenure", ("tenure",)),
    "gross_internal_area_m2": ListColumn(
        "Gross area", ("gross_internal_area_m2",), field="gross_internal_area_m2", is_number=True
    ),
    "net_internal_area_m2": ListColumn(
        "Net area", ("net_internal_area_m2",), "area_m2", "net_internal_area_m2", is_number=True
    ),
    "running_cost": ListColumn(
        "Running cost",
        ("running_cost_year", "running_cost", "running_cost_is_estimate", "running_cost_per_m2_gia"),
        "cost",
        is_number=True,
    ),
    "status": ListColumn("Status", ("status",), "status", "status"),
    "fullness": ListColumn(
        "Utilisation",
        ("utilisation", "occupancy", "occupancy_counted_by", "occupancy_counted_on", "occupancy_is_estimate"),
        "fullness",
        is_number=True,
    ),
    "vacant": ListColumn("Vacant space", ("vacant_m2", "vacant_is_estimate"), "vacant", is_number=True),
    "built_year": ListColumn("Year built", ("built_year",), field="built_year", is_number=True),
    "is_listed": ListColumn("Listed", ("is_listed",), field="is_listed"),
    "is_protected": ListColumn("Protected", ("is_protected",)),
    "position": ListColumn("Position", ("longitude", "latitude", "fix_source")),
    "note": ListColumn("Note", ("note",), field="note"),
    "changed": ListColumn("Last changed", ("changed_on",)),
    "management_patch": ListColumn("Management patch", ("management_patch",)),
    "block_reference": ListColumn("Block reference", ("block_reference",)),
    "bedrooms": ListColumn("Bedrooms", ("bedrooms",), is_number=True),
    "home_tenure": ListColumn("Tenure of the home", ("home_tenure",)),
}
USUAL = ("name", "agency", "use", "net_internal_area_m2", "running_cost", "status")
"""What the list shows to those who chose nothing."""


def list_columns(names: Sequence[str]) -> list[str]:
    """The known ones of `names` in their order, each once, and always the building's name; the usual where none is."""
    known = [name for name in dict.fromkeys(names) if name in LIST_COLUMNS]
    if not known:
        return list(USUAL)
    return known if "name" in known else ["name", *known]


def file_columns(names: Sequence[str]) -> list[Column]:
    """The columns of a file of these columns of the list, each once."""
    wanted = dict.fromkeys(file for name in names for file in LIST_COLUMNS[name].files)
    return [BY_NAME[name] for name in wanted]


def buildings_table(
    found: BuildingPage, columns: Sequence[str] | None = None, *, as_at: date | None = None, notes: tuple[str, ...] = ()
) -> Table:
    """The rows of `found`, one building each; `list_buildings(..., page_size=None)` gives all of them.

    `columns` are those of the list, None for everything that a file can hold. With `as_at`, a last column says the day
    on which the register was like that.
    """
    chosen = [*_chosen(columns), *([AS_AT] if as_at else [])]
    rows = [{**_row(row, found.year_start), "as_at": as_at} for row in found.rows]
    return Table("buildings", TITLE, chosen, rows, "longitude", "latitude", notes, "use")


class ListedRows(Collection[Mapping[str, Cell]]):
    """The rows of a list, read from the register so many at a time while somebody goes through them."""

    def __init__(self, session: Session, filters: BuildingFilters, sort: str, as_at: date | None) -> None:
        self._session, self._as_at = session, as_at
        self._ids = sorted_ids(session, filters, sort)
        self._known = frozenset(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, row: object) -> bool:
        return isinstance(row, Mapping) and row.get("id") in self._known

    def __iter__(self) -> Iterator[Mapping[str, Cell]]:
        for start in range(0, len(self._ids), BATCH):
            found = buildings_with_ids(self._session, self._ids[start : start + BATCH])
            for row in found.rows:
                yield {**_row(row, found.year_start), "as_at": self._as_at}


def register_table(
    session: Session,
    filters: BuildingFilters,
    *,
    sort: str = "name",
    columns: Sequence[str] | None = None,
    as_at: date | None = None,
) -> Table:
    """As `buildings_table`, of all that `filters` let through, however many: they are read while they are written."""
    chosen = [*_chosen(columns), *([AS_AT] if as_at else [])]
    rows = ListedRows(session, filters, sort, as_at)
    return Table("buildings", TITLE, chosen, rows, "longitude", "latitude", colour_by="use")


def _chosen(columns: Sequence[str] | None) -> list[Column]:
    return list(COLUMNS) if columns is None else file_columns(columns)


def _row(row: BuildingRow, year_start: int | None) -> dict[str, Cell]:
    building, location = row.building, location_of(row.building)
    is_known, full = row.annual_cost is not None, row.fullness
    same = (
        "id",
        "uprn",
        "name",
        "street",
        "post_town",
        "postcode",
        "built_year",
        "is_listed",
        "is_protected",
        "note",
        "management_patch",
        "block_reference",
        "bedrooms",
        "home_tenure",
    )
    return {
        **{name: getattr(building, name) for name in same},
        "agency": building.agency.name,
        "use": building.use_class.name if building.use_class else None,
        "status": building.status.value,
        "tenure": "; ".join(tenure.value for tenure in row.tenures) or None,
        "areas": "; ".join(area.name for area in row.areas) or None,
        "longitude": location["longitude"],
        "latitude": location["latitude"],
        "fix_source": building.fix_source.value if building.fix_source else None,
        "gross_internal_area_m2": building.gross_internal_area_m2,
        "net_internal_area_m2": building.net_internal_area_m2,
        "running_cost_year": financial_year(year_start) if is_known and year_start else None,
        "running_cost": row.annual_cost,
        "running_cost_is_estimate": row.is_estimate if is_known else None,
        "running_cost_per_m2_gia": _per_m2(row),
        "utilisation": full.utilisation_ratio,
        "occupancy": full.occupancy_ratio,
        "occupancy_counted_by": full.count_method.value if full.count_method else None,
        "occupancy_counted_on": full.counted_on,
        "occupancy_is_estimate": full.is_fullness_estimate,
        "vacant_m2": full.vacant_m2,
        "vacant_is_estimate": full.is_vacant_estimate,
        "changed_on": building.changed_at.date() if building.changed_at else None,
    }


def _per_m2(row: BuildingRow) -> Decimal | None:
    area = row.building.gross_internal_area_m2
    if row.annual_cost is None or not area:
        return None
    return (row.annual_cost / area).quantize(PENNY, ROUND_HALF_UP)
