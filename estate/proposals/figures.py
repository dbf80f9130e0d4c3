"""Area, need, cost and payers of one building, from its rows; each says whether it is an estimate."""

from collections import defaultdict
from dataclasses import replace
from typing import NamedTuple

from estate.appraise.moving import cost_of_moving
from estate.optimise import Payer, Team
from estate.proposals.reference import Reference
from estate.proposals.rows import BuildingRows
from estate.register.models import BuildingStatus, Interest, Occupation, Tenure


class Figure(NamedTuple):
    """A number, and whether it was estimated."""

    value: float
    is_estimate: bool


UNNAMED_SERVICE = "service not recorded"
"""What a public counter is of where nobody said."""
UNKNOWN_AREA = Figure(0.0, is_estimate=False)


def capacity_m2(row: BuildingRows, reference: Reference) -> Figure:
    """Net internal area; from the gross area by the assumed ratio where it is not known; 0 where neither is."""
    building = row.building
    if building.net_internal_area_m2 is not None:
        return Figure(float(building.net_internal_area_m2), is_estimate=False)
    if building.gross_internal_area_m2 is not None:
        ratio = reference.figure("net_to_gross_ratio")
        return Figure(float(building.gross_internal_area_m2) * ratio, is_estimate=True)
    return UNKNOWN_AREA


def running_cost(row: BuildingRows, reference: Reference) -> Figure | None:
    """Running cost per year: what is recorded, or the benchmark x gross area; None where neither is to be had.

    A rent known only from the lease is added to costs that name no rent.
    """
    if row.costs:
        recorded = sum(float(cost.amount) for cost in row.costs)
        lease_rent = sum(float(interest.rent_per_year or 0) for interest in _rents_not_among_costs(row))
        return Figure(recorded + lease_rent, is_estimate=any(cost.is_estimate for cost in row.costs))
    gross = row.building.gross_internal_area_m2
    net = row.building.net_internal_area_m2
    if gross is None and net is None:
        return None
    gross_m2 = float(gross) if gross is not None else float(net or 0) / reference.figure("net_to_gross_ratio")
    benchmark = reference.figure("running_cost_per_m2", row.building.use_class_code)
    return Figure(gross_m2 * benchmark, is_estimate=True)


def _rents_not_among_costs(row: BuildingRows) -> list[Interest]:
    if any(cost.category_code == "rent" for cost in row.costs):
        return []
    return [interest for interest in row.interests if interest.rent_per_year]


def payers_of(row: BuildingRows) -> tuple[Payer, ...]:
    """Agencies that pay for the building by share; where no cost is recorded, its holder, or who answers for it."""
    amounts: dict[int, float] = defaultdict(float)
    for cost in row.costs:
        amounts[cost.agency_id] += float(cost.amount)
    if row.costs:
        for interest in _rents_not_among_costs(row):
            amounts[interest.agency_id] += float(interest.rent_per_year or 0)
    total = sum(amounts.values())
    if total <= 0:
        holder = row.interests[0].agency_id if row.interests else row.building.agency_id
        return (Payer(str(holder), 1.0),)
    paying = {agency: amount for agency, amount in amounts.items() if amount > 0}
    return tuple(Payer(str(agency), amount / total) for agency, amount in sorted(paying.items()))


def stands_empty(row: BuildingRows) -> bool:
    """True where the register says that nobody works in it: vacant or surplus, or held as vacant, without teams."""
    if row.occupations:
        return False
    is_held_vacant = bool(row.interests) and all(interest.tenure is Tenure.VACANT for interest in row.interests)
    return row.building.status in (BuildingStatus.VACANT, BuildingStatus.SURPLUS) or is_held_vacant


def has_unknown_need(row: BuildingRows) -> bool:
    """True where nothing says how much area the users of a building need, so that nobody can say where they fit."""
    if row.building.net_internal_area_m2 is not None or row.building.gross_internal_area_m2 is not None:
        return False
    if not row.occupations:
        return not stands_empty(row)
    return any(
        not occupation.fte and occupation.area_m2 is None and not occupation.workstations
        for occupation in row.occupations
    )


def teams_of(row: BuildingRows, reference: Reference) -> list[Team]:
    """The teams recorded in a building; where nobody recorded any, the area in use as one team, an estimate."""
    if row.occupations:
        return [_recorded_team(row, occupation, reference) for occupation in row.occupations]
    capacity = capacity_m2(row, reference)
    if stands_empty(row) or capacity.value <= 0:
        return []
    if row.vacant_m2 is not None:
        need = max(0.0, capacity.value - float(row.vacant_m2))
    else:
        need = capacity.value * reference.figure("unrecorded_use_ratio")
    return [_team(row, reference, f"building:{row.building.id}", f"Users of {row.building.name}", None, need, None)]


def _recorded_team(row: BuildingRows, occupation: Occupation, reference: Reference) -> Team:
    """The team as recorded. One of an agency that takes no part has no use that a host accepts, so it stays."""
    need, is_estimate = _need_m2(row, occupation, reference)
    fte = None if occupation.fte is None else float(occupation.fte)
    team = _team(row, reference, f"occupation:{occupation.id}", occupation.team, occupation.agency_id, need, fte)
    service = occupation.service_code or ""
    counter = (service or UNNAMED_SERVICE) if occupation.is_public_counter else ""
    team = replace(team, group=service, counter=counter)
    team = replace(team, use="") if occupation.agency_id in row.outsiders else team
    return team if is_estimate else replace(team, estimates=("fte",) if fte is None else ())


def _need_m2(row: BuildingRows, occupation: Occupation, reference: Reference) -> Figure:
    """Area that a recorded team needs; see `build.RULES`."""
    area = None if occupation.area_m2 is None else float(occupation.area_m2)
    standard = reference.m2_per_fte(row.building.use_class_code) or reference.m2_per_fte("other")
    if occupation.fte and standard is not None:
        by_standard = float(occupation.fte) * standard
        return Figure(max(by_standard, area or 0.0) if occupation.is_public_counter else by_standard, is_estimate=False)
    if area is not None:
        return Figure(area, is_estimate=False)
    if occupation.workstations and standard is not None:
        return Figure(occupation.workstations * standard, is_estimate=True)
    share = reference.figure("unrecorded_use_ratio") / max(1, len(row.occupations))
    return Figure(capacity_m2(row, reference).value * share, is_estimate=True)


def _team(
    row: BuildingRows,
    reference: Reference,
    team_id: str,
    name: str,
    agency_id: int | None,
    need_m2: float,
    fte: float | None,
) -> Team:
    use = row.building.use_class_code
    people = fte if fte is not None else need_m2 / (reference.m2_per_fte(use) or reference.m2_per_fte("other") or 12.0)
    one_off = cost_of_moving(
        fte=people,
        need_m2=need_m2,
        cost_per_fte=reference.figure("move_cost_per_fte"),
        fit_out_per_m2=reference.figure("fit_out_cost_per_m2"),
        optimism_bias_ratio=reference.figure("move_cost_optimism_bias"),
    )
    return Team(
        id=team_id,
        name=name,
        home=str(row.building.id),
        agency=str(agency_id)
        if agency_id is not None
        else max(payers_of(row), key=lambda payer: payer.share_ratio).agency,
        use=use or "",
        need_m2=round(need_m2, 1),
        fte=fte,
        move_cost=round(one_off, 2),
        estimates=("need_m2",) if fte is not None else ("need_m2", "fte"),
    )
