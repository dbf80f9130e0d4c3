"""Figures of areas and buildings, pure: sums in, ratios out. Unknown is NaN, never 0.

The frames come from `frames.area_statistics`, one row an area. Each pair of sums is over the same buildings: those of
which both are known. So no ratio divides the cost of all buildings by the floor area of some.
"""

import math

import numpy as np
from pandas import DataFrame, Series

from estate.register.sums import SUMS


def ratio(above: Series, below: Series) -> Series:
    """`above / below`, row by row; NaN where either is unknown or `below` is 0."""
    divisor = below.astype(float)
    return above.astype(float) / divisor.where(divisor > 0)


def running_cost(frame: DataFrame) -> Series:
    """Running cost in the year, GBP: the sum of what is on record. Needs `cost`."""
    return frame["cost"].astype(float)


def running_cost_per_m2(frame: DataFrame) -> Series:
    """Running cost per square metre of gross internal area, GBP per m2 and year.

    Needs `area_cost` and `area_m2`: cost and area of the buildings of which both are known. Source: NaPPMI indicators.
    """
    return ratio(frame["area_cost"], frame["area_m2"])


def running_cost_per_fte(frame: DataFrame) -> Series:
    """Running cost per full-time equivalent who works there, GBP per FTE and year.

    Needs `fte_cost` and `fte`: cost and staff of the buildings of which both are known.
    """
    return ratio(frame["fte_cost"], frame["fte"])


def running_cost_per_head(frame: DataFrame) -> Series:
    """Running cost per resident of the area, GBP per head and year. Needs `cost` and `population`."""
    return ratio(frame["cost"], frame["population"])


def occupancy(frame: DataFrame) -> Series:
    """Average number of people present over capacity, a ratio. Needs `people` and `capacity`. Source: SMG 2006/38."""
    return ratio(frame["people"], frame["capacity"])


def utilisation(frame: DataFrame) -> Series:
    """Frequency x occupancy: people in the hours used, over capacity in all hours available, a ratio.

    Needs `used_people` and `used_capacity`. Source: SMG 2006/38.
    """
    return ratio(frame["used_people"], frame["used_capacity"])


def vacant_m2(frame: DataFrame) -> Series:
    """Vacant floor area, m2, where it was observed. Needs `vacant_m2`."""
    return frame["vacant_m2"].astype(float)


def cost_against_budget(frame: DataFrame) -> Series:
    """Running cost over the budget agreed for it, a ratio. Needs `budget_cost` and `budget`, over the same lines."""
    return ratio(frame["budget_cost"], frame["budget"])


def energy_cost_per_m2(frame: DataFrame) -> Series:
    """Cost of energy per square metre of gross internal area, GBP per m2 and year. Needs `energy_cost`, `energy_m2`."""
    return ratio(frame["energy_cost"], frame["energy_m2"])


def m2_per_fte(frame: DataFrame) -> Series:
    """Net internal area per full-time equivalent, m2. Needs `space_m2` and `space_fte`. Source: NaPPMI indicators."""
    return ratio(frame["space_m2"], frame["space_fte"])


def desks_per_fte(frame: DataFrame) -> Series:
    """Workstations per full-time equivalent. Needs `desks` and `desk_fte`. Source: NaPPMI indicators."""
    return ratio(frame["desks"], frame["desk_fte"])


def satisfactory_share(frame: DataFrame) -> Series:
    """Part of the graded floor area in condition A or B, a ratio. Needs `satisfactory_m2` and `graded_m2`."""
    return ratio(frame["satisfactory_m2"], frame["graded_m2"])


def backlog(frame: DataFrame) -> Series:
    """Cost of bringing the surveyed buildings to condition B, GBP. Needs `backlog_cost`."""
    return frame["backlog_cost"].astype(float)


def backlog_per_m2(frame: DataFrame) -> Series:
    """Backlog per square metre of gross internal area, GBP per m2. Needs `backlog_area_cost` and `backlog_m2`."""
    return ratio(frame["backlog_area_cost"], frame["backlog_m2"])


def typical_energy_share(frame: DataFrame) -> Series:
    """Part of the rated floor area with a display energy certificate of D or better. Needs `typical_m2`, `rated_m2`."""
    return ratio(frame["typical_m2"], frame["rated_m2"])


def estimated_share(frame: DataFrame, part: str = "estimated_cost", whole: str = "cost") -> Series:
    """The part of the cost that is estimated, 0 to 1; NaN without a cost."""
    cost = frame[whole].astype(float)
    share = frame[part].astype(float).fillna(0) / cost.where(cost > 0)
    return share.where(cost != 0, np.where(frame[part].notna(), 1.0, 0.0)).where(cost.notna())


def totals(frame: DataFrame) -> DataFrame:
    """One row: the areas of `frame` taken together.

    Sums are exact to the penny and NaN where no area has one; `population` is NaN unless it is known of every area.
    """
    row = {column: _exact_sum(frame[column]) for column in SUMS}
    population = frame["population"].astype(float)
    row["population"] = float(population.sum()) if len(frame) and population.notna().all() else math.nan
    return DataFrame([row])


def _exact_sum(column: Series) -> float:
    known = column.dropna()
    return round(math.fsum(known.astype(float)), 2) if len(known) else math.nan
