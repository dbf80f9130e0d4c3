"""One building's costs in depth, gathered for its page."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.register.allocation import Allocation, Method
from estate.register.cost_lines import CostFilters
from estate.register.cost_report import CostReport, CostRow, Grouping, cost_report
from estate.register.cost_shares import Shares, cost_shares
from estate.register.matches.members import members_of, shown_buildings
from estate.register.models import Building, PlannedCost
from estate.register.price_releases import PriceBase

YEARS_SHOWN = 6


@dataclass(frozen=True)
class BuildingCosts:
    """What the page shows; amounts are GBP in the prices asked for."""

    building: Building
    report: CostReport | None
    """By category, of the year asked for; None where no cost of any building is known."""
    by_year: list[tuple[int, CostRow]]
    """The newest years with anything of this building, oldest first."""
    plans: list[PlannedCost]
    """Each budget and forecast of the year asked for, in that year's own money."""
    shares: Shares | None

    @property
    def allocation(self) -> Allocation | None:
        """How the year's cost is shared out; None without a cost."""
        return self.shares.details.get(self.building.id) if self.shares else None


def building_costs(
    session: Session, building: Building, year_start: int | None, years: list[int], method: Method, prices: PriceBase
) -> BuildingCosts:
    """The costs of `building`, by all its records. `years` are those with any cost in the register."""
    filters = CostFilters(building_id=building.id)
    shown = shown_buildings(session, [building])[0]
    if year_start is None:
        return BuildingCosts(shown, None, [], [], None)
    factor = prices.factor(year_start)
    report = cost_report(session, year_start, filters, Grouping.CATEGORY, page_size=None)
    by_year = []
    for year in sorted(years, reverse=True)[:YEARS_SHOWN]:
        row = cost_report(session, year, filters, Grouping.CATEGORY, page_size=None).total
        if row.line_count or row.open_count:
            by_year.append((year, row.at_prices(prices.factor(year))))
    shares = None if factor is None else cost_shares(session, year_start, filters, method, factor)
    return BuildingCosts(shown, report.at_prices(factor), by_year[::-1], _plans(session, building, year_start), shares)


def _plans(session: Session, building: Building, year_start: int) -> list[PlannedCost]:
    ids = [record.id for record in members_of(session, [building.id])[building.id]] or [building.id]
    query = select(PlannedCost).where(PlannedCost.building_id.in_(ids), PlannedCost.year_start == year_start)
    return list(session.scalars(query.order_by(PlannedCost.category_code, PlannedCost.kind, PlannedCost.id)).unique())
