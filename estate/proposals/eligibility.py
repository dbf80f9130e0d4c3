"""Which buildings may take in teams and which may be emptied: ordered rules, each with its reason as a clause.

A reason follows "because". The first rule that holds is the one that is shown.
"""

from collections.abc import Callable
from datetime import date

from estate.proposals import figures
from estate.proposals.reference import Reference
from estate.proposals.rows import BuildingRows
from estate.register.models import BuildingStatus, Interest, Tenure

LEASES = (Tenure.LEASEHOLD, Tenure.SUB_LEASE, Tenure.LICENCE, Tenure.MOTO)
OWNED = (Tenure.FREEHOLD, Tenure.GROUND_LEASE)

Rule = Callable[[BuildingRows, Reference, int], str | None]


def why_not_host(row: BuildingRows, reference: Reference) -> str | None:
    """Why a building may not take in teams; None where it may."""
    lease_years = int(reference.figure("host_lease_years"))
    return next((reason for rule in HOST_RULES if (reason := rule(row, reference, lease_years))), None)


def why_not_close(row: BuildingRows, reference: Reference, horizon_years: int) -> tuple[str, str]:
    """The name of the rule that forbids to empty a building, and why; both empty where it may be emptied."""
    found = ((rule.__name__.strip("_"), rule(row, reference, horizon_years)) for rule in CLOSE_RULES)
    return next(((name, reason) for name, reason in found if reason), ("", ""))


def _use_is_unknown(row: BuildingRows, reference: Reference, years: int) -> str | None:
    return None if row.building.use_class_code in reference.uses else "its use is not recorded"


def _use_does_not_host(row: BuildingRows, reference: Reference, years: int) -> str | None:
    use = reference.uses[row.building.use_class_code or ""]
    return None if use.may_host else f"buildings of its use ({use.name}) take in no other teams"


def _use_in_use_is_unknown(row: BuildingRows, reference: Reference, years: int) -> str | None:
    return None if figures.stands_empty(row) else _use_is_unknown(row, reference, years)


def _use_does_not_close(row: BuildingRows, reference: Reference, years: int) -> str | None:
    if figures.stands_empty(row):
        return None
    use = reference.uses[row.building.use_class_code or ""]
    return None if use.may_close else f"buildings of its use ({use.name}) are not emptied by a proposal"


def _is_surplus(row: BuildingRows, reference: Reference, years: int) -> str | None:
    return "it is declared surplus already" if row.building.status is BuildingStatus.SURPLUS else None


def _area_is_unknown(row: BuildingRows, reference: Reference, years: int) -> str | None:
    return None if figures.capacity_m2(row, reference).value else "its floor area is not recorded"


def _lease_ends_too_soon(row: BuildingRows, reference: Reference, years: int) -> str | None:
    leases = leases_that_bind(row)
    ends = [lease.lease_end_on for lease in leases if lease.lease_end_on is not None]
    if ends and len(ends) == len(leases) and max(ends) < _years_from(reference.on, years):
        return f"its lease ends on {max(ends):%-d %B %Y}, too soon for others to move in"
    return None


def _is_protected(row: BuildingRows, reference: Reference, years: int) -> str | None:
    return f"it is protected ({row.building.protected_reason})" if row.building.is_protected else None


def _is_pfi(row: BuildingRows, reference: Reference, years: int) -> str | None:
    is_pfi = any(interest.tenure is Tenure.PFI for interest in row.interests)
    return "a PFI contract is paid for it, whoever uses it" if is_pfi else None


def _lease_binds(row: BuildingRows, reference: Reference, years: int) -> str | None:
    horizon = _years_from(reference.on, years)
    for lease in leases_that_bind(row):
        leave_on = can_be_left_on(lease, reference.on)
        if leave_on is not None and leave_on > horizon:
            return f"its lease can't be left before {leave_on:%-d %B %Y}, after the horizon"
    return None


def _others_work_in_it(row: BuildingRows, reference: Reference, years: int) -> str | None:
    names = " and ".join(sorted(row.outsiders.values()))
    return f"a team of {names} works in it, which takes no part in this programme" if names else None


def _need_is_unknown(row: BuildingRows, reference: Reference, years: int) -> str | None:
    return "nothing recorded says how much space its users need" if figures.has_unknown_need(row) else None


def can_be_left_on(lease: Interest, on: date) -> date | None:
    """The first day from `on` that a lease can be left: its next break, or else its end; None where none is known."""
    return min((day for day in (lease.break_on, lease.lease_end_on) if day is not None and day >= on), default=None)


def leases_that_bind(row: BuildingRows) -> list[Interest]:
    """The leases of a building that nobody of the partnership owns."""
    if any(interest.tenure in OWNED for interest in row.interests):
        return []
    return [interest for interest in row.interests if interest.tenure in LEASES]


def _years_from(day: date, years: int) -> date:
    """The same day `years` later; 1 March for 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


HOST_RULES: tuple[Rule, ...] = (
    _use_is_unknown,
    _use_does_not_host,
    _is_surplus,
    _area_is_unknown,
    _lease_ends_too_soon,
)
CLOSE_RULES: tuple[Rule, ...] = (
    _is_protected,
    _use_in_use_is_unknown,
    _use_does_not_close,
    _is_pfi,
    _lease_binds,
    _others_work_in_it,
    _need_is_unknown,
)
