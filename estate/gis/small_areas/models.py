"""Small areas: the points where people live, as a file of one year counted them."""

from datetime import datetime

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

import estate.gis.models
import estate.people.models  # noqa: F401  (a command may load nothing else that knows users)
from estate.db import Base, CreatedAt, Id


class SmallAreaSet(Base):
    """One file of small areas. In force is the newest year's that was loaded last, and not taken back."""

    __tablename__ = "small_area_set"
    __table_args__ = (
        CheckConstraint("year BETWEEN 1900 AND 2200", name="year"),
        CheckConstraint("btrim(source) <> ''", name="has_source"),
        CheckConstraint("row_count = used_count + rejected_count", name="rows_add_up"),
        CheckConstraint("(retired_at IS NULL) = (retired_reason IS NULL)", name="retired_has_reason"),
    )
    id: Mapped[Id]
    year: Mapped[int] = mapped_column(SmallInteger)
    """The year for which people were counted or estimated."""
    source: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_sha256: Mapped[str] = mapped_column(Text)
    row_count: Mapped[int]
    used_count: Mapped[int]
    rejected_count: Mapped[int]
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[CreatedAt]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retired_reason: Mapped[str | None] = mapped_column(Text)


class SmallArea(Base):
    """A small area as one point, by preference the population-weighted centroid."""

    __tablename__ = "small_area"
    __table_args__ = (
        UniqueConstraint("set_id", "code"),
        CheckConstraint("population >= 0", name="population"),
        CheckConstraint(
            "ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90", name="location_is_on_earth"
        ),
    )
    id: Mapped[Id]
    set_id: Mapped[int] = mapped_column(ForeignKey("small_area_set.id"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    population: Mapped[int | None]
    """None: unknown."""
    location: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))


class SmallAreaPlace(Base):
    """The area of each level in which a small area's point lies; derived, and rebuilt when either changes."""

    __tablename__ = "small_area_place"
    small_area_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("small_area.id"), primary_key=True)
    area_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("area.id"), primary_key=True, index=True)
