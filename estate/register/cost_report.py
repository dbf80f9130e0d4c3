"""Budget against actual, by building, payer, owner, area or category: sums of what is known, and how much is not.

A variance is over the lines (building, payer, category) of which both figures are known. So no variance sets the cost
of all buildings against the budget of some.
"""

import enum
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Subquery, func, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from estate.gis.models import Area, BoundaryLevel
from estate.people.models import Agency
from estate.register.cost_lines import CostFilters, cost_lines
from estate.register.models import Building, BuildingArea, CostCategory, PlannedCost, RunningCost
from estate.register.shown import shown

PAGE_SIZE = 50
SORTS = ("name", "actual", "budget", "forecast", "variance")
MONEY = ("actual", "budget", "forecast", "compared_actual", "compared_budget")


class Grouping(enum.Enum):
    """What one row of the report is."""

    CATEGORY = "category"
    PAYER = "payer"
    OWNER = "owner"
    """The agency that answers for the building's record."""
    AREA = "area"
    BUILDING = "building"


@dataclass(frozen=True)
class CostRow:
    """Sums over some lines. GBP; None where no line has the figure."""

    key: Any
    """Code or id of the group; None: outside every area, or the total."""
    name: str | None
    actual: Decimal | None
    budget: Decimal | None
    forecast: Decimal | None
    compared_actual: Decimal | None
    compared_budget: Decimal | None
    """Both over the lines with both figures."""
    line_count: int
    compared_count: int
    without_budget_count: int
    without_actual_count: int
    """Lines with a budget and no actual."""
    open_count: int
    """Lines left out, because a year that they need is unknown."""
    is_estimate: bool
    is_apportioned: bool

    @property
    def variance(self) -> Decimal | None:
        """Actual less budget: above 0 where more was spent. None where no line has both."""
        if self.compared_actual is None or self.compared_budget is None:
            return None
        return self.compared_actual - self.compared_budget

    @property
    def variance_ratio(self) -> Decimal | None:
        """The variance as a part of the budget it is compared with; None also for a budget of 0."""
        return self.variance / self.compared_budget if self.variance is not None and self.compared_budget else None

    def at_prices(self, factor: Decimal | None) -> "CostRow":
        """The same row with each amount multiplied by `factor`; None makes them unknown."""
        amounts: dict[str, Any] = {name: getattr(self, name) for name in MONEY}
        for name, value in amounts.items():
            amounts[name] = None if value is None or factor is None else value * factor
        return replace(self, **amounts)


@dataclass(frozen=True)
class CostReport:
    """One page of rows, and the row of all."""

    rows: list[CostRow]
    total: CostRow
    count: int
    page: int
    page_count: int

    def at_prices(self, factor: Decimal | None) -> "CostReport":
        """The same report with each amount multiplied by `factor`; None makes them unknown."""
        return replace(self, rows=[row.at_prices(factor) for row in self.rows], total=self.total.at_prices(factor))


def list_years(session: Session) -> list[int]:
    """Financial years with any actual, budget or forecast, newest first."""
    years = select(RunningCost.year_start).union(select(PlannedCost.year_start)).subquery()
    return list(session.scalars(select(years.c.year_start).order_by(years.c.year_start.desc())))


def list_categories(session: Session) -> list[CostCategory]:
    """Every category, in its order."""
    return list(session.scalars(select(CostCategory).order_by(CostCategory.sort)))


