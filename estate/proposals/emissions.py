"""The carbon of a plan: what stops in buildings that are emptied, less what their teams add to their hosts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from estate.appraise.carbon import EnergyUse, Factors, added_tonnes_per_year, tonnes_per_year
from estate.optimise import Problem
from estate.proposals.errors import AssumptionMissing
from estate.proposals.reference import Reference
from estate.proposals.stakes import Stake
from estate.proposals.worth import Worth


@dataclass(frozen=True)
class BuildingCarbon:
    """One emptied building; tonnes CO2e a year, None where it cannot be told."""

    building_id: int
    name: str
    band: str | None
    stops: float | None
    adds: float | None
    """In the hosts of its teams; None where one of them cannot be told."""
    reason: str
    """Why it is unknown; empty where it is known."""

    @property
    def saved(self) -> float | None:
        """Stops less adds; None where either is unknown."""
        return None if self.stops is None or self.adds is None else self.stops - self.adds


@dataclass(frozen=True)
class PlanCarbon:
    """All emptied buildings, and the sum of those that are known."""

    buildings: tuple[BuildingCarbon, ...]
    value_per_tonne: float

    @property
    def known(self) -> list[BuildingCarbon]:
        """Those whose saving can be told."""
        return [row for row in self.buildings if row.saved is not None]

    @property
    def saved_per_year(self) -> float | None:
        """Tonnes CO2e a year of those that are known; None where none is."""
        return sum(row.saved or 0.0 for row in self.known) if self.known else None


def carbon_of(
    stakes: Sequence[Stake], worth: Mapping[int, Worth], problem: Problem, reference: Reference
) -> PlanCarbon:
    """The carbon of a plan; a certificate or area that nobody recorded leaves its building unknown."""
    rows = tuple(_building(stake, worth, problem, reference) for stake in stakes if stake.is_emptied)
    return PlanCarbon(rows, reference.figure("carbon_value"))


def _building(stake: Stake, worth: Mapping[int, Worth], problem: Problem, reference: Reference) -> BuildingCarbon:
    own = worth.get(stake.building_id, Worth())
    stops, reason = _tonnes(own, reference)
    adds, share = 0.0, reference.figure("marginal_cost_share")
    for host_id, need_m2 in stake.need_by_host:
        tonnes, why = _tonnes(worth.get(host_id, Worth()), reference)
        capacity = problem.buildings[problem.building_index[str(host_id)]].capacity_m2
        if tonnes is None:
            words = reason or f"of a host, {why}"
            return BuildingCarbon(stake.building_id, stake.name, own.energy_band, stops, None, words)
        adds += added_tonnes_per_year(
            host_tonnes=tonnes, host_capacity_m2=capacity, need_m2=need_m2, marginal_share=share
        )
    return BuildingCarbon(stake.building_id, stake.name, own.energy_band, stops, adds, reason)


def _tonnes(worth: Worth, reference: Reference) -> tuple[float | None, str]:
    """Tonnes CO2e a year, or why they are unknown."""
    if worth.energy_band is None:
        return None, "no display energy certificate is recorded"
    if worth.gross_m2 is None:
        return None, "the gross internal area is not recorded"
    try:
        typical = EnergyUse(
            *(reference.figure(f"typical_{it}_kwh_per_m2", worth.use_code) for it in ("electricity", "heat"))
        )
    except AssumptionMissing:
        return None, "there is no typical energy use for its use"
    band = worth.energy_band.lower().rstrip("+")
    factors = Factors(reference.figure("carbon_electricity"), reference.figure("carbon_gas"))
    rating = reference.figure(f"dec_rating_{band}")
    return tonnes_per_year(rating=rating, gross_m2=float(worth.gross_m2), typical=typical, factors=factors), ""
