"""What it costs to leave a leased building before its lease lets go: rent that stays due."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from estate.appraise.discounting import value_until
from estate.optimise import Payer
from estate.proposals.eligibility import can_be_left_on, leases_that_bind
from estate.proposals.reference import Reference
from estate.proposals.rows import BuildingRows

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Leaving:
    """The cost of leaving one building, in today's money, with who pays it."""

    cost: float = 0.0
    reason: str = ""
    payers: tuple[Payer, ...] = ()
    is_unknown: bool = False
    """True where a lease binds and nobody recorded its rent, or nobody recorded until when it binds."""


def leaving_of(row: BuildingRows, reference: Reference) -> Leaving:
    """The rent of each lease from today until it can be left, discounted as savings are.

    The rents recorded among the costs of the latest year stand in where no lease that binds has a rent of its own.
    """
    leases = leases_that_bind(row)
    until = {lease.id: can_be_left_on(lease, reference.on) for lease in leases}
    rents = [(lease.agency_id, lease.rent_per_year, until[lease.id]) for lease in leases]
    binding = [(agency, rent, day) for agency, rent, day in rents if day is not None]
    is_unknown = any(until[lease.id] is None and lease.lease_end_on is None for lease in leases)
    if binding and all(rent is None for _, rent, _ in binding):
        last = max(day for _, _, day in binding)
        binding = [(cost.agency_id, cost.amount, last) for cost in row.costs if cost.category_code == "rent"]
        is_unknown = is_unknown or not binding
    due: dict[int, float] = defaultdict(float)
    for agency, rent, day in binding:
        is_unknown = is_unknown or rent is None
        due[agency] += _rent_until(float(rent or 0), day, reference)
    cost = round(sum(due.values()), 2)
    if cost <= 0:
        return Leaving(is_unknown=is_unknown)
    last = max(day for _, rent, day in binding if rent)
    total = sum(due.values())
    payers = tuple(Payer(str(agency), amount / total) for agency, amount in sorted(due.items()) if amount > 0)
    return Leaving(cost, f"of rent stays due until {last:%-d %B %Y}", payers, is_unknown)


def _rent_until(rent_per_year: float, day: date, reference: Reference) -> float:
    years = (day - reference.on).days / DAYS_A_YEAR
    return value_until(reference.rates, per_year=rent_per_year, years=years)
