"""Small charts as plain numbers: a template draws them as SVG, so that pages need no inline style and no script."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from estate.register.details import CostTable

WIDTH, HEIGHT = 640, 230
TOP, BOTTOM, SIDE = 26, 26, 8
MOST_SERIES = 8


@dataclass(frozen=True)
class Piece:
    """One category's part of a bar."""

    series: int
    """1 to 8: which colour."""
    label: str
    amount: Decimal
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """One financial year."""

    year_start: int
    total: Decimal
    is_estimate: bool
    x: float
    y: float
    width: float
    pieces: list[Piece]

    @property
    def middle(self) -> float:
        """Horizontal middle of the bar."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class StackedBars:
    """Bars side by side on one scale from 0."""

    bars: list[Bar]
    key: list[tuple[int, str]]
    """Colour and category, the largest first."""
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM


def cost_chart(table: CostTable) -> StackedBars | None:
    """Running costs by year, stacked by category; the smallest categories become one. None where there is no cost."""
    highest = max((table.total(year) or Decimal(0) for year in table.years), default=Decimal(0))
    if not highest:
        return None
    series, key = _series(table)
    slot = (WIDTH - 2 * SIDE) / max(len(table.years), 3)
    scale = (HEIGHT - TOP - BOTTOM) / float(highest)
    bars = [
        _bar(table, year, series, SIDE + slot * (place + 0.2), slot * 0.6, scale)
        for place, year in enumerate(table.years)
    ]
    return StackedBars(bars, key)


def _series(table: CostTable) -> tuple[dict[str, tuple[int, str]], list[tuple[int, str]]]:
    """Colour and label of each category, by code, and the key: the largest have their own, the rest share the last."""
    sums: Counter[str] = Counter()
    for (code, _), amount in table.amounts.items():
        sums[code] += amount  # type: ignore[assignment]
    names = {category.code: category.name for category in table.categories}
    ranked = [code for code, _ in sums.most_common()]
    own = ranked if len(ranked) <= MOST_SERIES else ranked[: MOST_SERIES - 1]
    series = {code: (place, names[code]) for place, code in enumerate(own, start=1)}
    key = list(series.values())
    if len(ranked) > len(own):
        rest = (MOST_SERIES, "All others")
        series |= dict.fromkeys(ranked[len(own) :], rest)
        key.append(rest)
    return series, key


def _bar(table: CostTable, year: int, series: dict[str, tuple[int, str]], x: float, width: float, scale: float) -> Bar:
    sums: dict[tuple[int, str], Decimal] = {}
    for (code, of_year), amount in table.amounts.items():
        if of_year == year:
            sums[series[code]] = sums.get(series[code], Decimal(0)) + amount
    pieces, y = [], float(HEIGHT - BOTTOM)
    for (colour, label), amount in sorted(sums.items()):
        height = float(amount) * scale
        y -= height
        pieces.append(Piece(colour, label, amount, round(y, 1), round(height, 1)))
    total = sum(sums.values(), Decimal(0))
    return Bar(year, total, table.is_estimate(year), round(x, 1), round(y, 1), round(width, 1), pieces)
