"""What maps and tables can show of an area. A new measure is an entry here: its words, its unit and its formula."""

from collections.abc import Callable
from dataclasses import dataclass

from pandas import DataFrame, Series

from estate.errors import InvalidInput
from estate.register import costs


class UnknownMeasure(InvalidInput):
    """There is no such measure. Choose one from the list on the map page."""


@dataclass(frozen=True)
class Measure:
    """One figure of an area.

    `unit` is how one figure is written: `money`, `money_pence`, `percent` or `m2`. `count` names the column with the
    number of buildings that the figure rests on. `definition` says what it is, in a sentence for people.
    """

    code: str
    title: str
    unit: str
    unit_text: str
    count: str
    figure: Callable[[DataFrame], Series]
    definition: str
    is_cost: bool = True
    """True where it is of a financial year, and may be estimated."""
    needs_population: bool = False


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
        ),
        Measure(
            "cost_per_m2",
            "Running cost per m²",
            "money",
            "£ per m² gross internal area, a year",
            "area_count",
            costs.running_cost_per_m2,
            "Running cost divided by gross internal area (GIA), over the buildings of which both are known.",
        ),
        Measure(
            "cost_per_fte",
            "Running cost per FTE",
            "money",
            "£ per full-time equivalent, a year",
            "fte_count",
            costs.running_cost_per_fte,
            "Running cost divided by the staff who work there now (FTE), over the buildings of which both are known.",
        ),
        Measure(
            "cost_per_head",
            "Running cost per head",
            "money_pence",
            "£ per resident, a year",
            "cost_count",
            costs.running_cost_per_head,
            "Running cost on record divided by the area's population.",
            needs_population=True,
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
            is_cost=False,
        ),
        Measure(
            "vacant_m2",
            "Vacant floor area",
            "m2",
            "m²",
            "vacant_count",
            costs.vacant_m2,
            "Vacant floor area by each building's latest observation up to the end of the year, without estimates.",
            is_cost=False,
        ),
    ]
}
DEFAULT_MEASURE = "cost"


def get_measure(code: str) -> Measure:
    """The measure `code`; raises `UnknownMeasure`."""
    if code not in MEASURES:
        raise UnknownMeasure(fields={"measure": f"has no value “{code[:40]}”"})
    return MEASURES[code]
