"""What is known of a building over time: who sits in it, what it costs, how full it is, how it stands."""

import enum
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, Id
from estate.people.models import Agency
from estate.register.models.buildings import Building, Versioned
from estate.register.models.reference import CostCategory, Service


class Occupation(Versioned, Base):
    """A team in a building."""

    __tablename__ = "occupation"
    __table_args__ = (
        CheckConstraint("area_m2 > 0 AND area_m2 < 'Infinity'", name="area"),
        CheckConstraint("workstations >= 0", name="workstations"),
        CheckConstraint("fte >= 0 AND fte < 'Infinity'", name="fte"),
        CheckConstraint("ended_on IS NULL OR ended_reason IS NOT NULL", name="end_has_reason"),
    )
    id: Mapped[Id]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    service_code: Mapped[str | None] = mapped_column(ForeignKey("service.code"))
    team: Mapped[str] = mapped_column(Text)
    area_m2: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    workstations: Mapped[int | None]
    fte: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    is_public_counter: Mapped[bool] = mapped_column(default=False)
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    building: Mapped[Building] = relationship()
    agency: Mapped[Agency] = relationship(lazy="joined")
    service: Mapped[Service | None] = relationship(lazy="joined")


class RunningCost(Versioned, Base):
    """What one agency paid for one building, category and financial year."""

    __tablename__ = "running_cost"
    __table_args__ = (
        UniqueConstraint("building_id", "agency_id", "category_code", "year_start"),
        CheckConstraint("amount >= 0 AND amount < 'Infinity'", name="amount"),
        CheckConstraint("year_start BETWEEN 1990 AND 2100", name="year_start"),
        Index("ix_running_cost_year_start", "year_start"),
    )
    id: Mapped[Id]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    """The agency that pays."""
    category_code: Mapped[str] = mapped_column(ForeignKey("cost_category.code"))
    year_start: Mapped[int] = mapped_column(SmallInteger)
    """Calendar year in which the financial year starts: 2023 for 2023-24."""
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    is_estimate: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    building: Mapped[Building] = relationship()
    agency: Mapped[Agency] = relationship(lazy="joined")
    category: Mapped[CostCategory] = relationship(lazy="joined")


class PlannedKind(enum.Enum):
    """A budget is what was agreed before the year; a forecast what is expected by now."""

    BUDGET = "budget"
    FORECAST = "forecast"


class PlannedCost(Versioned, Base):
    """What one agency means to pay for one building, category and financial year. What it paid is a `RunningCost`."""

    __tablename__ = "planned_cost"
    __table_args__ = (
        UniqueConstraint("building_id", "agency_id", "category_code", "year_start", "kind", name="uq_planned_cost_key"),
        CheckConstraint("amount >= 0 AND amount < 'Infinity'", name="amount"),
        CheckConstraint("year_start BETWEEN 1990 AND 2100", name="year_start"),
        Index("ix_planned_cost_year_start", "year_start"),
    )
    id: Mapped[Id]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    """The agency that is to pay."""
    category_code: Mapped[str] = mapped_column(ForeignKey("cost_category.code"))
    year_start: Mapped[int] = mapped_column(SmallInteger)
    """Calendar year in which the agency's financial year starts: 2023 for 2023-24."""
    kind: Mapped[PlannedKind]
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    source: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    building: Mapped[Building] = relationship()
    agency: Mapped[Agency] = relationship(lazy="joined")
    category: Mapped[CostCategory] = relationship(lazy="joined")


class OccupancyMethod(enum.Enum):
    """How people were counted. Counts by different methods are not comparable."""

    SURVEY = "survey"
    PASSES = "passes"
    LOG_INS = "log_ins"
    BOOKINGS = "bookings"
    HEAD_COUNT = "head_count"


class OccupancyObservation(Versioned, Base):
    """How full a building was, counted in one way over a period that ends on a date."""

    __tablename__ = "occupancy_observation"
    __table_args__ = (
        UniqueConstraint(
            "building_id",
            "observed_on",
            "method",
            "retired_at",
            name="uq_occupancy_observation_key",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("(retired_at IS NULL) = (retired_reason IS NULL)", name="retired_has_reason"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("peak >= average", name="peak_is_highest"),
        CheckConstraint("average >= 0 AND average < 'Infinity'", name="average"),
        CheckConstraint("period_start_on <= observed_on", name="period"),
        CheckConstraint("hours_available > 0 AND hours_available < 'Infinity'", name="hours_available"),
        CheckConstraint("hours_used >= 0 AND hours_used <= hours_available", name="hours_used"),
    )
    id: Mapped[Id]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    observed_on: Mapped[date] = mapped_column(Date)
    period_start_on: Mapped[date | None] = mapped_column(Date)
    """First day of the count; None where it is not known, or it was one day."""
    method: Mapped[OccupancyMethod]
    capacity: Mapped[int | None]
    """People the building can hold at once."""
    peak: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    average: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    """Mean number of people present in opening hours; where hours used are known, in those."""
    hours_available: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    """Hours of the period in which the space could be used."""
    hours_used: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    """Those in which anybody used it."""
    vacant_m2: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    source: Mapped[str] = mapped_column(Text)
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When somebody said that this count is wrong; None: it is in force. A new one may take its place."""
    retired_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}

    building: Mapped[Building] = relationship()


class ConditionSurvey(Versioned, Base):
    """A building's condition, A (good) to D (life expired), and the cost of bringing it to B."""

    __tablename__ = "condition_survey"
    __table_args__ = (
        UniqueConstraint("building_id", "surveyed_on"),
        CheckConstraint("grade IN ('A', 'B', 'C', 'D')", name="grade"),
        CheckConstraint("backlog_cost >= 0 AND backlog_cost < 'Infinity'", name="backlog_cost"),
    )
    id: Mapped[Id]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    surveyed_on: Mapped[date] = mapped_column(Date)
    grade: Mapped[str | None] = mapped_column(Text)
    backlog_cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    source: Mapped[str] = mapped_column(Text)

    building: Mapped[Building] = relationship()


class EnergyKind(enum.Enum):
    """Which energy certificate: a display certificate measures use, a performance certificate the fabric."""

    DEC = "dec"
    EPC = "epc"


class EnergyRating(Versioned, Base):
    """An energy certificate's band, A to G."""

    __tablename__ = "energy_rating"
    __table_args__ = (
        UniqueConstraint("building_id", "kind", "rated_on"),
        CheckConstraint("band IN ('A+', 'A', 'B', 'C', 'D', 'E', 'F', 'G')", name="band"),
        CheckConstraint("expires_on IS NULL OR expires_on > rated_on", name="dates"),
    )
    id: Mapped[Id]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    kind: Mapped[EnergyKind]
    band: Mapped[str] = mapped_column(Text)
    rated_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)

    building: Mapped[Building] = relationship()


class Valuation(Versioned, Base):
    """What a building is worth on a date, on a stated basis."""

    __tablename__ = "valuation"
    __table_args__ = (
        UniqueConstraint("building_id", "valued_on", "basis"),
        CheckConstraint("amount >= 0 AND amount < 'Infinity'", name="amount"),
    )
    id: Mapped[Id]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    valued_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    basis: Mapped[str] = mapped_column(Text)
    """Such as existing use value or market value."""
    source: Mapped[str] = mapped_column(Text)

    building: Mapped[Building] = relationship()
