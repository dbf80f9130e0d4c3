"""An appraisal as its page draws it: a histogram and a tornado as plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from estate.appraise.risk import RATE, Spread, Swing

WIDTH, HEIGHT = 640, 200
TOP, BOTTOM = 10, 26
BAR = 100


@dataclass(frozen=True)
class Class:
    """One bar of the histogram: draws between two values, money."""

    low: float
    high: float
    count: int
    share: float
    x: float
    y: float
    width: float
    height: float

    @property
    def series(self) -> int:
        """Colour: 2 for a loss, 1 otherwise."""
        return 2 if self.high <= 0 else 1


@dataclass(frozen=True)
class Histogram:
    """The distribution of the value."""

    classes: tuple[Class, ...]
    marks: tuple[tuple[float, str], ...]
    """Position and money of the words below: both ends, and 0 where it lies well between them."""
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class TornadoRow:
    """One input of the tornado, with its bar on a scale of 0 to 100 that all rows share."""

    swing: Swing
    x: float
    width: float
    zero: float | None
    """Where a value of 0 lies on the scale; None where it is outside."""
    is_rate: bool


def histogram(found: Spread) -> Histogram:
    """Bars on a scale from no draw to the fullest class."""
    highest = max(found.counts)
    slot = WIDTH / len(found.counts)
    low, high = found.edges[0], found.edges[-1]
    classes = []
    for at, count in enumerate(found.counts):
        height = (HEIGHT - TOP - BOTTOM) * count / highest
        classes.append(
            Class(
                low=found.edges[at],
                high=found.edges[at + 1],
                count=count,
                share=count / found.draws,
                x=round(at * slot + 0.5, 1),
                y=round(HEIGHT - BOTTOM - height, 1),
                width=round(slot - 1, 1),
                height=round(height, 1),
            )
        )
    zero = WIDTH * -low / (high - low) if high > low else 0.0
    return Histogram(tuple(classes), ((round(zero, 1), "£0"),) if 0 < zero < WIDTH else ())


def tornado_rows(swings: Sequence[Swing]) -> list[TornadoRow]:
    """Every input that moves the value, the widest first."""
    moving = [swing for swing in swings if swing.width >= 0.5]
    if not moving:
        return []
    low = min(min(swing.at_low, swing.at_high) for swing in moving)
    high = max(max(swing.at_low, swing.at_high) for swing in moving)
    scale = BAR / (high - low)
    zero = round(-low * scale, 2) if low < 0 < high else None
    return [
        TornadoRow(
            swing=swing,
            x=round((min(swing.at_low, swing.at_high) - low) * scale, 2),
            width=max(0.5, round(swing.width * scale, 2)),
            zero=zero,
            is_rate=swing.input.key == RATE,
        )
        for swing in moving
    ]
