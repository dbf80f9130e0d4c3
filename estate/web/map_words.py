"""The words of a map: figures with units, how many buildings they rest on, and what the map shows in a sentence."""

import math
from collections.abc import Callable
from datetime import date
from functools import partial

from pandas import DataFrame, Series

from estate.register import costs
from estate.register.measures import Measure
from estate.register.models import OccupancyMethod
from estate.web.filters import area_m2, day, financial_year, is_known, money, number, percent, words
from estate.web.maps_forms import MapQuestion
from estate.web.names import Choices, text_of

WRITERS: dict[str, Callable[[float], str]] = {
    "money": money,
    "money_pence": partial(money, decimals=2),
    "percent": percent,
    "m2": area_m2,
    "m2_tenths": lambda value: f"{number(value, 1)}\N{NO-BREAK SPACE}m²",
    "ratio": partial(number, decimals=2),
}
LEGEND_FIGURES = 4
POINTS_UP_TO = 5000
"""More buildings than this are left off the choropleth; the map of buildings still shows them."""
OTHER_FILTERS = ("text", "tenure", "status")


def figure_text(unit: str, value: float | None) -> str:
    """One figure with its unit, as plain text; `unknown` for None and NaN."""
    return str(WRITERS[unit](value)) if value is not None and is_known(value) else "unknown"


def legend_text(unit: str) -> Callable[[float], str]:
    """Writes a class's limit: short, but with every figure that the limit has, up to four."""
    if unit.startswith("money"):
        return _short_money
    if unit == "percent":
        return lambda value: f"{_significant(value * 100)}%"
    metres = "\N{NO-BREAK SPACE}m²" if unit.startswith("m2") else ""
    return lambda value: f"{_significant(value)}{metres}"


def _short_money(value: float) -> str:
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e4, "k")):
        if abs(value) >= size:
            return f"£{_significant(value / (1e3 if letter == 'k' else size))}{letter}"
    return f"£{_significant(value)}"


def _significant(value: float) -> str:
    if value == 0:
        return "0"
    decimals = LEGEND_FIGURES - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    return f"{rounded:,.{max(decimals, 0)}f}".rstrip("0").rstrip(".") if decimals > 0 else f"{rounded:,.0f}"


def coverage(known: float, count: float) -> str:
    """`37 of 41 buildings known`; `no buildings` where there are none."""
    plural = "" if count == 1 else "s"
    return f"{share_of(known, count)} building{plural} known" if count else "no buildings"


def share_of(known: float, count: float) -> str:
    """`37 of 41`; `no buildings` where there are none."""
    return f"{number(int(known))} of {number(int(count))}" if count else "no buildings"


def estimate_text(share: float) -> str:
    """`12% estimated`; empty where nothing is."""
    if not is_known(share) or share <= 0:
        return ""
    return f"{percent(share)} estimated" if share >= 0.01 else "under 1% estimated"


def title_of(question: MapQuestion) -> str:
    """`Running cost per m² by ward: Trafford`."""
    level = question.level.name.lower() if question.level else "area"
    place = f": {question.area.name}" if question.area else ""
    return f"{question.measure.title} by {level}{place}"


def subtitle_of(question: MapQuestion, choices: Choices) -> str:
    """`Financial year 2024-25. All agencies, all uses.`, with every other filter in force."""
    filters = question.filters
    agency = dict(choices.agencies).get(filters.agency_id or 0, "All agencies")
    use = dict(choices.uses).get(filters.use_class_code or "", "all uses")
    others = [text_of(name, value, choices) for name, value in filters.chosen.items() if name in OTHER_FILTERS]
    period = period_of(question)
    return f"{period[:1].upper()}{period[1:]}. {', '.join([agency, use, *others])}."


def period_of(question: MapQuestion) -> str:
    """`financial year 2024-25`, or what stands in its place."""
    return f"financial year {financial_year(question.year_start)}" if question.year_start else "no year with costs"


def summary_of(question: MapQuestion, statistics: DataFrame) -> list[str]:
    """What the map shows, in sentences: the whole, the highest, the lowest, how many are unknown."""
    measure = question.measure
    figures = measure.figure(statistics)
    known = figures.dropna()
    level = question.level
    singular, plural = (level.name.lower(), level.plural.lower()) if level else ("area", "areas")
    if known.empty:
        sentences = [f"Nothing is known of {measure.title.lower()} here."]
    else:
        sentences = [_whole(measure, statistics), f"Highest: {_named(measure, statistics, known, known.idxmax())}."]
    if len(known) > 1:
        sentences.append(f"Lowest: {_named(measure, statistics, known, known.idxmin())}.")
    is_empty = statistics["building_count"].eq(0)
    for count, what in (
        (int((figures.isna() & ~is_empty).sum()), "unknown"),
        (int(is_empty.sum()), "without buildings"),
    ):
        if count:
            sentences.append(f"{number(count)} {singular if count == 1 else plural} {what}.")
    return sentences


def _whole(measure: Measure, statistics: DataFrame) -> str:
    total = costs.totals(statistics)
    known = coverage(total[measure.count].iloc[0], total["building_count"].iloc[0])
    text = figure_text(measure.unit, measure.figure(total).iloc[0])
    estimated = estimate_text(measure.estimated_share(total).iloc[0]) if measure.is_cost else ""
    return f"All together: {text} ({known}{', ' + estimated if estimated else ''})."


def _named(measure: Measure, statistics: DataFrame, known: Series, row: int) -> str:
    return f"{statistics['name'][row]} ({figure_text(measure.unit, known[row])})"


def notes_of(question: MapQuestion, statistics: DataFrame, outside_count: int) -> list[str]:
    """What a reader must know to trust the figures: definition, missing buildings, mixed methods, population."""
    notes = [question.measure.definition]
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
    if question.measure.code == "occupancy":
        notes += _counts(statistics)
    if question.measure.needs_population:
        notes += _populations(statistics)
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


def _populations(statistics: DataFrame) -> list[str]:
    known = statistics.dropna(subset=["population"])
    if known.empty:
        return ["No population is on record for these areas."]
    sources = sorted({str(source) for source in known["population_source"].dropna()})
    days = sorted(set(known["population_on"].dropna()))
    when = f" on {day(days[-1])}" if days else ""
    return [f"Population{when}: {'; '.join(sources) or 'source not on record'}."]


def foot_line(question: MapQuestion, place_name: str, when: str) -> str:
    """Period, register and date in words, for the foot of a map."""
    period = period_of(question)
    return f"{period[:1].upper()}{period[1:]}. Source: register of {place_name}, {when}"


def outlines_line(statistics: DataFrame) -> str:
    """Where the outlines come from; empty where there are none."""
    sources = sorted({str(source).rstrip(".") for source in statistics["source"].dropna()})
    return f"Outlines: {'; '.join(sources)}." if sources else ""
