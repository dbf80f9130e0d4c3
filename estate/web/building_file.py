"""The list of buildings as a CSV file."""

import csv
import io

from estate.register.changes import location_of
from estate.register.queries import BuildingPage, BuildingRow

HEADER = [
    "id",
    "uprn",
    "name",
    "street",
    "post_town",
    "postcode",
    "agency",
    "use",
    "status",
    "tenure",
    "areas",
    "latitude",
    "longitude",
    "fix_source",
    "gross_internal_area_m2",
    "net_internal_area_m2",
    "running_cost_year_start",
    "running_cost",
    "running_cost_is_estimate",
]
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝")


def write_buildings(found: BuildingPage) -> str:
    """The rows of `found`, unknown as an empty cell. Texts that a spreadsheet would run get an apostrophe in front."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADER)
    for row in found.rows:
        writer.writerow([harmless(cell) for cell in _cells(row, found.year_start)])
    return "\ufeff" + buffer.getvalue()


def harmless(cell: object) -> object:
    """The cell; a text that starts like a formula gets a leading apostrophe, which our own import takes off again."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def _cells(row: BuildingRow, year_start: int | None) -> list[object]:
    building, location = row.building, location_of(row.building)
    is_known = row.annual_cost is not None
    return [
        building.id,
        building.uprn,
        building.name,
        building.street,
        building.post_town,
        building.postcode,
        building.agency.name,
        building.use_class.name if building.use_class else None,
        building.status.value,
        "; ".join(tenure.value for tenure in row.tenures),
        "; ".join(area.name for area in row.areas),
        location["latitude"],
        location["longitude"],
        building.fix_source.value if building.fix_source else None,
        building.gross_internal_area_m2,
        building.net_internal_area_m2,
        year_start if is_known else None,
        row.annual_cost,
        row.is_estimate if is_known else None,
    ]
