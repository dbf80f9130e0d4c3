"""From figures to layers of a map: classes, colours, what a popup says and where its link leads."""

import pandas
from flask import url_for
from geopandas import GeoDataFrame
from pandas import Series

from estate.gis.maps import AreaLayer, Look, PointLayer, Scheme, classify, classify_change, palettes
from estate.web.filters import capitalize_first, financial_year
from estate.web.map_figures import AreaFigures
from estate.web.map_units import figure_text, legend_text
from estate.web.map_words import area_lines, legend_title, unit_sentence
from estate.web.maps_forms import POINTS, MapQuestion
from estate.web.page import with_arguments

UNKNOWN_KIND = ("unknown", Look(palettes.UNKNOWN_COLOUR, "square"))
FIGURES = {
    "cost": ("annual_cost", "money"),
    "cost_per_m2": ("cost_per_m2", "money"),
    "occupancy": ("occupancy", "percent"),
}
"""Points by a figure: its column and its unit."""


def area_layer(shown: AreaFigures, outlines: GeoDataFrame) -> AreaLayer:
    """The areas of `shown` with their outlines, classed by their figures. `outlines` as `outlines_frame` gives."""
    question, statistics, figures = shown.question, shown.statistics, shown.figures.by_area
    shaped = statistics[["area_id", "name"]].merge(outlines, on="area_id", how="left")
    frame = GeoDataFrame(shaped, geometry="geometry", crs=4326)
    frame["is_estimate"] = shown.shares.ge(0.5).to_numpy()
    frame["is_empty"] = statistics["building_count"].eq(0).to_numpy()
    frame["lines"] = area_lines(shown)
    start = _drill_start(question)
    frame["href"] = [f"{start}{area_id}" for area_id in statistics["area_id"]]
    frame["link"] = drill_text(question)
    classes = (classify_change if question.is_change else classify)(figures, question.scheme, question.class_count)
    return AreaLayer(
        frame,
        classes,
        shown.legend_text,
        legend_title(question),
        question.level.plural if question.level else "Areas",
        capitalize_first(unit_sentence(question)),
    )


def drill_address(question: MapQuestion, area_id: int) -> str:
    """The page that narrows the view to one area: by its smaller areas, or at the smallest level by its buildings."""
    return f"{_drill_start(question)}{area_id}"


def _drill_start(question: MapQuestion) -> str:
    """`drill_address` without the area's number, which comes last."""
    below = question.level_below
    if below is None:
        start = with_arguments("maps.buildings", question.arguments, area=None)
    else:
        start = with_arguments("maps.index", question.arguments, area=None, level=below.code)
    return f"{start}&area="


def drill_text(question: MapQuestion) -> str:
    """What the link of `drill_address` is called."""
    below = question.level_below
    return "Show its buildings" if below is None else f"Show its {below.plural.lower()}"


def point_layer(question: MapQuestion, buildings: GeoDataFrame, *, is_shown: bool) -> PointLayer:
    """The buildings, told apart as `question.points` says."""
    title = f"Buildings by {POINTS[question.points].lower()}"
    column, unit = FIGURES.get(question.points, (question.points, ""))
    kinds, members = _by_figure(question, buildings[column], unit) if unit else _by_name(buildings[column])
    frame = buildings[["name", "is_approximate", "geometry"]].assign(
        kind=members,
        lines=[_building_lines(question, row) for row in buildings.to_dict("records")],
        href=[url_for("buildings.show", building_id=building_id) for building_id in buildings["building_id"]],
        link="Open the building's page",
    )
    note = "£ a year." if unit == "money" else ""
    return PointLayer(frame, tuple(kinds), title, note=note, is_shown=is_shown)


def _by_name(names: Series) -> tuple[list[tuple[str, Look]], list[int]]:
    """A kind for each name, the most frequent first; those beyond what can be told apart share one."""
    order = list(names.dropna().value_counts().index)
    told_apart = order[: palettes.MAXIMUM_KINDS]
    kinds = [(str(name), Look(*palettes.kind(place))) for place, name in enumerate(told_apart)]
    kinds += [("all others", Look("#14211f", "circle")), UNKNOWN_KIND]
    places = {name: place for place, name in enumerate(told_apart)}
    others, unknown = len(kinds) - 2, len(kinds) - 1
    return kinds, [unknown if pandas.isna(name) else places.get(name, others) for name in names]


def _by_figure(question: MapQuestion, figures: Series, unit: str) -> tuple[list[tuple[str, Look]], list[int]]:
    classes = classify(figures, Scheme(question.scheme), question.class_count)
    colours = palettes.amounts_of_points(len(classes.upper))
    labels = classes.labels(legend_text(unit)) if classes.upper else []
    kinds = [*((label, Look(colour)) for label, colour in zip(labels, colours, strict=True)), UNKNOWN_KIND]
    kinds = [(text, Look(look.colour, "circle") if look.shape == "area" else look) for text, look in kinds]
    return kinds, [len(labels) if member < 0 else int(member) for member in classes.members]


def _building_lines(question: MapQuestion, row: dict[str, object]) -> list[str]:
    cost, occupancy = row["annual_cost"], row["occupancy"]
    estimated = " (part estimated)" if row["is_estimate"] else ""
    year = f" {financial_year(question.year_start)}" if question.year_start else ""
    lines = [
        f"{row['use'] or 'Use unknown'}, {row['agency']}",
        f"Running cost{year}: {figure_text('money', cost)}{estimated}",  # type: ignore[arg-type]
        f"Per m² GIA: {figure_text('money', row['cost_per_m2'])}",  # type: ignore[arg-type]
        f"Occupancy: {figure_text('percent', occupancy)}",  # type: ignore[arg-type]
    ]
    return [*lines, "Position only from its postcode"] if row["is_approximate"] else lines
