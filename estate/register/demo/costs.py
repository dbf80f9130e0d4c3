"""What the demo's buildings cost to run, by category and financial year. Pure: buildings in, rows out."""

from dataclasses import dataclass

from estate.register.demo.buildings import DemoBuilding
from estate.register.demo.profiles import Profiles
from estate.register.models import Tenure

EMPTY_SHARES = {
    "energy": 0.25,
    "water": 0.1,
    "cleaning": 0.0,
    "soft_fm": 0.0,
    "security": 1.6,
    "reactive": 0.5,
    "hard_fm": 0.4,
}
"""Share of the usual cost that an empty building still has."""
PFI_COVERED = ("hard_fm", "reactive", "cleaning", "soft_fm", "insurance")
"""Paid through the unitary charge."""
UNITARY_FACTOR = 2.1
"""A unitary charge covers what it replaces, and the building's finance."""
ESTIMATE_SHARE = 0.05


@dataclass(frozen=True)
class DemoCost:
    """One amount."""

    building: DemoBuilding
    category_code: str
    year_start: int
    amount: float
    is_estimate: bool


def demo_costs(profiles: Profiles, buildings: list[DemoBuilding]) -> list[DemoCost]:
    """Costs of every year in `profiles.year_starts`; some buildings lack a year, some lack all."""
    costs: list[DemoCost] = []
    for building in buildings:
        if "cost_all" not in building.unknown:
            costs += _costs(profiles, building)
    return costs


def _costs(profiles: Profiles, building: DemoBuilding) -> list[DemoCost]:
    dice = profiles.dice("costs", building.site.number)
    missing_year = dice.choice(profiles.year_starts) if "cost_year" in building.unknown else None
    base = _base_costs(profiles, building)
    costs = []
    for year in profiles.year_starts:
        is_estimate = dice.random() < ESTIMATE_SHARE
        for category, amount in base.items():
            factors = profiles.year_factors.get(category, profiles.year_factors["other"])
            # A rent is what the lease says; other costs move with prices and with the year's weather and luck.
            factor = 1.0 if category == "rent" else factors[str(year)] * dice.lognormvariate(0, 0.06)
            if year != missing_year and amount > 0:
                costs.append(DemoCost(building, category, year, round(amount * factor, 2), is_estimate))
    return costs


def _base_costs(profiles: Profiles, building: DemoBuilding) -> dict[str, float]:
    """Cost by category in 2023-24."""
    profile = profiles.use[building.site.use]
    dice = profiles.dice("base costs", building.site.number)
    level = profile.cost_factor * dice.lognormvariate(0, 0.22)
    age = 1 + max(0, 1990 - building.built_year) / 200
    base = {}
    for category, rate in profiles.cost_rates_m2.items():
        # Small buildings cost more for each square metre: fixed charges weigh more.
        size = max(0.75, min(1.35, (1500 / building.gia_m2) ** 0.08))
        amount = rate * building.gia_m2 * level * size * dice.lognormvariate(0, 0.2)
        if category in ("energy", "hard_fm", "reactive"):
            amount *= age
        base[category] = amount * (EMPTY_SHARES.get(category, 1.0) if building.is_empty else 1.0)
    if building.tenure is Tenure.PFI:
        base["unitary_charge"] = UNITARY_FACTOR * sum(base.pop(category) for category in PFI_COVERED)
    if building.rent_per_year is not None:
        base["rent"] = building.rent_per_year * dice.choice([1.0, 1.06, 1.1, 1.15])
    return base