def cost_report(
    session: Session,
    year_start: int,
    filters: CostFilters,
    grouping: Grouping,
    *,
    level: BoundaryLevel | None = None,
    sort: str = "name",
    page: int = 1,
    page_size: int | None = PAGE_SIZE,
) -> CostReport:
    """The report on one financial year. `level` is needed where it is grouped by area.

    `sort` is one of `SORTS`, with a minus for descending; unknown comes last. `page_size` None gives all in one page.
    """
    lines = cost_lines(year_start, filters)
    total = _row(session.execute(select(literal(None), literal(None), *_sums(lines))).one())
    query, key = _grouped(lines, grouping, level)
    count = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    page_count = max(1, -(-count // page_size)) if page_size else 1
    page = min(max(page, 1), page_count)
    query = query.order_by(*_order(query, sort, grouping, key))
    if page_size:
        query = query.limit(page_size).offset((page - 1) * page_size)
    return CostReport([_row(found) for found in session.execute(query)], total, count, page, page_count)


def _grouped(lines: Subquery, grouping: Grouping, level: BoundaryLevel | None) -> tuple[Select[Any], Any]:
    """The query for rows of a grouping, and what it is ordered by where it is ordered by name."""
    sums = _sums(lines)
    if grouping is Grouping.CATEGORY:
        query = select(CostCategory.code, CostCategory.name, *sums)
        query = query.join(CostCategory, CostCategory.code == lines.c.category_code)
        return query.group_by(CostCategory.code), CostCategory.sort
    if grouping is Grouping.PAYER:
        query = select(Agency.id, Agency.name, *sums).join(Agency, Agency.id == lines.c.agency_id)
        return query.group_by(Agency.id), func.lower(Agency.name)
    building = select(Building.id, shown(Building.name).label("name"), Building.agency_id).subquery("building_of_line")
    joined = lines.join(building, building.c.id == lines.c.building_id)
    if grouping is Grouping.OWNER:
        query = select(Agency.id, Agency.name, *sums).select_from(joined)
        return query.join(Agency, Agency.id == building.c.agency_id).group_by(Agency.id), func.lower(Agency.name)
    if grouping is Grouping.BUILDING:
        query = select(building.c.id, building.c.name, *sums).select_from(joined)
        return query.group_by(building.c.id, building.c.name), func.lower(building.c.name)
    inside = (
        select(BuildingArea.building_id, Area.id, Area.name)
        .join(Area, Area.id == BuildingArea.area_id)
        .where(Area.level_code == (level.code if level else ""), Area.valid_until.is_(None))
        .subquery("inside")
    )
    query = select(inside.c.id, inside.c.name, *sums).select_from(lines)
    query = query.outerjoin(inside, inside.c.building_id == lines.c.building_id)
    return query.group_by(inside.c.id, inside.c.name), func.lower(inside.c.name)


def _sums(lines: Subquery) -> list[ColumnElement[Any]]:
    """The columns of a `CostRow` after its key and name."""
    actual, budget = lines.c.actual, lines.c.budget
    both = actual.is_not(None) & budget.is_not(None)
    some = func.coalesce(actual, budget, lines.c.forecast).is_not(None)
    return [
        func.sum(actual).label("actual"),
        func.sum(budget).label("budget"),
        func.sum(lines.c.forecast).label("forecast"),
        func.sum(actual).filter(both).label("compared_actual"),
        func.sum(budget).filter(both).label("compared_budget"),
        func.count().filter(some).label("line_count"),
        func.count().filter(both).label("compared_count"),
        func.count().filter(actual.is_not(None), budget.is_(None)).label("without_budget_count"),
        func.count().filter(actual.is_(None), budget.is_not(None)).label("without_actual_count"),
        func.count().filter(lines.c.is_open).label("open_count"),
        func.coalesce(func.bool_or(lines.c.is_estimate), False).label("is_estimate"),
        func.coalesce(func.bool_or(lines.c.is_apportioned), False).label("is_apportioned"),
    ]


def _order(query: Select[Any], sort: str, grouping: Grouping, key: Any) -> list[ColumnElement[Any]]:
    name = sort.removeprefix("-")
    columns = {column.key: column for column in query.selected_columns if column.key in MONEY}
    chosen: Any = key
    if name == "variance":
        chosen = columns["compared_actual"] - columns["compared_budget"]
    elif name in columns:
        chosen = columns[name]
    direction = chosen.desc() if sort.startswith("-") else chosen.asc()
    return [direction.nulls_last(), key.asc().nulls_last(), *([query.selected_columns[0]] if grouping else [])]


def _row(found: Any) -> CostRow:
    return CostRow(*found)
