"""A steward's choice of what a building shows in one field, against whatever its records say."""

from datetime import datetime

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.people.models import User
from estate.register.models.buildings import Building, FixSource, Versioned


class FieldOverride(Versioned, Base):
    """What a building shows in one field because somebody chose it. It is live until it is taken back.

    It hangs on a record, as everything does, and holds for the building that the record belongs to; of two that a merge
    brings together, the newer is in force.
    """

    __tablename__ = "field_override"
    __table_args__ = (
        CheckConstraint(
            "field IN ('name', 'uprn', 'street', 'post_town', 'postcode', 'use_class_code', 'status', "
            "'gross_internal_area_m2', 'net_internal_area_m2', 'built_year', 'location', 'condition', 'dec', 'epc', "
            "'kind')",
            name="known_field",
        ),
        CheckConstraint("(field = 'location') = (location IS NOT NULL)", name="location_or_value"),
        CheckConstraint("(location IS NULL) = (fix_source IS NULL)", name="location_says_its_source"),
        CheckConstraint("(field = 'location') = (value IS NULL)", name="has_value"),
        CheckConstraint("btrim(value) <> ''", name="value_is_known"),
        CheckConstraint("field <> 'kind' OR value IN ('site', 'building')", name="kind_is_known"),
        CheckConstraint("field <> 'uprn' OR value ~ '^[0-9]{1,12}$'", name="uprn_is_digits"),
        CheckConstraint("field <> 'built_year' OR value ~ '^[0-9]{1,4}$'", name="year_is_number"),
        CheckConstraint(
            "field <> 'status' OR value IN ('active', 'vacant', 'surplus', 'disposed')", name="status_is_known"
        ),
        CheckConstraint(
            "field NOT IN ('gross_internal_area_m2', 'net_internal_area_m2') OR value ~ '^[0-9]{1,10}[.][0-9]{2}$'",
            name="area_is_number",
        ),
        CheckConstraint(
            "location IS NULL OR (ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90)",
            name="location_is_on_earth",
        ),
        CheckConstraint("(retracted_at IS NULL) = (retracted_reason IS NULL)", name="retraction_has_reason"),
        CheckConstraint("btrim(reason) <> ''", name="has_reason"),
        Index(
            "uq_field_override_live_field",
            "building_id",
            "field",
            unique=True,
            postgresql_where=text("retracted_at IS NULL"),
        ),
        Index("ix_field_override_building_id", "building_id"),
    )
    id: Mapped[Id]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    """The record under whose id the building stood when it was chosen."""
    field: Mapped[str] = mapped_column(Text)
    """One of `shown.SHOWN_FIELDS`, "location", or of the dated facts "condition", "dec" and "epc"."""
    value: Mapped[str | None] = mapped_column(Text)
    """As the column holds it, written as text; None for a position."""
    location: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    fix_source: Mapped[FixSource | None]
    fix_accuracy_m: Mapped[int | None]
    from_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    """The record whose value was chosen; None where it was typed."""
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    retracted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    retracted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retracted_reason: Mapped[str | None] = mapped_column(Text)

    building: Mapped[Building] = relationship(foreign_keys=[building_id])
    chosen_from: Mapped[Building | None] = relationship(foreign_keys=[from_id])
    actor: Mapped[User | None] = relationship(foreign_keys=[actor_id])
    retracted_by: Mapped[User | None] = relationship(foreign_keys=[retracted_by_id])
