"""What maps of many buildings read instead of the buildings: a pyramid of cells with their sums (ADR 21).

Triggers on `building_listed` write steps, in the transaction that changes a row; `estate.register.pyramid` folds them
into the cells. What a cell holds is its row and all steps in it: never behind, and no two writers wait for each other.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Index, Numeric, SmallInteger, Table, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from estate.db import Base


class MapCell(Base):
    """The sums of one cell, of all usual buildings in use or of those of one kind."""

    __tablename__ = "map_cell"
    __table_args__ = (Index("ix_map_cell_empty", "kind", postgresql_where=text("building_count = 0")),)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    """"all", "agency", "use" or "status" of the usual classes; "class" and "left_out" of the others."""
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    zoom: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    """Of the cell itself: a tile shows cells of five zooms more than its own."""
    code: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Its place in Z-order: see `estate.gis.tiles`."""
    building_count: Mapped[int] = mapped_column(BigInteger)
    building_ids: Mapped[Decimal] = mapped_column(Numeric)
    """Their sum: the id itself where there is one building."""
    area_m2: Mapped[Decimal] = mapped_column(Numeric)
    area_count: Mapped[int] = mapped_column(BigInteger)
    """Of so many buildings the area is known; so with the cost, and with people counted."""
    annual_cost: Mapped[Decimal] = mapped_column(Numeric)
    cost_count: Mapped[int] = mapped_column(BigInteger)
    capacity: Mapped[Decimal] = mapped_column(Numeric)
    people: Mapped[Decimal] = mapped_column(Numeric)
    counted_count: Mapped[int] = mapped_column(BigInteger)


SUMS = tuple(column.name for column in MapCell.__table__.columns if not column.primary_key)


def _sums() -> list[Column[Any]]:
    return [Column(name, MapCell.__table__.c[name].type, nullable=False) for name in SUMS]


map_step = Table(
    "map_step",
    Base.metadata,
    Column("code", BigInteger, nullable=False),
    Column("agency_ids", ARRAY(BigInteger), nullable=False),
    Column("use_class_code", Text),
    Column("status", Text, nullable=False),
    Column("asset_class_code", Text, nullable=False),
    Column("is_usual", Boolean, nullable=False),
    *_sums(),
)
"""By how much a change of the list made the sums larger, not folded into the cells yet."""

map_change = Table(
    "map_change",
    Base.metadata,
    Column("block", BigInteger, nullable=False),
    Column("change_count", BigInteger, nullable=False),
)
"""Changes of the list by the tile of zoom 10 in which they lie: their sum is the version of what is drawn there."""
