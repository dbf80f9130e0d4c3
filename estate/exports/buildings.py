"""The register's list of buildings as a table: exactly what a filter shows."""

from estate.board.wording import financial_year
from estate.exports.tables import Cell, Column, Kind, Table
from estate.register.changes import location_of
from estate.register.queries import BuildingPage, BuildingRow

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
    Column("is_listed", Kind.YES_NO),
    Column("running_cost_year", meaning="Financial year of the cost"),
    Column("running_cost", Kind.NUMBER, "GBP in that year"),
    Column("running_cost_is_estimate", Kind.YES_NO),
)


def buildings_table(found: BuildingPage, *, notes: tuple[str, ...] = ()) -> Table:
    """The rows of `found`, one building each; `list_buildings(..., page_size=None)` gives all of them."""
    rows = [_row(row, found.year_start) for row in found.rows]
    return Table("buildings", "Buildings of the register", COLUMNS, rows, "longitude", "latitude", notes)


def _row(row: BuildingRow, year_start: int | None) -> dict[str, Cell]:
    building, location = row.building, location_of(row.building)
    is_known = row.annual_cost is not None
    return {
        **{name: getattr(building, name) for name in ("id", "uprn", "name", "street", "post_town", "postcode")},
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
        "is_listed": building.is_listed,
        "running_cost_year": financial_year(year_start) if is_known and year_start else None,
        "running_cost": row.annual_cost,
        "running_cost_is_estimate": row.is_estimate if is_known else None,
    }
