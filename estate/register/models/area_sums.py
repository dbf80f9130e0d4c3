"""The stored sums of areas, and marks of what a change made stale (ADR 40).

Triggers write the marks, in the transaction that changes the register; `estate.register.area_sums` works sums out.
"""

from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Numeric, SmallInteger, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from estate.db import Base


class AreaSum(Base):
    """What the buildings of an area add up to in one financial year, of all records; as `sums.SUMS` says.

    Amounts are GBP, areas m2; None where nothing is known.
    """

    __tablename__ = "area_sum"
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id", ondelete="CASCADE"), primary_key=True)
    year_start: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    building_count: Mapped[int] = mapped_column(BigInteger)
    cost_count: Mapped[int] = mapped_column(BigInteger)
    area_count: Mapped[int] = mapped_column(BigInteger)
    energy_count: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[Decimal | None] = mapped_column(Numeric)
    estimated_cost: Mapped[Decimal | None] = mapped_column(Numeric)
    area_cost: Mapped[Decimal | None] = mapped_column(Numeric)
    area_m2: Mapped[Decimal | None] = mapped_column(Numeric)
    energy_cost: Mapped[Decimal | None] = mapped_column(Numeric)
    energy_estimated: Mapped[Decimal | None] = mapped_column(Numeric)
    energy_m2: Mapped[Decimal | None] = mapped_column(Numeric)


area_sum_mark = Table(
    "area_sum_mark",
    Base.metadata,
    Column("area_id", BigInteger),
    Column("building_id", BigInteger),
    Column("year_start", SmallInteger),
    Column("is_taken", Boolean, nullable=False, server_default=text("false")),
)
"""What changed since sums were made: an area, a building, or neither for everything; no year for every year."""
