"""Greenhouse gases of a building from its display energy certificate, in tonnes of carbon dioxide equivalent a year.

A certificate's operational rating compares a building with the typical one of its use, which is rated 100. So use of
energy is estimated as the typical use x rating / 100 x floor area, and turned into emissions by dated conversion
factors. It is an estimate: a band is only as precise as its middle. Sources: CIBSE TM46:2008 (typical use), TM47
(rating), DESNZ conversion factors. Unknown stays unknown.
"""

import math
from dataclasses import dataclass

from estate.appraise.errors import CostInvalid

KWH_PER_MWH = 1000.0
KG_PER_TONNE = 1000.0


@dataclass(frozen=True)
class EnergyUse:
    """Typical use of energy of one kind of building, kWh per m2 of gross internal area a year."""

    electricity_kwh_per_m2: float
    heat_kwh_per_m2: float


@dataclass(frozen=True)
class Factors:
    """Emissions of energy in one year, kg CO2e per MWh; heat is taken as natural gas."""

    electricity_kg_per_mwh: float
    gas_kg_per_mwh: float


def tonnes_per_year(*, rating: float, gross_m2: float, typical: EnergyUse, factors: Factors) -> float:
    """Emissions of a building. Every figure must be 0 or more, and finite."""
    kilograms = (
        typical.electricity_kwh_per_m2 * factors.electricity_kg_per_mwh
        + typical.heat_kwh_per_m2 * factors.gas_kg_per_mwh
    )
    if not all(math.isfinite(figure) and figure >= 0 for figure in (rating, gross_m2, kilograms)):
        raise CostInvalid
    return kilograms * rating / 100 * gross_m2 / KWH_PER_MWH / KG_PER_TONNE


def added_tonnes_per_year(
    *, host_tonnes: float, host_capacity_m2: float, need_m2: float, marginal_share: float
) -> float:
    """What teams that move in add to their host: the marginal share of its emissions for each m2, as with its cost."""
    if host_capacity_m2 <= 0:
        raise CostInvalid
    return host_tonnes / host_capacity_m2 * need_m2 * marginal_share
