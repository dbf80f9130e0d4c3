"""Reference data: rows that users extend, dated and with their source. Never constants in code."""

from datetime import date
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, Id


class UseClass(Base):
    """What a building is used for, and whether teams of such a building may move or be hosted."""

    __tablename__ = "use_class"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    may_host: Mapped[bool]
    """True when a building of this use may take in teams from elsewhere."""
    may_close: Mapped[bool]
    """True when a proposal may empty a building of this use."""
    sort: Mapped[int]


class UseAcceptance(Base):
    """A team from a building of one use may move into a host of another. No row: it may not."""

    __tablename__ = "use_acceptance"
    host_use_code: Mapped[str] = mapped_column(ForeignKey("use_class.code"), primary_key=True)
    team_use_code: Mapped[str] = mapped_column(ForeignKey("use_class.code"), primary_key=True)
    source: Mapped[str] = mapped_column(Text)


class CostCategory(Base):
    """A category of running cost."""

    __tablename__ = "cost_category"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    sort: Mapped[int]


class Service(Base):
    """A public service that a team delivers, such as library or benefits advice."""

    __tablename__ = "service"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class SpaceStandard(Base):
    """Square metres (NIA) per full-time equivalent, from a date on, for one use."""

    __tablename__ = "space_standard"
    __table_args__ = (
        UniqueConstraint("use_class_code", "valid_from"),
        CheckConstraint("m2_per_fte > 0 AND m2_per_fte < 'Infinity'", name="m2_per_fte"),
    )
    id: Mapped[Id]
    use_class_code: Mapped[str] = mapped_column(ForeignKey("use_class.code"))
    m2_per_fte: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    valid_from: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)

    use_class: Mapped[UseClass] = relationship()


class Assumption(Base):
    """A dated figure that calculations take: a discount rate, a cost per move, a benchmark."""

    __tablename__ = "assumption"
    __table_args__ = (
        UniqueConstraint("code", "use_class_code", "valid_from", postgresql_nulls_not_distinct=True),
        CheckConstraint("value > '-Infinity' AND value < 'Infinity'", name="value"),
    )
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(Text)
    use_class_code: Mapped[str | None] = mapped_column(ForeignKey("use_class.code"))
    """None: for every use."""
    value: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    unit: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)


class SensitiveField(Base):
    """A field that may be withheld from other agencies, and where it is found."""

    __tablename__ = "sensitive_field"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    table_name: Mapped[str] = mapped_column(Text)
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text))
    event_pattern: Mapped[str] = mapped_column(Text)
    """Regular expression of the labels under which events tell of it."""
    sort: Mapped[int] = mapped_column(SmallInteger)
