"""Condition, energy ratings, valuations and head counts of the demo's buildings. Pure: buildings in, rows out."""

from datetime import date, timedelta
from typing import Any

from estate.register.demo.buildings import DemoBuilding
from estate.register.demo.profiles import Profiles
from estate.register.demo.teams import DemoTeam
from estate.register.models import EnergyKind, OccupancyMethod, Tenure

Row = dict[str, Any]
BACKLOG_M2 = {"A": (0, 6), "B": (10, 70), "C": (120, 420), "D": (450, 1100)}
"""Backlog maintenance in GBP per m2 GIA, lowest and highest, by condition."""
NOT_COUNTED = ("dwelling", "car_park", "storage", "other")


def demo_conditions(profiles: Profiles, buildings: list[DemoBuilding]) -> list[tuple[DemoBuilding, Row]]:
    """A condition survey for most buildings: older ones fare worse."""
    rows = []
    for building in buildings:
        dice = profiles.dice("condition", building.site.number)
        if "condition" in building.unknown:
            continue
        age = (2025 - building.built_year) / 100
        grade = dice.choices("ABCD", [max(0.05, 0.45 - age * 0.4), 0.5, 0.12 + age * 0.3, 0.02 + age * 0.08])[0]
        low, high = BACKLOG_M2[grade]
        backlog = round(building.gia_m2 * dice.uniform(low, high), -2) if dice.random() < 0.8 else None
        surveyed_on = profiles.as_of - timedelta(days=dice.randint(60, 1900))
        rows.append((building, {"surveyed_on": surveyed_on, "grade": grade, "backlog_cost": backlog}))
    return rows


def demo_energy_ratings(profiles: Profiles, buildings: list[DemoBuilding]) -> list[tuple[DemoBuilding, Row]]:
    """Display certificates of larger buildings with visitors, performance certificates of some others."""
    rows = []
    for building in buildings:
        dice = profiles.dice("energy", building.site.number)
        is_display = building.gia_m2 > 250 and profiles.use[building.site.use].counter >= 0.4 and dice.random() < 0.7
        if not is_display and dice.random() > 0.2:
            continue
        newness = max(0.0, (building.built_year - 1960) / 60)
        band = dice.choices("ABCDEFG", [1 + 4 * newness, 4 + 10 * newness, 15 + 15 * newness, 30, 24, 14, 12])[0]
        years = 1 if is_display and building.gia_m2 > 1000 else 10
        rated_on = profiles.as_of - timedelta(days=dice.randint(20, 364 if years == 1 else 3000))
        kind = EnergyKind.DEC if is_display else EnergyKind.EPC
        expires_on = rated_on + timedelta(days=365 * years)
        rows.append((building, {"kind": kind, "band": band, "rated_on": rated_on, "expires_on": expires_on}))
    return rows


def demo_valuations(profiles: Profiles, buildings: list[DemoBuilding]) -> list[tuple[DemoBuilding, Row]]:
    """A value for two in three freeholds."""
    rows = []
    for building in buildings:
        dice = profiles.dice("valuation", building.site.number)
        if building.tenure is not Tenure.FREEHOLD or dice.random() > 0.66:
            continue
        rate = dice.uniform(450, 1500) * min(1.6, max(0.4, profiles.use[building.site.use].cost_factor))
        valued_on = date(profiles.as_of.year - dice.randint(0, 4), 3, 31)
        amount = round(building.gia_m2 * rate, -3)
        rows.append((building, {"valued_on": valued_on, "amount": amount, "basis": "existing use value"}))
    return rows


def demo_observations(
    profiles: Profiles, buildings: list[DemoBuilding], teams: list[DemoTeam]
) -> list[tuple[DemoBuilding, Row]]:
    """Head counts of nearly half the buildings, one or two each, by methods that differ."""
    fte: dict[int, float] = {}
    for team in teams:
        fte[team.building.site.number] = fte.get(team.building.site.number, 0.0) + team.fte
    rows = []
    for building in buildings:
        dice = profiles.dice("occupancy", building.site.number)
        people = fte.get(building.site.number, 0.0)
        if "occupancy" in building.unknown or building.site.use in NOT_COUNTED or not people:
            continue
        method = dice.choices(list(OccupancyMethod), [30, 25, 15, 10, 20])[0]
        capacity = max(3, round(max(people * dice.uniform(0.9, 1.4), building.nia_m2 / 40)))
        presence = dice.betavariate(5, 5)
        for year in (2023, 2024) if dice.random() < 0.35 else (2024,):
            average = round(min(capacity, people * presence * dice.uniform(0.9, 1.1)), 1)
            peak = round(max(average, min(capacity * 1.1, average * dice.uniform(1.1, 1.7))), 1)
            row = {"observed_on": date(year, dice.randint(9, 11), dice.randint(1, 30)), "method": method}
            vacant_m2 = round(building.nia_m2 * dice.betavariate(1.5, 7))
            rows.append(
                (building, row | {"capacity": capacity, "peak": peak, "average": average, "vacant_m2": vacant_m2})
            )
        rows += [(building, row) for row in _further_counts(profiles, building, rows[-1][1])]
    return [(building, UNTIMED | row) for building, row in rows]


UNTIMED: Row = {"period_start_on": None, "hours_available": None, "hours_used": None}


def _further_counts(profiles: Profiles, building: DemoBuilding, newest: Row) -> list[Row]:
    """Of one building in four: the newest count's hours, two more in its year, and one by another way of counting.

    The last has neither capacity nor vacant space, so that both are worked out.
    """
    dice = profiles.dice("further counts", building.site.number)
    if dice.random() > 0.25:
        return []
    rows = []
    for weeks in (0, 13, 26):
        ends_on = newest["observed_on"] - timedelta(weeks=weeks)
        hours = {"hours_available": 200.0, "hours_used": float(dice.randint(90, 195))}
        period = {"period_start_on": ends_on - timedelta(days=27), **hours}
        if not weeks:
            newest |= period
            continue
        average = round(newest["average"] * dice.uniform(0.75, 1.0), 1)
        figures = {"capacity": newest["capacity"], "peak": newest["peak"], "average": average, "vacant_m2": None}
        rows.append({**newest, "observed_on": ends_on, **period, **figures})
    other = OccupancyMethod.SURVEY if newest["method"] is not OccupancyMethod.SURVEY else OccupancyMethod.HEAD_COUNT
    figures = {"capacity": None, "peak": newest["peak"], "average": newest["average"], "vacant_m2": None}
    rows.append({**UNTIMED, "observed_on": newest["observed_on"] - timedelta(days=10), "method": other, **figures})
    return rows
