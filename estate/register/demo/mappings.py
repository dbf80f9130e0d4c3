"""A remembered mapping of the demo place, so that a newcomer sees what one is."""

from sqlalchemy.orm import Session

from estate.register.imports.mapping.header import fingerprint
from estate.register.imports.mapping.remembered import remember
from estate.register.imports.mapping.spec import ColumnUse, Mapping

AGENCY = "demo-bridgewater"
COLUMNS = (
    ColumnUse("Prop Ref", "key"),
    ColumnUse("Property Name", "name"),
    ColumnUse("House No", "street"),
    ColumnUse("Street", "street"),
    ColumnUse("Town", "post_town", is_filled_down=True),
    ColumnUse("Post Code", "postcode"),
    ColumnUse("Size (sq ft)", "gross_internal_area_m2", unit="sqft"),
    ColumnUse("Type of tenure", "tenure"),
    ColumnUse("Lease expiry", "lease_end_on", dates="day_first"),
    ColumnUse("Electricity 2024-25", "cost:energy", year=2024),
    ColumnUse("Ask"),
)
WORDS = {"Type of tenure": {"freehold - owner occ.": "freehold", "l/hold": "leasehold", "peppercorn": ""}}


def remember_demo_mapping(session: Session, agency_ids: dict[str, int]) -> None:
    """Keep the mapping of a council's own list."""
    remember(
        session,
        Mapping(COLUMNS, WORDS),
        agency_id=agency_ids[AGENCY],
        fingerprint=fingerprint([column.name for column in COLUMNS]),
        name="Estates team's own list",
        actor=None,
    )
