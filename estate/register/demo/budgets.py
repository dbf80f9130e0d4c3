"""What the demo's agencies meant to pay: budgets of the newest year, and forecasts of energy. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from estate.register.demo.costs import DemoCost
from estate.register.demo.profiles import Profiles

BUDGETED_SHARE = 0.8
GROWTH = 1.03
"""A budget is the year before and a little more, in whole hundreds."""
FORECAST_CATEGORY = "energy"


@dataclass(frozen=True)
class DemoBudget:
    """One amount, for the building, category and year of `cost`."""

    cost: DemoCost
    kind: str
    amount: float


def demo_budgets(profiles: Profiles, costs: list[DemoCost]) -> Iterator[DemoBudget]:
    """Budgets of most buildings for the newest year; without the year before, nobody made one."""
    newest = max(profiles.year_starts)
    before = {
        (cost.building.site.number, cost.category_code): cost.amount for cost in costs if cost.year_start == newest - 1
    }
    for cost in costs:
        number, category = cost.building.site.number, cost.category_code
        last = before.get((number, category))
        if cost.year_start != newest or last is None:
            continue
        if profiles.dice("budget", number).random() > BUDGETED_SHARE:
            continue
        yield DemoBudget(cost, "budget", round(last * GROWTH, -2))
        if category == FORECAST_CATEGORY:
            yield DemoBudget(cost, "forecast", round((cost.amount + last * GROWTH) / 2, -2))
