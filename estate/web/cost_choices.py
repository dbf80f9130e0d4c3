"""What the cost pages are asked for in their address: year, grouping, filters, method, and whose money."""

from calendar import month_name
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from estate.gis.models import BoundaryLevel
from estate.register.allocation import Method
from estate.register.cost_lines import CostFilters, list_other_starts, start_month_of
from estate.register.cost_report import SORTS, Grouping, list_categories, list_years
from estate.register.filters import BuildingFilters
from estate.register.price_releases import PriceBase, price_base
from estate.register.queries import cost_year, list_current_areas
from estate.settings import get_settings
from estate.web.building_filters import UnknownFilter, filters_from
from estate.web.filters import financial_year
from estate.web.programmes import current_programme_id

GROUPINGS = {
    Grouping.CATEGORY: "Category",
    Grouping.PAYER: "Who pays",
    Grouping.OWNER: "Agency of the building",
    Grouping.AREA: "Area",
    Grouping.BUILDING: "Building",
}
METHODS = {Method.AREA: "By floor area", Method.HEADS: "By head count (FTE)"}


@dataclass(frozen=True)
class CostChoice:
    """One reading of the costs, and what the page's form offers."""

    year: int | None
    """Start of the financial year; None: no cost is known at all."""
    years: list[int]
    grouping: Grouping
    level: BoundaryLevel | None
    method: Method
    filters: CostFilters
    prices: PriceBase
    sort: str
    arguments: dict[str, Any]
    """The choice as arguments of an address; what is usual is absent."""

    @property
    def is_narrow(self) -> bool:
        """True where a filter is in force."""
        wanted = self.filters
        return bool(wanted.buildings.chosen or wanted.payer_id or wanted.category_code)


def choice_from(session: Session, arguments: Mapping[str, str], *, building_id: int | None = None) -> CostChoice:
    """The choice in a query string: `year by level method area agency class payer category prices sort`.

    Raises `UnknownFilter` for a value that does not exist.
    """
    years = list_years(session)
    year = _whole(arguments, "year", years) or _usual_year(session, years)
    levels = {level.code: level for level in list_current_areas(session, current_programme_id())}
    level = levels.get(_one_of(arguments, "level", levels) or "") or next(iter(list(levels.values())[-1:]), None)
    categories = [category.code for category in list_categories(session)]
    places = filters_from({name: arguments[name] for name in ("area", "agency", "class") if name in arguments})
    payer = filters_from({"agency": arguments.get("payer", "")}).agency_id
    buildings = BuildingFilters(
        agency_id=places.agency_id, area_id=places.area_id, class_code=places.class_code, scope=places.scope
    )
    category = _one_of(arguments, "category", categories)
    base = _whole(arguments, "prices", range(1900, 2101))
    grouping = Grouping(_one_of(arguments, "by", [known.value for known in Grouping]) or Grouping.CATEGORY.value)
    method = Method(_one_of(arguments, "method", [known.value for known in Method]) or Method.AREA.value)
    sort = arguments.get("sort", "name")
    sort = sort if sort.removeprefix("-") in SORTS else "name"
    given = {
        "year": year if arguments.get("year") else None, "by": grouping.value if arguments.get("by") else None,
        "level": level.code if level and arguments.get("level") else None, "area": places.area_id,
        "method": method.value if arguments.get("method") else None, "agency": places.agency_id, "payer": payer,
        "category": category, "class": places.class_code, "prices": base, "sort": sort if sort != "name" else None,
    }  # fmt: skip
    return CostChoice(
        year, years, grouping, level, method, CostFilters(buildings, building_id, payer, category),
        price_base(session, base), sort, {name: value for name, value in given.items() if value is not None},
    )  # fmt: skip


def words_of_choice(session: Session, choice: CostChoice) -> dict[str, Any]:
    """What every cost page says beside its figures: whose money, which years, and what it can be changed to."""
    place_month = get_settings().financial_year_start_month
    return {
        "choice": choice,
        "arguments": choice.arguments,
        "year_choices": [(year, financial_year(year)) for year in choice.years],
        "price_choices": [
            (year, f"Prices of {financial_year(year)}") for year in sorted(choice.prices.values or (), reverse=True)
        ],
        "category_choices": [(category.code, category.name) for category in list_categories(session)],
        "grouping_choices": [(grouping.value, title) for grouping, title in GROUPINGS.items()],
        "method_choices": [(method.value, title) for method, title in METHODS.items()],
        "level_choices": [(level.code, level.name) for level in list_current_areas(session, current_programme_id())],
        "place_month": month_name[place_month],
        "other_starts": [(agency.name, month_name[start_month_of(agency)]) for agency in list_other_starts(session)],
        "title_of_grouping": GROUPINGS[choice.grouping],
        "title_of_method": METHODS[choice.method],
    }


def _usual_year(session: Session, years: list[int]) -> int | None:
    return cost_year(session) or (years[0] if years else None)


def _whole(arguments: Mapping[str, str], name: str, known: Any) -> int | None:
    text = arguments.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) in known):
        raise UnknownFilter(fields={name: f"has no value “{text[:40]}”"})
    return int(text)


def _one_of(arguments: Mapping[str, str], name: str, known: Any) -> str | None:
    text = arguments.get(name, "").strip()
    if text and text not in known:
        raise UnknownFilter(fields={name: f"has no value “{text[:40]}”"})
    return text or None
