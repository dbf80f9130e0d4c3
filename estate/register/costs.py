"""Figures of areas and buildings, pure: sums in, ratios out. Unknown is NaN, never 0.

The frames come from `frames.area_statistics`, one row an area. Each pair of sums is over the same buildings: those of
which both are known. So no ratio divides the cost of all buildings by the floor area of some.
"""

import math

import numpy as np
from pandas import DataFrame, Series

SUMS = (
    "building_count",
    "cost_count",
    "area_count",
    "fte_count",
    "occupancy_count",
    "vacant_count",
    "cost",
    "estimated_cost",
    "area_cost",
    "area_m2",
    "fte_cost",
    "fte",
    "people",
    "capacity",
    "vacant_m2",
)
"""Columns of area statistics that add up over areas. The sums after the counts are NaN where nothing is known."""


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


def vacant_m2(frame: DataFrame) -> Series:
    """Vacant floor area, m2, where it was observed. Needs `vacant_m2`."""
    return frame["vacant_m2"].astype(float)


def estimated_share(frame: DataFrame) -> Series:
    """The part of the running cost that is estimated, 0 to 1; NaN without a cost. Needs `estimated_cost`, `cost`."""
    cost = frame["cost"].astype(float)
    share = frame["estimated_cost"].astype(float).fillna(0) / cost.where(cost > 0)
    return share.where(cost != 0, np.where(frame["estimated_cost"].notna(), 1.0, 0.0)).where(cost.notna())


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
