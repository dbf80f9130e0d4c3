"""Reference data: rows that users extend, dated and with their source. Never constants in code."""

import enum
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
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id


class AssetClass(Base):
    """A class of assets: what the partnership works with every day, or a large stock of its own, such as housing.

    What is of no usual class is left out of lists, maps, totals and work unless somebody asks for it.
    """

    __tablename__ = "asset_class"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    is_usual: Mapped[bool]
    """True where it is shown unless somebody asks for another. After a change, work out the list anew."""
    unit_name: Mapped[str] = mapped_column(Text)
    """What people call one of it, such as "home"."""
    block_name: Mapped[str | None] = mapped_column(Text)
    """What people call that which holds several of them, such as "block"; None: nothing does."""
    valid_from: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)
    sort: Mapped[int]


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
    asset_class_code: Mapped[str] = mapped_column(ForeignKey("asset_class.code"), server_default="operational")
    is_block: Mapped[bool] = mapped_column(default=False, server_default=false())
    """True where such a building is counted as what holds the units of its class, not as one of them."""


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


class PriceIndexRelease(Base):
    """One published edition of a price index. The newest is in force; older ones stay, and nothing mixes two."""

    __tablename__ = "price_index_release"
    __table_args__ = (
        CheckConstraint("btrim(name) <> ''", name="has_name"),
        CheckConstraint("btrim(source) <> ''", name="has_source"),
    )
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text)
    published_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)
    is_checked: Mapped[bool]
    """False where nobody compared the figures with their source: every page that uses them says so."""
    created_at: Mapped[CreatedAt]

    values: Mapped[list["PriceIndexValue"]] = relationship(order_by="PriceIndexValue.year_start", lazy="selectin")


class PriceIndexValue(Base):
    """The index in one financial year; only its ratio to another year of the same release means anything."""

    __tablename__ = "price_index_value"
    __table_args__ = (
        CheckConstraint("value > 0 AND value < 'Infinity'", name="value"),
        CheckConstraint("year_start BETWEEN 1900 AND 2100", name="year_start"),
    )
    release_id: Mapped[int] = mapped_column(ForeignKey("price_index_release.id"), primary_key=True)
    year_start: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    value: Mapped[Decimal] = mapped_column(Numeric(12, 4))


class QualityKind(enum.Enum):
    """What a rule of data quality asks of a record."""

    COMPLETENESS = "completeness"
    """Something is known at all."""
    FRESHNESS = "freshness"
    """What is known is not too old."""
    CONFLICT = "conflict"
    """What is known does not contradict itself."""


class QualityMoney(enum.Enum):
    """Which money a broken rule leaves in doubt."""

    RUNNING_COST = "running_cost"
    """The building's running cost of the newest year."""
    BENCHMARK = "benchmark"
    """The cost that a building of its use and size usually has: an estimate, for those that report none."""
    RENT = "rent"
    """The rent of the leases in question."""


class QualityRule(Base):
    """One rule that a record should keep. `code` names the check that the software does; the rest can be edited."""

    __tablename__ = "quality_rule"
    __table_args__ = (
        CheckConstraint("weight BETWEEN 1 AND 10", name="weight"),
        CheckConstraint("months BETWEEN 1 AND 600", name="months"),
        CheckConstraint("btrim(gap) <> '' AND btrim(title) <> ''", name="has_words"),
    )
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[QualityKind]
    title: Mapped[str] = mapped_column(Text)
    """Such as: No net internal area."""
    gap: Mapped[str] = mapped_column(Text)
    """Goes on after "41 buildings", such as: without a net internal area."""
    consequence: Mapped[str] = mapped_column(Text)
    """Goes on after an amount a year, such as: of running cost per m2 can't be explained."""
    who: Mapped[str] = mapped_column(Text)
    """Who could tell."""
    money: Mapped[QualityMoney]
    weight: Mapped[int] = mapped_column(SmallInteger)
    """1 to 10: how much it matters against the other rules."""
    months: Mapped[int | None] = mapped_column(SmallInteger)
    """For freshness: how old it may be. None: the rule has no age."""
    uses: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Codes of the uses that it applies to; None: all, and buildings of which the use is unknown."""
    statuses: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Statuses that it applies to; None: all in use."""
    valid_from: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text)
    is_on: Mapped[bool]
    sort: Mapped[int] = mapped_column(unique=True)
    """Its place in lists, and its number in the register of events."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


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
