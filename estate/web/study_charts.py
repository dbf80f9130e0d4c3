"""What each level saves, as bars: proven by a plan, and what no plan can exceed. Numbers for a template's SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from estate.proposals.study_queries import LevelRange

WIDTH, ROW, TOP = 640, 62, 4
BAR_Y, BAR_HEIGHT = 28, 22


@dataclass(frozen=True)
class RangeBar:
    """One level: a bar as long as its plans save, and a lighter one up to what nothing can exceed."""

    name: str
    least: Decimal
    most: Decimal
    y: int
    sure_width: float
    open_width: float

    @property
    def text_y(self) -> int:
        """Where the words above the bar stand."""
        return self.y - 8


@dataclass(frozen=True)
class RangeChart:
    """Bars one below the other, on one scale from 0."""

    bars: list[RangeBar]
    height: int
    width: int = WIDTH
    bar_height: int = BAR_HEIGHT

    @property
    def is_open(self) -> bool:
        """Some level may save more than its plans do."""
        return any(bar.open_width > 0 for bar in self.bars)


def saving_chart(ranges: Sequence[LevelRange]) -> RangeChart | None:
    """The chart of the levels that are complete; None for fewer than two, or where nothing can be saved."""
    highest = max((row.most for row in ranges), default=Decimal(0))
    if len(ranges) < 2 or highest <= 0:
        return None
    scale = WIDTH / float(highest)
    bars = [_bar(row, place, scale) for place, row in enumerate(ranges)]
    return RangeChart(bars, TOP + ROW * len(bars))


def _bar(row: LevelRange, place: int, scale: float) -> RangeBar:
    least, most = max(float(row.least), 0.0) * scale, max(float(row.most), 0.0) * scale
    y = TOP + ROW * place + BAR_Y
    return RangeBar(row.total.level.name, row.least, row.most, y, round(least, 1), round(most - least, 1))
