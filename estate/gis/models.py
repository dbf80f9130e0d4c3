"""Boundary levels and the areas of each, dated."""

from datetime import date, datetime

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    column,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id


class BoundaryLevel(Base):
    """A geographic level, such as ward or district. A smaller `rank` is a larger area."""

    __tablename__ = "boundary_level"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    plural: Mapped[str] = mapped_column(Text)
    rank: Mapped[int] = mapped_column(unique=True)


class Area(Base):
    """One area of one level, as it was from `valid_from` until `valid_until` (None: still)."""

    __tablename__ = "area"
    __table_args__ = (
        UniqueConstraint("level_code", "code", "valid_from"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="dates"),
        CheckConstraint("population >= 0", name="population"),
        Index("ix_area_geometry", "geometry", postgresql_using="gist"),
        Index(
            "uq_area_level_code_code_current",
            "level_code",
            "code",
            unique=True,
            postgresql_where=text("valid_until IS NULL"),
        ),
    )
    id: Mapped[Id]
    level_code: Mapped[str] = mapped_column(ForeignKey("boundary_level.code"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)
    geometry: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    population: Mapped[int | None]
    population_source: Mapped[str | None] = mapped_column(Text)
    population_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[CreatedAt]

    level: Mapped[BoundaryLevel] = relationship(lazy="joined")
    parent: Mapped["Area | None"] = relationship(remote_side="Area.id")


class AreaOutline(Base):
    """A lighter outline of an area for maps, derived from its boundary together with those of its whole level."""

    __tablename__ = "area_outline"
    __table_args__ = (CheckConstraint("tolerance_m > 0", name="tolerance_m"),)
    area_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("area.id"), primary_key=True)
    tolerance_m: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Detail smaller than this is left out."""
    geometry: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    label_at: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    """The point inside that is farthest from the edge."""


class AreaPopulation(Base):
    """How many people live in the area of a code, by one count or estimate for one year. Unknown has no row."""

    __tablename__ = "area_population"
    __table_args__ = (
        CheckConstraint("people >= 0", name="people"),
        CheckConstraint("year BETWEEN 1801 AND 2200", name="year"),
        Index(
            "uq_area_population_current",
            "level_code",
            "code",
            "year",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )
    id: Mapped[Id]
    level_code: Mapped[str] = mapped_column(ForeignKey("boundary_level.code"))
    code: Mapped[str] = mapped_column(Text)
    """Of whatever area has this code: a count outlives a small correction of the boundary."""
    year: Mapped[int] = mapped_column(SmallInteger)
    """The calendar year, as in "mid-2024". It goes with the financial year that starts in it."""
    people: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When another figure of the same year took its place."""


class BaseMap(Base):
    """Pictures of another host beneath our own maps, which readers may choose while `is_offered`."""

    __tablename__ = "base_map"
    __table_args__ = (
        CheckConstraint("minimum_zoom >= 0 AND maximum_zoom <= 22 AND minimum_zoom <= maximum_zoom", name="zooms"),
        CheckConstraint("left(address, 8) = 'https://'", name="address_is_https"),
        CheckConstraint("name <> '' AND attribution <> ''", name="says_whose"),
        Index("uq_base_map_name_lower", func.lower(column("name")), unique=True),
    )
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    """Of a tile, with `{z}`, `{x}` and `{y}`: see `estate.gis.base_addresses`."""
    attribution: Mapped[str] = mapped_column(Text)
    """Whose map it is, which stands on every map that shows it. Text, never HTML."""
    minimum_zoom: Mapped[int] = mapped_column(SmallInteger)
    maximum_zoom: Mapped[int] = mapped_column(SmallInteger)
    is_offered: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}
