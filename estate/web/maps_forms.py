"""What a map's address asks for: every view has a link, and an address with less in it gets sensible defaults."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from estate.errors import InvalidInput
from estate.gis.maps import MAXIMUM_CLASSES, MINIMUM_CLASSES, Scheme
from estate.gis.models import Area, BoundaryLevel
from estate.register.filters import BuildingFilters
from estate.register.frames import list_cost_years
from estate.register.measures import DEFAULT_MEASURE, Measure, get_measure
from estate.register.price_releases import PriceBase, price_base
from estate.register.queries import cost_year, count_current_areas, find_current_area
from estate.web.building_filters import arguments_of, filters_from
from estate.web.programmes import current_programme

SCHEMES = {
    Scheme.QUANTILE: "Quantiles",
    Scheme.EQUAL: "Equal intervals",
    Scheme.NATURAL: "Natural breaks",
}
POINTS = {
    "agency": "Agency",
    "use": "Use",
    "cost": "Running cost",
    "cost_per_m2": "Running cost per m²",
    "occupancy": "Occupancy",
}
CHANGES = {
    "difference": "Difference",
    "percent": "Difference in %",
}
DEFAULT_CLASSES = 5


class UnknownChoice(InvalidInput):
    """A choice in this address does not exist. Go back to the map and choose from the form."""


@dataclass(frozen=True)
class MapQuestion:
    """One view of the map: which figure, of which areas, of which buildings."""

    levels: list[BoundaryLevel]
    """Every level with areas in force, largest first; empty where no boundaries were loaded."""
    level: BoundaryLevel | None
    area: Area | None
    """The area the view is narrowed to; None: the whole place."""
    measure: Measure
    years: list[int]
    year_start: int | None
    filters: BuildingFilters
    scheme: Scheme
    class_count: int
    points: str
    prices: PriceBase
    """Whose money costs are told in."""
    before: int | None = None
    """The earlier year to compare with."""
    change: str = "difference"
    """A key of `CHANGES`."""

    @property
    def is_change(self) -> bool:
        """True where the map shows the change between two years."""
        return self.before is not None and not self.measure.is_of_today

    @property
    def arguments(self) -> dict[str, Any]:
        """The query string of exactly this view."""
        return {
            **arguments_of(self.filters),
            "level": self.level.code if self.level else None,
            "measure": self.measure.code,
            "year": self.year_start,
            "scheme": self.scheme.value,
            "classes": self.class_count,
            "points": self.points,
            "prices": self.prices.base_year,
            "before": self.before,
            "change": self.change if self.before is not None else None,
        }

    @property
    def level_below(self) -> BoundaryLevel | None:
        """The next smaller level with areas; None at the smallest."""
        smaller = [level for level in self.levels if self.level and level.rank > self.level.rank]
        return smaller[0] if smaller else None


def question_from(session: Session, arguments: Mapping[str, str]) -> MapQuestion:
    """The view that a query string asks for. Raises `UnknownChoice` and its kin, which answer 422."""
    programme = current_programme()
    programme_id = programme.id if programme else None
    counts = count_current_areas(session, programme_id)
    filters = filters_from(arguments)
    area = _area(session, filters.area_id, programme_id)
    years = list_cost_years(session)
    year_start = _year("year", arguments, years) or cost_year(session)
    year_start, before = _in_order(year_start, _year("before", arguments, years))
    return MapQuestion(
        levels=list(counts),
        level=_level(counts, arguments.get("level", ""), area, programme.default_level_code if programme else None),
        area=area,
        measure=get_measure(arguments.get("measure") or DEFAULT_MEASURE),
        years=years,
        year_start=year_start,
        filters=filters,
        scheme=_scheme(arguments.get("scheme", "")),
        class_count=_class_count(arguments.get("classes", "")),
        points=_one_of("points", arguments.get("points") or "agency", POINTS),
        prices=_prices(session, arguments.get("prices", "")),
        before=before,
        change=_one_of("change", arguments.get("change") or "difference", CHANGES),
    )


def _area(session: Session, area_id: int | None, programme_id: int | None) -> Area | None:
    if area_id is None:
        return None
    found = find_current_area(session, area_id, programme_id)
    if found is None:
        raise UnknownChoice(fields={"area": "is not an area in force"})
    return found


def _level(
    levels: dict[BoundaryLevel, int], code: str, area: Area | None, usual: str | None = None
) -> BoundaryLevel | None:
    """The level asked for, never larger than the area.

    By default the level below the area; else `usual`, the programme's own; else the first with more than one area.
    """
    by_code = {level.code: level for level in levels}
    if code and code not in by_code:
        raise UnknownChoice(fields={"level": "is not a level with areas"})
    if area is not None:
        smaller = [level for level in levels if level.rank > area.level.rank] or [area.level]
        return by_code[code] if code and by_code[code].rank >= area.level.rank else smaller[0]
    if code or usual in by_code:
        return by_code[code or str(usual)]
    several = [level for level, count in levels.items() if count > 1]
    return next(iter(several or levels), None)


def _year(name: str, arguments: Mapping[str, str], years: list[int]) -> int | None:
    text = arguments.get(name, "")
    if not text:
        return None
    if text not in map(str, years):
        raise UnknownChoice(fields={name: "is not a financial year with running costs"})
    return int(text)


def _in_order(year: int | None, other: int | None) -> tuple[int | None, int | None]:
    """The later year and the earlier; no second year where both are the same."""
    if year is None or other is None or year == other:
        return year, None
    return max(year, other), min(year, other)


def _prices(session: Session, text: str) -> PriceBase:
    if not text:
        return price_base(session, None)
    asked = int(text) if re.fullmatch(r"(19|20)\d\d", text) else None
    found = price_base(session, asked)
    if asked is None or found.base_year != asked:
        raise UnknownChoice(fields={"prices": "is not a year of the price index in force"})
    return found


def _scheme(text: str) -> Scheme:
    return Scheme(_one_of("scheme", text or Scheme.QUANTILE.value, {scheme.value: scheme for scheme in Scheme}))


def _class_count(text: str) -> int:
    allowed = {str(count): count for count in range(MINIMUM_CLASSES, MAXIMUM_CLASSES + 1)}
    return allowed[_one_of("classes", text or str(DEFAULT_CLASSES), allowed)]


def _one_of(name: str, text: str, allowed: Mapping[str, Any]) -> str:
    if text not in allowed:
        raise UnknownChoice(fields={name: f"has no value “{text[:40]}”"})
    return text
