"""The words of a map: figures with units, how many buildings they rest on, and what the map shows in a sentence."""

import math
from typing import Any

from pandas import DataFrame

from estate.web.filters import financial_year, is_known, number, percent
from estate.web.map_figures import AreaFigures
from estate.web.map_populations import population_line
from estate.web.map_units import figure_text
from estate.web.maps_forms import CHANGES, MapQuestion
from estate.web.names import Choices, text_of

OTHER_FILTERS = ("text", "status", "class_code", "patch", "block_id", "square", "within")


def coverage(known: float, count: float, *, in_both: bool = False) -> str:
    """`37 of 41 buildings known`; `no buildings` where there are none."""
    plural = "" if count == 1 else "s"
    when = " in both years" if in_both else ""
    return f"{share_of(known, count)} building{plural} known{when}" if count else "no buildings"


def share_of(known: float, count: float) -> str:
    """`37 of 41`; `no buildings` where there are none."""
    return f"{number(int(known))} of {number(int(count))}" if count else "no buildings"


def estimate_text(share: float) -> str:
    """`12% estimated`; empty where nothing is."""
    if not is_known(share) or share <= 0:
        return ""
    return f"{percent(share)} estimated" if share >= 0.01 else "under 1% estimated"


def title_of(question: MapQuestion) -> str:
    """`Running cost per m² by ward: Trafford`, or the change in it."""
    level = question.level.name.lower() if question.level else "area"
    place = f": {question.area.name}" if question.area else ""
    return f"{_subject(question)} by {level}{place}"


def _subject(question: MapQuestion) -> str:
    title = question.measure.title
    return f"Change in {title[:1].lower()}{title[1:]}" if question.is_change else title


def legend_title(question: MapQuestion) -> str:
    """`Running cost, 2024-25`, or the change from one year to another."""
    if question.is_change:
        return f"{_subject(question)}, {financial_year(question.before)} to {financial_year(question.year_start)}"
    return f"{_subject(question)}, {financial_year(question.year_start)}" if question.year_start else _subject(question)


def unit_sentence(question: MapQuestion) -> str:
    """What the figures are counted in, and whose money it is."""
    unit = question.measure.unit_text
    if question.is_change:
        unit = f"{CHANGES[question.change]}; {'%' if question.change == 'percent' else unit}"
    if question.measure.is_price and question.prices.base_year:
        unit = f"{unit}, in prices of {financial_year(question.prices.base_year)}"
    return f"{unit}."


def subtitle_of(question: MapQuestion, choices: Choices) -> str:
    """`Financial year 2024-25. All agencies, all uses.`, with every other filter in force."""
    filters = question.filters
    agency = dict(choices.agencies).get(filters.agency_id or 0, "All agencies")
    use = dict(choices.uses).get(filters.use_class_code or "", "all uses")
    others = [text_of(name, value, choices) for name, value in filters.chosen.items() if name in OTHER_FILTERS]
    period = period_of(question)
    return f"{period[:1].upper()}{period[1:]}. {', '.join([agency, use, *others])}."


def period_of(question: MapQuestion) -> str:
    """`financial year 2024-25`, the two years of a change, or what stands in its place."""
    if not question.year_start:
        return "no year with costs"
    if question.is_change:
        period = f"financial years {financial_year(question.before)} and {financial_year(question.year_start)}"
    else:
        period = f"financial year {financial_year(question.year_start)}"
    base = question.prices.base_year if question.measure.is_price else None
    return f"{period}, in prices of {financial_year(base)}" if base else period


def area_lines(shown: AreaFigures) -> list[list[str]]:
    """What a map says of each area, in the order of the areas."""
    nothing = [math.nan] * len(shown.statistics)
    columns = [
        shown.figures.by_area.tolist(),
        shown.before.by_area.tolist() if shown.before else nothing,
        shown.after.by_area.tolist() if shown.after else nothing,
        shown.shares.tolist(),
        shown.known.tolist(),
        *(
            shown.statistics[name].tolist()
            for name in ("building_count", "population", "population_year", "parent_name")
        ),
    ]
    return [_lines_of(shown, *row) for row in zip(*columns, strict=True)]


def _lines_of(
    shown: AreaFigures,
    figure: float,
    before: float,
    after: float,
    share: float,
    known: int,
    building_count: int,
    population: float,
    population_year: float | None,
    parent_name: str | None,
) -> list[str]:
    question = shown.question
    estimated, text = estimate_text(share), shown.text(figure)
    lines = [f"{_subject(question)}: {text}{f' ({estimated})' if estimated and text != 'unknown' else ''}"]
    if question.is_change and text != "unknown":
        lines.append(_from_to(question, before, after))
    lines.append(coverage(known, building_count, in_both=question.is_change))
    if question.measure.needs_population:
        lines.append(population_line(population, population_year, question.year_start))
    return [*lines, f"In {parent_name}"] if parent_name else lines


def _from_to(question: MapQuestion, before: float, after: float) -> str:
    texts = [figure_text(question.measure.unit, value) for value in (before, after)]
    return f"From {texts[0]} to {texts[1]}"


def summary_of(shown: AreaFigures) -> list[str]:
    """What the map shows, in sentences: the whole, the highest, the lowest, how many are unknown."""
    question, figures = shown.question, shown.figures.by_area
    known = figures.dropna()
    level = question.level
    singular, plural = (level.name.lower(), level.plural.lower()) if level else ("area", "areas")
    if known.empty:
        sentences = [f"Nothing is known of {_subject(question).lower()} here."]
    else:
        sentences = [_whole(shown), f"{_highest(shown, known.max())}: {_named(shown, known.idxmax())}."]
    if len(known) > 1:
        sentences.append(f"{_lowest(shown, known.min())}: {_named(shown, known.idxmin())}.")
    is_empty = shown.statistics["building_count"].eq(0)
    for count, what in (
        (int((figures.isna() & ~is_empty).sum()), "unknown"),
        (int(is_empty.sum()), "without buildings"),
    ):
        if count:
            sentences.append(f"{number(count)} {singular if count == 1 else plural} {what}.")
    return sentences


def _highest(shown: AreaFigures, value: float) -> str:
    if not shown.question.is_change:
        return "Highest"
    return "Largest rise" if value > 0 else "Smallest fall" if value < 0 else "No area rose"


def _lowest(shown: AreaFigures, value: float) -> str:
    if not shown.question.is_change:
        return "Lowest"
    return "Largest fall" if value < 0 else "Smallest rise" if value > 0 else "No area fell"


def _whole(shown: AreaFigures) -> str:
    question = shown.question
    known = coverage(shown.known_in_total, shown.total["building_count"], in_both=question.is_change)
    estimated = estimate_text(shown.total_share)
    text = shown.text(shown.figures.total)
    if shown.before and shown.after:
        text = f"{text}, f{_from_to(question, shown.before.total, shown.after.total)[1:]}"
    return f"All together: {text} ({known}{', ' + estimated if estimated else ''})."


def _named(shown: AreaFigures, row: Any) -> str:
    return f"{shown.statistics['name'][row]} ({shown.text(shown.figures.by_area[row])})"


def foot_line(question: MapQuestion, place_name: str, when: str) -> str:
    """Period, register and date in words, for the foot of a map."""
    period = period_of(question)
    return f"{period[:1].upper()}{period[1:]}. Source: register of {place_name}, {when}"


def outlines_line(statistics: DataFrame) -> str:
    """Where the outlines come from; empty where there are none."""
    sources = sorted({str(source).rstrip(".") for source in statistics["source"].dropna()})
    return f"Outlines: {'; '.join(sources)}." if sources else ""
