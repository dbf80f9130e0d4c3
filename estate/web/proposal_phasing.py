"""The order of moves as its page draws it: a Gantt chart and a cash curve as plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from estate.appraise.cash import Curve
from estate.proposals.phasing import Phase, Phasing

WIDTH, HEIGHT = 640, 220
TOP, BOTTOM = 12, 26
BAR = 100


@dataclass(frozen=True)
class GanttRow:
    """One building: the year of its moves, and the years after it, on a scale of 0 to 100."""

    phase: Phase
    x: float
    width: float
    saving_x: float
    saving_width: float


@dataclass(frozen=True)
class CashBar:
    """One year: its cash as a bar from 0."""

    year: int
    amount: Decimal
    running_total: Decimal
    x: float
    y: float
    width: float
    height: float
    total_y: float

    @property
    def middle(self) -> float:
        """Horizontal middle of the bar."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class CashChart:
    """Cash by year as bars, and its running total as a line."""

    bars: tuple[CashBar, ...]
    zero: float
    line: str
    """Points of the running total."""
    width: int = WIDTH
    height: int = HEIGHT


def gantt(found: Phasing) -> list[GanttRow]:
    """A row for each building, the first year first; those without a year have no bar."""
    years = len(found.whole.by_year) if found.whole else 1
    slot = BAR / years
    return [
        GanttRow(
            phase=phase,
            x=round((phase.year or 0) * slot, 2),
            width=0.0 if phase.year is None else round(slot, 2),
            saving_x=round(((phase.year or 0) + 1) * slot, 2),
            saving_width=0.0 if phase.year is None else round(BAR - (phase.year + 1) * slot, 2),
        )
        for phase in found.phases
    ]


def cash_chart(whole: Curve) -> CashChart:
    """Bars and running total on one scale."""
    amounts = [float(amount) for amount in (*whole.by_year, *whole.running_total)]
    high, low = max(0.0, *amounts), min(0.0, *amounts)
    scale = (HEIGHT - TOP - BOTTOM) / ((high - low) or 1.0)
    zero = TOP + high * scale
    slot = WIDTH / len(whole.by_year)
    bars = tuple(
        CashBar(
            year=year,
            amount=amount,
            running_total=total,
            x=round(slot * (year + 0.2), 1),
            y=round(zero - max(0.0, float(amount)) * scale, 1),
            width=round(slot * 0.6, 1),
            height=round(abs(float(amount)) * scale, 1),
            total_y=round(zero - float(total) * scale, 1),
        )
        for year, (amount, total) in enumerate(zip(whole.by_year, whole.running_total, strict=True))
    )
    return CashChart(bars, round(zero, 1), _points(bars))


def _points(bars: Sequence[CashBar]) -> str:
    return " ".join(f"{bar.middle:.1f},{bar.total_y}" for bar in bars)
