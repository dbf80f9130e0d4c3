"""How a map of tiles is drawn and told: classes with fixed limits, and kinds of buildings."""

from itertools import pairwise

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.gis.maps import Kinds, Look, Scale, TileLayer, palettes
from estate.people.models import Agency
from estate.register.filters import listed_conditions
from estate.register.map_tiles import POINTS_FROM
from estate.register.models import BuildingListed, UseClass
from estate.register.pyramid import count_by
from estate.register.queries import cost_year
from estate.web.filters import financial_year
from estate.web.map_units import legend_text
from estate.web.maps_forms import POINTS, MapQuestion

LIMITS: dict[str, tuple[float, ...]] = {
    "n": (1, 10, 50, 200, 1000),
    "cost": (100_000, 1_000_000, 5_000_000, 25_000_000),
    "cost_per_m2": (25, 50, 100, 200),
    "occupancy": (0.2, 0.4, 0.6, 0.8),
}
"""Limits of the classes of a cell's figure: fixed, so that a colour means the same at every zoom."""
LIMITS_OF_ONE = {**LIMITS, "cost": (10_000, 50_000, 200_000, 1_000_000)}
"""The same of a single building."""
TITLES = {
    "n": "Buildings in a square",
    "cost": "Running cost in a square",
    "cost_per_m2": "Running cost per m²",
    "occupancy": "Occupancy",
}
UNITS = {"n": "ratio", "cost": "money", "cost_per_m2": "money", "occupancy": "percent"}


def tile_layer(session: Session, question: MapQuestion) -> TileLayer:
    """How cells and buildings are drawn and told, as `question.points` says."""
    by = question.points
    year = cost_year(session)
    is_figure = by in LIMITS
    agencies = {str(key): name for key, name in session.execute(select(Agency.id, Agency.name)).all()}
    uses: dict[str, str] = dict(session.execute(select(UseClass.code, UseClass.name)).all())
    names = {"agency": agencies, "use": uses}
    money = "£ a year. " if by.startswith("cost") else ""
    return TileLayer(
        name="Buildings",
        cells=_scale(by if is_figure else "n", LIMITS, "area"),
        points=_scale(by, LIMITS_OF_ONE, "circle") if is_figure else _kinds(session, question, names[by]),
        cells_title=TITLES[by if is_figure else "n"],
        points_title=f"Buildings by {POINTS[by].lower()}",
        points_from=POINTS_FROM,
        names=names,
        year=financial_year(year) if year else "",
        href=url_for("buildings.show", building_id=0).removesuffix("0"),
        link="Open the building's page",
        note=f"{money}The same classes at every zoom." if is_figure else "",
    )


def _scale(figure: str, limits: dict[str, tuple[float, ...]], shape: str) -> Scale:
    upper = limits[figure]
    text = legend_text(UNITS[figure])
    if figure == "n":
        labels = ["1", *(f"{low + 1:,} to {high:,}" for low, high in pairwise(upper))]
        labels.append(f"over {upper[-1]:,}")
    else:
        labels = [f"up to {text(upper[0])}"]
        labels += [f"over {text(low)} to {text(high)}" for low, high in pairwise(upper)]
        labels.append(f"over {text(upper[-1])}")
    colours = palettes.amounts_of_points(len(labels))
    is_area = shape == "area"
    unknown = Look(palettes.UNKNOWN_COLOUR, "area" if is_area else "square", pattern="hatch" if is_area else "")
    return Scale(figure, upper, tuple(labels), tuple(Look(colour, shape) for colour in colours), unknown)


def _kinds(session: Session, question: MapQuestion, names: dict[str, str]) -> Kinds:
    """A look for each agency or use, the most frequent first; those beyond what can be told apart share one."""
    order = [key for key in _by_frequency(session, question) if key in names][: palettes.MAXIMUM_KINDS]
    looks = {key: (names[key], Look(*palettes.kind(place))) for place, key in enumerate(order)}
    return Kinds(question.points, looks, Look("#14211f", "circle"), Look(palettes.UNKNOWN_COLOUR, "square"))


def _by_frequency(session: Session, question: MapQuestion) -> list[str]:
    """The agencies or uses of what the map shows, the most frequent first."""
    counts = count_by(session, question.points) if not question.filters.chosen and not question.filters.scope else None
    if counts is None:
        column = BuildingListed.agency_id if question.points == "agency" else BuildingListed.use_class_code
        query = select(column, func.count()).where(*listed_conditions(question.filters), column.is_not(None))
        counts = {str(key): count for key, count in session.execute(query.group_by(column)).all()}
    return sorted(counts, key=lambda key: (-counts[key], key))
