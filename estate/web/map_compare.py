"""Areas side by side: every measure of the map for one or two areas, and one measure of them by financial year."""

from dataclasses import dataclass, replace

from flask import Blueprint, render_template, request
from pandas import DataFrame

from estate.gis.models import Area
from estate.people.permissions import Permission
from estate.register.area_statistics import area_statistics
from estate.register.building_facts import SOURCES
from estate.register.measures import MEASURES, Measure
from estate.register.queries import find_current_area
from estate.web.access import requires
from estate.web.as_at import shows_past
from estate.web.building_filters import UnknownFilter, building_id_from
from estate.web.database import current_session
from estate.web.filters import financial_year, is_known
from estate.web.map_documents import source_of
from estate.web.map_figures import price_factor
from estate.web.map_units import figure_text
from estate.web.map_words import coverage, estimate_text, subtitle_of
from estate.web.maps_forms import MapQuestion, UnknownChoice, question_from
from estate.web.names import filter_choices
from estate.web.programmes import current_programme_id

blueprint = Blueprint("map_compare", __name__)

MOST_YEARS = 8


@dataclass(frozen=True)
class Cell:
    """One figure of one area: in words, what it rests on, and its bar as a share of the longest beside it."""

    text: str
    note: str
    value: float | None
    bar: float = 0.0


@dataclass(frozen=True)
class Row:
    """The same figure of each area. `note`: its unit."""

    title: str
    note: str
    cells: list[Cell]


@blueprint.get("/maps/compare")
@requires(Permission.READ_MAP)
@shows_past
def show() -> str:
    """The form, and the figures of the areas that were chosen."""
    question = question_from(current_session(), request.args)
    if question.level is None:
        return render_template("maps/none.html")
    other = _other()
    areas = [area for area in (question.area, other) if area is not None]
    choices = filter_choices(current_session())
    return render_template(
        "maps/compare.html",
        question=question,
        arguments={**question.arguments, "other": other.id if other else None, "before": None, "change": None},
        other=other,
        areas=areas,
        choices=choices,
        measures=[(measure.code, measure.title) for measure in MEASURES.values()],
        subtitle=subtitle_of(question, choices),
        rows=rows_by_measure(question, areas),
        years=rows_by_year(question, areas),
        source=source_of(question),
    )


def _other() -> Area | None:
    """The second area of the address. Raises `UnknownChoice` for what is none in force."""
    text = request.args.get("other", "")
    if not text:
        return None
    try:
        found = find_current_area(current_session(), building_id_from(text), current_programme_id())
    except UnknownFilter:
        found = None
    if found is None:
        raise UnknownChoice(fields={"other": "is not an area in force"})
    return found


def rows_by_measure(question: MapQuestion, areas: list[Area]) -> list[Row]:
    """Every measure in the year of the view."""
    frames = [_statistics(question, area, question.year_start, tuple(SOURCES)) for area in areas]
    return [
        _row(
            measure.title, measure.unit_text, [_cell(question, measure, frame, question.year_start) for frame in frames]
        )
        for measure in MEASURES.values()
        if frames
    ]


def rows_by_year(question: MapQuestion, areas: list[Area]) -> list[Row]:
    """The measure of the view in each financial year, the oldest first; none for what is only known of today."""
    measure = question.measure
    if measure.is_of_today or not areas:
        return []
    found = []
    for year in sorted(question.years)[-MOST_YEARS:]:
        frames = [_statistics(question, area, year, measure.sources) for area in areas]
        found.append(_row(financial_year(year), "", [_cell(question, measure, frame, year) for frame in frames]))
    longest = max((cell.value or 0.0 for row in found for cell in row.cells), default=0.0)
    return [replace(row, cells=[_with_bar(cell, longest) for cell in row.cells]) for row in found]


def _statistics(question: MapQuestion, area: Area, year: int | None, sources: tuple[str, ...]) -> DataFrame:
    filters = replace(question.filters, area_id=area.id)
    return area_statistics(current_session(), area.level, year, filters, sources)


def _cell(question: MapQuestion, measure: Measure, frame: DataFrame, year: int | None) -> Cell:
    """Of a frame of one area."""
    if frame.empty:
        return Cell("unknown", "", None)
    figure = float(measure.figure(frame).iloc[0]) * price_factor(measure, question.prices, year)
    value = figure if is_known(figure) else None
    notes = [coverage(frame[measure.count].iloc[0], frame["building_count"].iloc[0])]
    if value is not None:
        notes.append(estimate_text(float(measure.estimated_share(frame).iloc[0])))
    return Cell(figure_text(measure.unit, value), ", ".join(filter(None, notes)), value)


def _row(title: str, note: str, cells: list[Cell]) -> Row:
    longest = max((cell.value or 0.0 for cell in cells), default=0.0)
    return Row(title, note, [_with_bar(cell, longest) for cell in cells])


def _with_bar(cell: Cell, longest: float) -> Cell:
    """The bar is drawn from nothing to the longest of those it stands beside: 0 to 100."""
    return replace(cell, bar=100 * (cell.value or 0.0) / longest if longest > 0 else 0.0)
