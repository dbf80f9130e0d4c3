"""Sites, buildings, who holds them, and the areas they lie in."""

import enum
from datetime import date, datetime
from decimal import Decimal

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    Text,
    false,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.gis.models import Area
from estate.people.models import Agency
from estate.register.models.reference import UseClass
from estate.register.models.sensitivity import Sensitivity


class BuildingStatus(enum.Enum):
    """Where a building is in its life. Nothing is deleted: a wrong record is retired, with a reason."""

    ACTIVE = "active"
    VACANT = "vacant"
    SURPLUS = "surplus"
    DISPOSED = "disposed"
    RETIRED = "retired"


class BuildingKind(enum.Enum):
    """What stands under one number of the register: a whole site in one record, a building, or a part of one."""

    SITE = "site"
    BUILDING = "building"
    PART = "part"


class FixSource(enum.Enum):
    """How a building's position was found, best first."""

    SURVEYED_POLYGON = "surveyed_polygon"
    COORDINATES = "coordinates"
    EASTING_NORTHING = "easting_northing"
    POSTCODE_CENTROID = "postcode_centroid"
    POSTCODE_SECTOR = "postcode_sector"
    POSTCODE_DISTRICT = "postcode_district"
    SYNTHETIC = "synthetic"


class Tenure(enum.Enum):
    """What an agency holds in a building."""

    FREEHOLD = "freehold"
    GROUND_LEASE = "ground_lease"
    LEASEHOLD = "leasehold"
    SUB_LEASE = "sub_lease"
    LICENCE = "licence"
    MOTO = "moto"
    PFI = "pfi"
    VACANT = "vacant"
    OTHER = "other"


class RepairLiability(enum.Enum):
    """Who repairs a leased building."""

    TENANT_FULL = "tenant_full"
    """The tenant repairs and insures all of it."""
    TENANT_INTERNAL = "tenant_internal"
    """The tenant repairs the inside."""
    SHARED = "shared"
    """The landlord repairs and the tenants pay by a service charge."""
    LANDLORD = "landlord"


class Dated:
    """A row that the database dates, and of which it keeps every version in the schema `history` (ADR 10)."""

    recorded_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), deferred=True, sort_order=100
    )
    """Since when the row stands as it does."""
    change_set: Mapped[str | None] = mapped_column(
        Text,
        server_default=text("nullif(current_setting('estate.change_set', true), '')"),
        deferred=True,
        sort_order=100,
    )
    """What wrote it, such as `import:12`; None: a person, by hand. The `group_id` of its events."""


class Versioned(Dated):
    """What somebody says of a building: every version is kept, told in its history, and can be taken back."""


class Place(Base):
    """The place this installation serves: one row."""

    __tablename__ = "place"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    """True where buildings, costs and people are made up: every page says so."""
    attribution: Mapped[str] = mapped_column(Text, server_default="")


