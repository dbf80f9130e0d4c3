"""The stock of a large class as a table: what each landlord holds in each patch."""

from collections.abc import Iterable

from estate.exports.tables import Column, Kind, Table
from estate.register.stock import Holding

COLUMNS = (
    Column("landlord"),
    Column("management_patch", meaning="As the landlord calls it; empty where it names none"),
    Column("homes", Kind.WHOLE, "In use; of other classes than housing: their units"),
    Column("homes_in_blocks", Kind.WHOLE),
    Column("vacant_homes", Kind.WHOLE, "Homes with the status vacant"),
    Column("blocks", Kind.WHOLE),
)


def stock_table(found: Iterable[Holding], title: str) -> Table:
    """The holdings, one row a landlord and patch, in their order."""
    rows = [
        {
            "landlord": holding.landlord,
            "management_patch": holding.patch,
            "homes": holding.unit_count,
            "homes_in_blocks": holding.in_block_count,
            "vacant_homes": holding.vacant_count,
            "blocks": holding.block_count,
        }
        for holding in found
    ]
    return Table("stock", title, COLUMNS, rows)
