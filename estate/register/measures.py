"""What maps and tables can show of an area. A new measure is an entry here: its words, its unit and its formula."""

from collections.abc import Callable
from dataclasses import dataclass

from pandas import DataFrame, Series

from estate.errors import InvalidInput
from estate.register import costs
from estate.register.sums import GROUPS, Group


class UnknownMeasure(InvalidInput):
    """There is no such measure. Choose one from the list on the map page."""


@dataclass(frozen=True)
class Measure:
    """One figure of an area.

    `unit` is how one figure is written: `money`, `money_pence`, `percent`, `m2`, `m2_tenths` or `ratio`. `count` names
    the column with the number of buildings that the figure rests on, a key of `sums.GROUPS`. `definition` says what it
    is, in a sentence for people.
    """

    code: str
    title: str
    unit: str
    unit_text: str
    count: str
    figure: Callable[[DataFrame], Series]
    definition: str
    sources: tuple[str, ...]
    """Where its figures come from: keys of `building_facts.SOURCES`."""
    is_cost: bool = False
    """True where it is of a financial year, and may be estimated."""
    estimated: tuple[str, str] = ("estimated_cost", "cost")
    """Of a cost: the columns with the estimated part and with the whole."""
    is_price: bool = False
    """True where it is an amount that can be told in another year's prices."""
    is_of_today: bool = False
    """True where it rests on who works there now, so that two years can't be compared."""
    needs_population: bool = False

    @property
    def group(self) -> Group:
        """Which buildings it rests on."""
        return GROUPS[self.count]

    def estimated_share(self, frame: DataFrame) -> Series:
        """The part of each area's figure that is estimated, 0 to 1; 0 for what is never an estimate."""
        if not self.is_cost:
            return Series(0.0, index=frame.index)
        return costs.estimated_share(frame, *self.estimated)


MEASURES = {
    measure.code: measure
    for measure in [
        Measure(
            "cost",
            "Running cost",
            "money",
            "£ a year",
            "cost_count",
            costs.running_cost,
            "The sum of all running costs on record for the year, whoever pays them.",
            ("costs",),
            is_cost=True,
            is_price=True,
        ),
        Measure(
            "cost_per_m2",
            "Running cost per m²",
            "money",
            "£ per m² gross internal area, a year",
            "area_count",
            costs.running_cost_per_m2,
            "Running cost divided by gross internal area (GIA), over the buildings of which both are known.",
            ("costs",),
            is_cost=True,
            is_price=True,
        ),
        Measure(
            "cost_per_fte",
            "Running cost per FTE",
            "money",
            "£ per full-time equivalent, a year",
            "fte_count",
            costs.running_cost_per_fte,
            "Running cost divided by the staff who work there now (FTE), over the buildings of which both are known.",
            ("costs", "staff"),
            is_cost=True,
            is_price=True,
            is_of_today=True,
        ),
        Measure(
            "cost_per_head",
            "Running cost per head",
            "money_pence",
            "£ per resident, a year",
            "cost_count",
            costs.running_cost_per_head,
            "Running cost on record divided by the area's population.",
            ("costs",),
            is_cost=True,
            is_price=True,
            needs_population=True,
        ),
        Measure(
            "cost_against_budget",
            "Running cost as a share of budget",
            "percent",
            "% of the budget agreed for the same costs",
            "budget_count",
            costs.cost_against_budget,
            "Running cost divided by the budget that agencies agreed for it, over the lines (building, payer and "
            "category of cost) of which both are known.",
            ("costs", "budget"),
            is_cost=True,
        ),
        Measure(
            "occupancy",
            "Occupancy",
            "percent",
            "average people present, % of capacity",
            "occupancy_count",
            costs.occupancy,
            "Average number of people present divided by the capacity that was counted with them, by each building's "
            "latest count up to the end of the year. Capacities that a building's page works out are not in it.",
            ("count",),
        ),
        Measure(
            "utilisation",
            "Utilisation",
            "percent",
            "frequency × occupancy, % of capacity in all hours available",
            "utilisation_count",
            costs.utilisation,
            "Hours used over hours available, times average people over capacity, by each building's latest count of "
            "which all four are known, up to the end of the year; large buildings weigh more.",
            ("use",),
        ),
        Measure(
            "vacant_m2",
            "Vacant floor area",
            "m2",
            "m²",
            "vacant_count",
            costs.vacant_m2,
            "Vacant floor area by each building's latest observation up to the end of the year, without estimates.",
            ("vacant",),
        ),
        Measure(
            "m2_per_fte",
            "Floor area per FTE",
            "m2_tenths",
            "m² net internal area per full-time equivalent",
            "space_count",
            costs.m2_per_fte,
            "Net internal area divided by the staff who work there now (FTE), over the buildings of which both are "
            "known.",
            ("staff",),
            is_of_today=True,
        ),
        Measure(
            "desks_per_fte",
            "Desks per FTE",
            "ratio",
            "workstations per full-time equivalent",
            "desk_count",
            costs.desks_per_fte,
            "Workstations divided by the staff who work there now (FTE), over the buildings of which both are known.",
            ("staff",),
            is_of_today=True,
        ),
        Measure(
            "condition",
            "Floor area in condition A or B",
            "percent",
            "% of the gross internal area that was graded",
            "condition_count",
            costs.satisfactory_share,
            "Part of the floor area graded A (good) or B (satisfactory), by each building's latest survey up to the "
            "end of the year.",
            ("condition",),
        ),
        Measure(
            "backlog",
            "Backlog maintenance",
            "money",
            "£ to bring buildings to condition B",
            "backlog_count",
            costs.backlog,
            "Cost of bringing buildings to condition B, by each building's latest survey up to the end of the year, in "
            "the money of that survey.",
            ("backlog",),
        ),
        Measure(
            "backlog_per_m2",
            "Backlog maintenance per m²",
            "money",
            "£ per m² gross internal area",
            "backlog_area_count",
            costs.backlog_per_m2,
            "Backlog by each building's latest survey up to the end of the year, divided by gross internal area, over "
            "the buildings of which both are known.",
            ("backlog",),
        ),
        Measure(
            "energy_per_m2",
            "Energy cost per m²",
            "money_pence",
            "£ per m² gross internal area, a year",
            "energy_count",
            costs.energy_cost_per_m2,
            "Running cost of the category energy divided by gross internal area, over the buildings of which both are "
            "known.",
            ("costs",),
            is_cost=True,
            estimated=("energy_estimated", "energy_cost"),
            is_price=True,
        ),
        Measure(
            "energy_rating",
            "Floor area with an energy certificate of D or better",
            "percent",
            "% of the gross internal area with a display energy certificate",
            "rating_count",
            costs.typical_energy_share,
            "Part of the floor area with a display energy certificate valid in the year whose band is D or better, "
            "which is typical for the kind of building or better. Buildings without one count as unknown.",
            ("rating",),
        ),
    ]
}
DEFAULT_MEASURE = "cost"


def get_measure(code: str) -> Measure:
    """The measure `code`; raises `UnknownMeasure`."""
    if code not in MEASURES:
        raise UnknownMeasure(fields={"measure": f"has no value “{code[:40]}”"})
    return MEASURES[code]
