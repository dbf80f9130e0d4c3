"""What a reader must know to trust the figures of a map of areas, in sentences."""

from datetime import date

from pandas import DataFrame

from estate.register.models import OccupancyMethod
from estate.web.filters import day, financial_year, number, words
from estate.web.map_figures import AreaFigures
from estate.web.map_populations import population_notes
from estate.web.maps_forms import MapQuestion

POINTS_UP_TO = 5000
"""More buildings than this are left off the choropleth; the map of buildings still shows them."""


def notes_of(shown: AreaFigures, outside_count: int) -> list[str]:
    """What a reader must know to trust the figures: definition, missing buildings, mixed methods, population."""
    question, statistics = shown.question, shown.statistics
    notes = [question.measure.definition, *_change_notes(shown), *_price_notes(question)]
    count = int(statistics["building_count"].sum()) + outside_count
    if count > POINTS_UP_TO:
        notes.append(
            f"{count:,} buildings are too many to draw over the areas (at most {POINTS_UP_TO:,}). "
            "Choose a smaller area, or look at the map of buildings."
        )
    if question.filters.agency_id is not None:
        notes.append("Only buildings whose record the chosen agency keeps, whoever pays for them.")
    if outside_count and question.area is None and question.level:
        many = "building lies" if outside_count == 1 else "buildings lie"
        notes.append(
            f"{number(outside_count)} {many} in no {question.level.name.lower()}, most for want of a position: "
            "no figure here counts them."
        )
    if question.measure.code == "occupancy" and not question.is_change:
        notes += _counts(statistics)
    if question.measure.needs_population:
        notes += population_notes(statistics, question.year_start)
    return notes


def _change_notes(shown: AreaFigures) -> list[str]:
    """What a comparison of two years rests on."""
    question = shown.question
    if question.before is not None and not question.is_change:
        return ["It rests on who works there now, so two years can't be compared: only the later one is shown."]
    if not question.is_change:
        return []
    count, known = int(shown.total["building_count"]), shown.known_in_total
    again = ", from an observation of its own for each" if question.measure.group.on else ""
    notes = [
        f"Only buildings known in both years count{again}: {number(known)} do, {number(count - known)} do not. "
        "Floor areas are those of today."
    ]
    if question.measure.needs_population:
        notes.append("Each year is divided by its own population, or by that of the nearest year that is known.")
    return notes


def _price_notes(question: MapQuestion) -> list[str]:
    """Whose money amounts are in."""
    prices, measure = question.prices, question.measure
    if not measure.is_price:
        return ["Prices of another year say nothing about this figure."] if prices.base_year else []
    if prices.base_year is None or prices.release is None:
        return ["In the money of each year itself: part of the change is the change in prices."] * question.is_change
    unchecked = "" if prices.release.is_checked else " (not checked at its source)"
    notes = [
        f"In prices of {financial_year(prices.base_year)}, by the {prices.release.name} published on "
        f"{day(prices.release.published_on)}{unchecked}. Buildings drawn on the map keep the money of their year."
    ]
    for year in (question.before, question.year_start):
        if year and prices.factor(year) is None:
            notes.append(f"The index has no value for {financial_year(year)}: amounts of that year are unknown.")
    return notes


def _counts(statistics: DataFrame) -> list[str]:
    """When and how people were counted; a warning where methods are mixed."""
    days: list[date] = [*statistics["oldest_on"].dropna(), *statistics["newest_on"].dropna()]
    if not days:
        return []
    methods = sorted({method for row in statistics["methods"].dropna() for method in row}, key=_method_order)
    names = [words(method).lower() for method in methods]
    notes = [f"Counted from {day(min(days))} to {day(max(days))} by {', '.join(names)}."]
    if len(names) > 1:
        notes.append("These ways of counting are not comparable with one another: read small differences with care.")
    return notes


def _method_order(method: OccupancyMethod) -> str:
    return method.value
