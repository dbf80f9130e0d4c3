"""What a map of areas shows, with its table and its file: one figure an area, in one year or between two."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from pandas import DataFrame, Series
from sqlalchemy.orm import Session

from estate.gis.models import BoundaryLevel
from estate.register import costs
from estate.register.area_statistics import area_statistics, changes_of_areas
from estate.register.measures import Measure
from estate.register.price_releases import PriceBase
from estate.web.map_units import figure_text, legend_text, signed, signed_points
from estate.web.maps_forms import MapQuestion

PERCENT = "percent"


@dataclass(frozen=True)
class Figures:
    """A figure for each area, NaN where unknown, and the same for all of them together."""

    by_area: Series
    total: float


@dataclass(frozen=True)
class AreaFigures:
    """The areas of a view, in the order of their names, with what is shown of each."""

    question: MapQuestion
    statistics: DataFrame
    """As `area_statistics` gives; of a change, the later year over the buildings that are known in both."""
    total: Series
    """The sums of `statistics`."""
    figures: Figures
    """What is coloured."""
    shares: Series
    """The estimated part of each area's figure, 0 to 1; of a change, that of the year with more of it."""
    total_share: float
    before: Figures | None = None
    """Of a change: the figures of the earlier year."""
    after: Figures | None = None

    @property
    def known(self) -> Series:
        """How many buildings each area's figure rests on."""
        count: Series = self.statistics[self.question.measure.count]
        return count

    @property
    def known_in_total(self) -> int:
        """How many buildings all figures rest on."""
        return int(self.total[self.question.measure.count])

    def text(self, value: float | None) -> str:
        """One figure in words, with its unit and, of a change, its sign."""
        unit = self.question.measure.unit
        if not self.question.is_change:
            return figure_text(unit, value)
        if self.question.change == PERCENT:
            return signed(value, lambda size: figure_text(PERCENT, size))
        return signed_points(value) if unit == PERCENT else signed(value, lambda size: figure_text(unit, size))

    @property
    def legend_text(self) -> Callable[[float], str]:
        """Writes a class's limit."""
        unit = self.question.measure.unit
        if not self.question.is_change:
            return legend_text(unit)
        if self.question.change == PERCENT:
            return lambda value: signed(value, legend_text(PERCENT))
        return signed_points if unit == PERCENT else lambda value: signed(value, legend_text(unit))


def area_figures(session: Session, level: BoundaryLevel, question: MapQuestion) -> AreaFigures:
    """The figures of the view that `question` asks for."""
    return _change(session, level, question) if question.is_change else _one_year(session, level, question)


def _one_year(session: Session, level: BoundaryLevel, question: MapQuestion) -> AreaFigures:
    measure = question.measure
    statistics = area_statistics(session, level, question.year_start, question.filters, measure.sources)
    total = costs.totals(statistics)
    return AreaFigures(
        question,
        statistics,
        total.iloc[0],
        _figures(question, statistics, total, question.year_start),
        measure.estimated_share(statistics),
        float(measure.estimated_share(total).iloc[0]),
    )


def _change(session: Session, level: BoundaryLevel, question: MapQuestion) -> AreaFigures:
    measure = question.measure
    years = (question.before or 0, question.year_start or 0)
    sides = changes_of_areas(session, level, years, question.filters, measure.group, measure.sources)
    totals = [costs.totals(statistics) for statistics in sides]
    before, after = (
        _figures(question, statistics, total, year)
        for statistics, total, year in zip(sides, totals, years, strict=True)
    )
    shares = [measure.estimated_share(statistics) for statistics in sides]
    total_shares = [measure.estimated_share(total).iloc[0] for total in totals]
    by_area, total = after.by_area - before.by_area, after.total - before.total
    if question.change == PERCENT:
        by_area = by_area / before.by_area.where(before.by_area > 0)
        total = total / before.total if before.total > 0 else float("nan")
    return AreaFigures(
        question,
        sides[1],
        totals[1].iloc[0],
        Figures(by_area, total),
        shares[0].combine(shares[1], max),
        float(max(total_shares)),
        before,
        after,
    )


def _figures(question: MapQuestion, statistics: DataFrame, total: DataFrame, year: int | None) -> Figures:
    measure, factor = question.measure, price_factor(question.measure, question.prices, year)
    return Figures(measure.figure(statistics) * factor, float(measure.figure(total).iloc[0]) * factor)


def price_factor(measure: Measure, prices: PriceBase | None, year: int | None) -> float:
    """What figures of `year` are multiplied by: 1 for what is no price; NaN where the index lacks the year."""
    if not measure.is_price or prices is None or year is None:
        return 1.0
    factor: Decimal | None = prices.factor(year)
    return float("nan") if factor is None else float(factor)
