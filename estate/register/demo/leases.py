"""What the demo's leases say beyond their dates: notice, penalty, rent reviews, who repairs. Pure."""

from typing import Any

from estate.register.demo.buildings import DemoBuilding
from estate.register.demo.profiles import Profiles
from estate.register.diary import add_months
from estate.register.models import RepairLiability, Tenure

REVIEW_MONTHS = 60
UNKNOWN_SHARE = 0.15


def demo_lease_terms(profiles: Profiles, building: DemoBuilding) -> dict[str, Any]:
    """Columns of the building's interest; None where it is no lease, or where nobody looked the term up."""
    terms: dict[str, Any] = dict.fromkeys(
        ("break_notice_months", "break_penalty", "review_on", "review_every_months", "repair_liability")
    )
    start, end = building.lease_start_on, building.lease_end_on
    if building.tenure is not Tenure.LEASEHOLD or start is None or end is None:
        return terms
    dice = profiles.dice("lease terms", building.site.number)
    if building.break_on is not None and dice.random() > UNKNOWN_SHARE:
        terms["break_notice_months"] = dice.choice([3, 6, 6, 9, 12])
        if dice.random() < 0.4 and building.rent_per_year:
            terms["break_penalty"] = round(building.rent_per_year * dice.choice([0.25, 0.5]), -2)
    if dice.random() > UNKNOWN_SHARE:
        terms["repair_liability"] = dice.choices(list(RepairLiability), [5, 3, 2, 1])[0]
    passed = (profiles.as_of.year - start.year) * 12 + profiles.as_of.month - start.month
    review_on = add_months(start, (passed // REVIEW_MONTHS + 1) * REVIEW_MONTHS)
    if review_on < end and dice.random() > UNKNOWN_SHARE:
        terms |= {"review_on": review_on, "review_every_months": REVIEW_MONTHS}
    return terms
