"""What lies within so many metres of a place: the circle on the map, and the same in words and as a table."""

from dataclasses import dataclass

from geopandas import GeoDataFrame

from estate.gis.maps import ring_frame
from estate.register.places import Gathered, gathered
from estate.register.regions import Within
from estate.web.database import current_session
from estate.web.filters import area_m2, counted, financial_year, money, number
from estate.web.map_words import estimate_text, share_of
from estate.web.maps_forms import MapQuestion


@dataclass(frozen=True)
class Near:
    """What a page says of it. `rows` of its table: what, how much, and of how many buildings that is known."""

    title: str
    sentence: str
    rows: list[tuple[str, str, str]]
    notes: list[str]


def near_text(within: Within) -> str:
    """`Within 800 m of M32 0TH`."""
    return f"Within {number(within.metres)} m of {within.point.name}"


def ring_of(question: MapQuestion) -> GeoDataFrame | None:
    """The circle of the view; None where it has none."""
    within = question.filters.within
    if within is None:
        return None
    return ring_frame(within.point.longitude, within.point.latitude, within.metres, near_text(within))


def near_of(question: MapQuestion) -> Near | None:
    """What the view says of what lies within; None where it asks for no such thing."""
    within = question.filters.within
    if within is None:
        return None
    found = gathered(current_session(), question.year_start, question.filters)
    year = f" {financial_year(question.year_start)}" if question.year_start else ""
    many = counted(found.building_count, "building")
    rows = [
        ("Buildings", number(found.building_count), ""),
        (f"Running cost{year}", _figure(money(found.annual_cost), _estimated(found)), _known(found, found.cost_count)),
        ("Net internal area", area_m2(found.net_area_m2), _known(found, found.area_count)),
    ]
    return Near(
        near_text(within), f"{near_text(within)}: {many}{_sums(found, year.strip())}.", rows, _notes(within, found)
    )


def _sums(found: Gathered, year: str) -> str:
    """Cost and floor area, with the number of buildings of which each is known where that is not all."""
    if not found.building_count:
        return ""
    cost = f"{money(found.annual_cost)} a year" if found.annual_cost is not None else "cost unknown"
    area = f"{area_m2(found.net_area_m2)} net" if found.net_area_m2 is not None else "area unknown"
    return f", {cost}{_basis(found, found.cost_count, year)}, {area}{_basis(found, found.area_count, '')}"


def _basis(found: Gathered, count: int, year: str) -> str:
    words = [year, f"{_known(found, count)} known" if 0 < count < found.building_count else ""]
    return f" ({', '.join(filter(None, words))})" if any(words) else ""


def _figure(text: str, estimated: str) -> str:
    return f"{text} ({estimated})" if estimated else text


def _estimated(found: Gathered) -> str:
    if not found.annual_cost:
        return ""
    return estimate_text(float((found.estimated_cost or 0) / found.annual_cost))


def _known(found: Gathered, count: int) -> str:
    return share_of(count, found.building_count)


def _notes(within: Within, found: Gathered) -> list[str]:
    notes = ["Distances are straight lines. A building without a position is near nothing."]
    if within.point.accuracy_m:
        radius = number(within.point.accuracy_m)
        notes.append(f"{within.point.name} is taken for its middle; its addresses lie up to about {radius} m around.")
    if found.approximate_count:
        verb = "is" if found.approximate_count == 1 else "are"
        notes.append(f"{counted(found.approximate_count, 'building')} of these {verb} placed only by postcode.")
    return notes