class Site(Base):
    """A parcel or campus that holds two or more buildings. Which ones follows from decisions on pairs of records."""

    __tablename__ = "site"
    __table_args__ = (CheckConstraint("btrim(name) <> ''", name="has_name"),)
    id: Mapped[Id]
    founder_id: Mapped[int] = mapped_column(ForeignKey("building.id", use_alter=True), unique=True)
    """The oldest record on it when it was first known: the site keeps its number and name where that record goes."""
    name: Mapped[str | None] = mapped_column(Text)
    """As somebody called it; None: it goes by its own record's name, or its oldest building's."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]

    __mapper_args__ = {"version_id_col": version}


class Building(Versioned, Base):
    """A building, as a person would call one, and the facts of which it has one at a time."""

    __tablename__ = "building"
    __table_args__ = (
        CheckConstraint("uprn ~ '^[0-9]{1,12}$'", name="uprn_is_digits"),
        CheckConstraint("btrim(name) <> ''", name="has_name"),
        CheckConstraint(
            "gross_internal_area_m2 > 0 AND gross_internal_area_m2 < 'Infinity'",
            name="gia_is_positive",
        ),
        CheckConstraint(
            "net_internal_area_m2 > 0 AND net_internal_area_m2 < 'Infinity'",
            name="nia_is_positive",
        ),
        CheckConstraint(
            "location IS NULL OR (ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90)",
            name="location_is_on_earth",
        ),
        CheckConstraint("(location IS NULL) = (fix_source IS NULL)", name="location_says_its_source"),
        CheckConstraint(
            "NOT is_protected OR protected_reason IS NOT NULL",
            name="protection_has_reason",
        ),
        CheckConstraint("(status = 'retired') = (retired_at IS NOT NULL)", name="retired_has_date"),
        CheckConstraint("kind <> 'part' OR parent_id IS NOT NULL", name="part_has_parent"),
        Index("ix_building_changed_at", "changed_at"),
        Index("ix_building_canonical_id", "canonical_id", postgresql_where=text("canonical_id IS NOT NULL")),
        Index("ix_building_site_id", "site_id", postgresql_where=text("site_id IS NOT NULL")),
        Index("ix_building_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        CheckConstraint("bedrooms BETWEEN 0 AND 50", name="bedrooms"),
        CheckConstraint("NOT is_block OR block_reference IS NOT NULL", name="block_has_reference"),
        Index(
            "uq_building_live_block",
            "agency_id",
            "block_reference",
            unique=True,
            postgresql_where=text("is_block AND status <> 'retired'"),
        ),
        Index(
            "ix_building_block_reference",
            "agency_id",
            "block_reference",
            postgresql_where=text("block_reference IS NOT NULL"),
        ),
        Index("ix_building_sensitivity", "sensitivity", postgresql_where=text("sensitivity <> 'partner'")),
    )
    id: Mapped[Id]
    canonical_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    """The building that this record and others are: the lowest id among them. None: no other record is the same.

    Derived from the live decisions; only `estate.register.matches.membership` writes it.
    """
    kind: Mapped[BuildingKind] = mapped_column(default=BuildingKind.BUILDING, server_default="building")
    """Derived, like the next two, from decisions and choices; only `estate.register.matches.sites` writes them."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    """Of a part the building that holds it; of a building on a site the site's own record, where there is one; else of
    a home its block.
    """
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    """The site on which it stands with others."""
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    """The agency that answers for this record and may edit it."""
    name: Mapped[str] = mapped_column(Text)
    uprn: Mapped[str | None] = mapped_column(Text, index=True)
    street: Mapped[str | None] = mapped_column(Text)
    post_town: Mapped[str | None] = mapped_column(Text)
    postcode: Mapped[str | None] = mapped_column(Text)
    location: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    footprint: Mapped[WKBElement | None] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    fix_source: Mapped[FixSource | None]
    fix_accuracy_m: Mapped[int | None]
    use_class_code: Mapped[str | None] = mapped_column(ForeignKey("use_class.code"))
    status: Mapped[BuildingStatus] = mapped_column(default=BuildingStatus.ACTIVE)
    gross_internal_area_m2: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    net_internal_area_m2: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    built_year: Mapped[int | None] = mapped_column(SmallInteger)
    is_listed: Mapped[bool] = mapped_column(default=False)
    is_protected: Mapped[bool] = mapped_column(default=False)
    """True when no proposal may empty it, whatever it costs."""
    protected_reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    sensitivity: Mapped[Sensitivity] = mapped_column(default=Sensitivity.PARTNER, server_default="partner")
    """Who may see this record. Only `estate.register.sensitivity` changes it, and the agency's own imports."""
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    is_block: Mapped[bool] = mapped_column(default=False, server_default=false())
    """True for what an import made of the homes that name it; only `imports.blocks` writes it."""
    block_reference: Mapped[str | None] = mapped_column(Text)
    """Of a home its landlord's reference of the block in which it is; of a block its own."""
    management_patch: Mapped[str | None] = mapped_column(Text)
    """The landlord's name of the patch in which it is managed."""
    bedrooms: Mapped[int | None] = mapped_column(SmallInteger)
    home_tenure: Mapped[str | None] = mapped_column(Text)
    """As what a home is let or sold, such as "Social rent", in the landlord's words."""

    __mapper_args__ = {"version_id_col": version}

    site: Mapped[Site | None] = relationship(foreign_keys=[site_id])
    agency: Mapped[Agency] = relationship(lazy="joined")
    use_class: Mapped[UseClass | None] = relationship(lazy="joined")
    interests: Mapped[list["Interest"]] = relationship(back_populates="building", order_by="Interest.id")


class BuildingArea(Base):
    """The area of each level in which a building's location lies; derived, and rebuilt when either changes."""

    __tablename__ = "building_area"
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), primary_key=True, index=True)

    area: Mapped[Area] = relationship(lazy="joined")


class Interest(Versioned, Base):
    """What one agency holds in one building. A building may have many."""

    __tablename__ = "interest"
    __table_args__ = (
        CheckConstraint("lease_end_on IS NULL OR lease_end_on > lease_start_on", name="lease_dates"),
        CheckConstraint("rent_per_year >= 0 AND rent_per_year < 'Infinity'", name="rent"),
        CheckConstraint("ended_on IS NULL OR ended_reason IS NOT NULL", name="end_has_reason"),
        CheckConstraint("break_last_on >= break_earliest_on", name="break_window"),
        CheckConstraint("break_notice_months BETWEEN 0 AND 120", name="break_notice_months"),
        CheckConstraint("break_penalty >= 0 AND break_penalty < 'Infinity'", name="break_penalty"),
        CheckConstraint("review_every_months BETWEEN 1 AND 600", name="review_every_months"),
    )
    id: Mapped[Id]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    tenure: Mapped[Tenure]
    tenure_detail: Mapped[str | None] = mapped_column(Text)
    landlord: Mapped[str | None] = mapped_column(Text)
    lease_start_on: Mapped[date | None] = mapped_column(Date)
    lease_end_on: Mapped[date | None] = mapped_column(Date)
    break_on: Mapped[date | None] = mapped_column(Date)
    rent_per_year: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    break_earliest_on: Mapped[date | None] = mapped_column(Date)
    """From when on a rolling break may be used; `break_on` is the one day of a fixed break, or the one agreed."""
    break_last_on: Mapped[date | None] = mapped_column(Date)
    break_notice_months: Mapped[int | None] = mapped_column(SmallInteger)
    break_penalty: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    """GBP to pay when the break is used."""
    notice_given_on: Mapped[date | None] = mapped_column(Date)
    """When notice to break or end the lease was given; None: not, as far as anybody told."""
    review_on: Mapped[date | None] = mapped_column(Date)
    """The next rent review, or one from which the others are counted."""
    review_every_months: Mapped[int | None] = mapped_column(SmallInteger)
    repair_liability: Mapped[RepairLiability | None]

    __mapper_args__ = {"version_id_col": version}

    building: Mapped[Building] = relationship(back_populates="interests")
    agency: Mapped[Agency] = relationship(lazy="joined")
