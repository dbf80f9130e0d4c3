"""What lists, searches and filters read: one row a building, derived from its records (ADR 12).

Only `estate.register.listed` writes these tables. They keep their history like the tables they follow from, but they
are no `Versioned` tables: nobody says anything in them, so nothing of them is told, undone or asked back.
"""

from datetime import date
from decimal import Decimal

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, Date, Index, Numeric, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from estate.db import Base, Id
from estate.register.models.buildings import BuildingKind, BuildingStatus, Dated
from estate.register.models.facts import OccupancyMethod

IN_USE_SQL = (
    "building_listed.status IN ('active', 'surplus', 'vacant') AND building_listed.kind <> 'part' "
    "AND building_listed.is_usual"
)
"""What a list shows unless somebody asks for something else."""
_IN_USE = text(IN_USE_SQL.replace("building_listed.", ""))


def _sorted_by(column: str) -> Index:
    """An index that gives the buildings in use in the order of a list."""
    return Index(f"ix_building_listed_{column}", column, "id", postgresql_where=_IN_USE)


def _sorted_where_known(column: str) -> Index:
    """The same of what is known of few buildings: the others take no room in it."""
    known = text(f"{column} IS NOT NULL AND {_IN_USE.text}")
    return Index(f"ix_building_listed_{column}", column, "id", postgresql_where=known)


def _named_where_blank(name: str, value: str) -> Index:
    """The same, by name, of those of which `value` is unknown: the work of a rule of quality."""
    blank = text(f"{value} IS NULL AND {_IN_USE.text}")
    return Index(f"ix_building_listed_without_{name}", "name_key", "id", postgresql_where=blank)


class BuildingListed(Dated, Base):
    """One building as its list shows it, finds it and sorts it."""

    __tablename__ = "building_listed"
    __table_args__ = (
        *(_sorted_by(column) for column in ("name_key", "postcode", "net_internal_area_m2", "annual_cost")),
        *(_sorted_where_known(column) for column in ("fullness_ratio", "vacant_m2")),
        _named_where_blank("gross_m2", "coalesce(gross_internal_area_m2, counted_gross_m2)"),
        _named_where_blank("net_m2", "coalesce(net_internal_area_m2, counted_net_m2)"),
        _named_where_blank("uprn", "uprn"),
        Index("ix_building_listed_agency_id", "agency_id"),
        Index("ix_building_listed_status", "status"),
        Index("ix_building_listed_use_class_code", "use_class_code"),
        Index("ix_building_listed_uprn", "uprn", postgresql_ops={"uprn": "text_pattern_ops"}),
        Index(
            "ix_building_listed_lease_date_first",
            text("(lease_dates[1])"),
            postgresql_where=text("lease_dates[1] IS NOT NULL"),
        ),
        Index("ix_building_listed_without_cost", "id", postgresql_where=text("NOT has_cost")),
        Index("ix_building_listed_other_kind", "kind", postgresql_where=text("kind <> 'building'")),
        Index("ix_building_listed_site_id", "site_id", postgresql_where=text("site_id IS NOT NULL")),
        Index("ix_building_listed_without_location", "id", postgresql_where=text("location IS NULL")),
        Index(
            "ix_building_listed_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        Index(
            "ix_building_listed_left_out",
            "asset_class_code",
            "agency_id",
            "management_patch",
            postgresql_where=text("NOT is_usual"),
        ),
        Index("ix_building_listed_map_code", text("map_code(location)"), postgresql_where=text("location IS NOT NULL")),
        Index("ix_building_listed_arrays", "agency_ids", "area_ids", "tenures", postgresql_using="gin"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The building's id: that of the record under which it stands."""
    name_key: Mapped[str] = mapped_column(Text)
    """The name in lower case."""
    kind: Mapped[BuildingKind]
    site_id: Mapped[int | None] = mapped_column(BigInteger)
    agency_id: Mapped[int] = mapped_column(BigInteger)
    uprn: Mapped[str | None] = mapped_column(Text)
    postcode: Mapped[str | None] = mapped_column(Text)
    use_class_code: Mapped[str | None] = mapped_column(Text)
    status: Mapped[BuildingStatus]
    gross_internal_area_m2: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    net_internal_area_m2: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    counted_gross_m2: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    """What totals add up: each square metre once, here or in the site's own record."""
    counted_net_m2: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    location: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    annual_cost: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    """Running cost of the newest year that is about complete; None: nobody told any, or the site counts it."""
    has_cost: Mapped[bool]
    """Some agency told a cost of that year."""
    is_estimate: Mapped[bool | None]
    """Some part of that cost is one."""
    cost_years: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    """Every financial year with a cost."""
    agency_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """The agencies of all its records."""
    area_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """The areas in force, today, in which it lies or lay."""
    tenures: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """What is held, by any agency."""
    lease_end_first: Mapped[date | None] = mapped_column(Date)
    """The first end of a lease that is still held."""
    lease_dates: Mapped[list[date]] = mapped_column(ARRAY(Date))
    """The breaks and ends of the leases that are still held, in their order."""
    search_text: Mapped[str] = mapped_column(Text)
    """Names, streets, towns and postcodes of all its records, in lower case, a space before each."""
    asset_class_code: Mapped[str] = mapped_column(Text)
    """The class of its use; where the use is unknown, the first of the usual classes."""
    is_usual: Mapped[bool]
    """False: its class is left out unless somebody asks for it."""
    management_patch: Mapped[str | None] = mapped_column(Text)
    occupancy_ratio: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    """Typical people over capacity, by the method with the newest count; see `estate.register.occupancy`."""
    utilisation_ratio: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    """Typical frequency x occupancy, by the same; None where its counts have no hours."""
    fullness_ratio: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    """What lists sort and filter by: the utilisation, else the occupancy."""
    count_method: Mapped[OccupancyMethod | None]
    counted_on: Mapped[date | None] = mapped_column(Date)
    """The newest count by that method."""
    is_fullness_estimate: Mapped[bool | None]
    """The capacity of some count was worked out."""
    vacant_m2: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    is_vacant_estimate: Mapped[bool | None]
    """Net area less what the teams take, for nobody counted it."""
    people: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    """Mean of the newest count with a capacity beside it; NULL with `capacity` where there is none."""
    capacity: Mapped[int | None]


class CostYearStep(Dated, Base):
    """By how many the buildings with a cost in a financial year became more or fewer: their sum is how many there are.

    Rows are only ever added, so two people who enter costs at once never wait for each other.
    """

    __tablename__ = "cost_year_step"
    id: Mapped[Id]
    year_start: Mapped[int] = mapped_column(SmallInteger)
    building_delta: Mapped[int]
