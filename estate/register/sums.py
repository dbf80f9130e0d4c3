"""What is added up over the buildings of an area: rows of data. Each sum is over the buildings of which all is known.

So no ratio divides the cost of all buildings by the floor area of some, and each group says how many it rests on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FLOOR = "gross_internal_area_m2"


@dataclass(frozen=True)
class Group:
    """Sums over the same buildings.

    `known`: columns of `building_facts` that must all be known. `sums`: the name of each sum, and the columns whose
    product is added up. `on`: the column with the day of the observation behind them; empty for what is of a year.
    """

    count: str
    """The name of the number of buildings that count."""
    known: tuple[str, ...]
    sums: Mapping[str, tuple[str, ...]]
    on: str = ""


GROUPS = {
    group.count: group
    for group in [
        Group("cost_count", ("annual_cost",), {"cost": ("annual_cost",), "estimated_cost": ("estimated_cost",)}),
        Group("area_count", ("annual_cost", FLOOR), {"area_cost": ("annual_cost",), "area_m2": (FLOOR,)}),
        Group("fte_count", ("annual_cost", "fte"), {"fte_cost": ("annual_cost",), "fte": ("fte",)}),
        Group("budget_count", ("budget",), {"budget_cost": ("budgeted_cost",), "budget": ("budget",)}),
        Group(
            "energy_count",
            ("energy_cost", FLOOR),
            {"energy_cost": ("energy_cost",), "energy_estimated": ("energy_estimated",), "energy_m2": (FLOOR,)},
        ),
        Group("occupancy_count", ("people",), {"people": ("people",), "capacity": ("capacity",)}, on="counted_on"),
        Group(
            "utilisation_count",
            ("used_people",),
            {"used_people": ("used_people",), "used_capacity": ("used_capacity",)},
            on="used_on",
        ),
        Group("vacant_count", ("vacant_m2",), {"vacant_m2": ("vacant_m2",)}, on="vacant_on"),
        Group(
            "space_count",
            ("net_internal_area_m2", "fte"),
            {"space_m2": ("net_internal_area_m2",), "space_fte": ("fte",)},
        ),
        Group("desk_count", ("workstations", "fte"), {"desks": ("workstations",), "desk_fte": ("fte",)}),
        Group(
            "condition_count",
            ("is_satisfactory", FLOOR),
            {"graded_m2": (FLOOR,), "satisfactory_m2": ("is_satisfactory", FLOOR)},
            on="graded_on",
        ),
        Group("backlog_count", ("backlog_cost",), {"backlog_cost": ("backlog_cost",)}, on="backlog_on"),
        Group(
            "backlog_area_count",
            ("backlog_cost", FLOOR),
            {"backlog_area_cost": ("backlog_cost",), "backlog_m2": (FLOOR,)},
            on="backlog_on",
        ),
        Group(
            "rating_count",
            ("is_typical_or_better", FLOOR),
            {"rated_m2": (FLOOR,), "typical_m2": ("is_typical_or_better", FLOOR)},
            on="rated_on",
        ),
    ]
}
"""By the name of the count."""

SUMS = ("building_count", *GROUPS, *(name for group in GROUPS.values() for name in group.sums))
"""Columns of area statistics that add up over areas. The sums after the counts are NaN where nothing is known."""
