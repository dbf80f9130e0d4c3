"""The demo's buildings and what agencies hold in them. Pure: sites in, rows out."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from estate.register.demo.profiles import Profiles, UseProfile
from estate.register.demo.sites import DemoSite
from estate.register.models import BuildingStatus, Tenure

GIA_LIMITS_M2 = (60.0, 120_000.0)
KEPT_REASONS = (
    "Holds a control room that can't move",
    "Kept by agreement of the partners",
    "Grant conditions forbid a change of use until 2035",
)


@dataclass(frozen=True)
class DemoBuilding:
    """A building as it is; what the register does not know of it is in `unknown`."""

    site: DemoSite
    name: str
    street: str
    gia_m2: float
    nia_m2: float
    built_year: int
    status: BuildingStatus
    tenure: Tenure
    landlord: str | None
    lease_start_on: date | None
    lease_end_on: date | None
    break_on: date | None
    rent_per_year: float | None
    is_listed: bool
    protected_reason: str | None
    uprn: str
    unknown: frozenset[str]

    @property
    def is_restricted(self) -> bool:
        """True where other agencies learn no more than that it is there: some police stations."""
        return self.site.use == "police_station" and self.site.number % 10 == 0

    @property
    def is_empty(self) -> bool:
        """True when nobody works there."""
        return self.status is not BuildingStatus.ACTIVE


def demo_buildings(profiles: Profiles, sites: list[DemoSite]) -> list[DemoBuilding]:
    """One building for each site; names are unique."""
    used: set[str] = set()
    return [_building(profiles, site, used) for site in sites]


def _building(profiles: Profiles, site: DemoSite, used: set[str]) -> DemoBuilding:
    profile = profiles.use[site.use]
    dice = profiles.dice("building", site.number)
    street = f"{dice.choice(profiles.words['streets'])} {dice.choice(profiles.words['street_kinds'])}"
    low, high = GIA_LIMITS_M2
    gia = round(min(high, max(low, profile.gia[0] * dice.lognormvariate(0, profile.gia[1]))))
    nia = round(gia * dice.uniform(0.74, 0.86))
    built_year = _built_year(dice)
    is_listed = built_year < 1915 and dice.random() < 0.3
    tenure = _tenure(profile, dice)
    start, end, break_on = _lease(profiles, tenure, built_year, dice)
    return DemoBuilding(
        site=site,
        name=_name(profiles, profile, site, street, dice, used),
        street=f"{dice.randint(1, 240)} {street}",
        gia_m2=gia,
        nia_m2=nia,
        built_year=built_year,
        status=_status(site, dice),
        tenure=tenure,
        landlord=f"{dice.choice(profiles.words['landlords'])} (demo)" if tenure is Tenure.LEASEHOLD else None,
        lease_start_on=start,
        lease_end_on=end,
        break_on=break_on,
        rent_per_year=round(nia * profile.rent_m2 * dice.uniform(0.7, 1.35), -2)
        if tenure is Tenure.LEASEHOLD
        else None,
        is_listed=is_listed,
        protected_reason=dice.choice(KEPT_REASONS) if dice.random() < 0.03 else None,
        uprn=f"99{site.number * 7919 % 10**10:010d}",
        unknown=_unknown(profiles, dice),
    )


def _name(profiles: Profiles, profile: UseProfile, site: DemoSite, street: str, dice: Random, used: set[str]) -> str:
    """A made-up name; the locality tells two of the same name apart."""
    for _ in range(50):
        pattern, house = dice.choice(profile.names), dice.choice(profiles.words["houses"])
        name = pattern.format(house=house, street=street)
        if name not in used or (name := f"{name}, {site.locality}") not in used:
            used.add(name)
            return name
    used.add(name := f"{name} {site.number}")
    return name


def _built_year(dice: Random) -> int:
    first, last = dice.choices(
        [(1868, 1914), (1920, 1939), (1948, 1979), (1980, 1999), (2000, 2021)], [17, 13, 38, 17, 15]
    )[0]
    return dice.randint(first, last)


def _status(site: DemoSite, dice: Random) -> BuildingStatus:
    if site.use in ("hospital", "civic_centre"):
        return BuildingStatus.ACTIVE
    choices = [BuildingStatus.ACTIVE, BuildingStatus.VACANT, BuildingStatus.SURPLUS]
    return dice.choices(choices, [94, 4, 2])[0]


def _tenure(profile: UseProfile, dice: Random) -> Tenure:
    draw = dice.random()
    if draw < profile.leased:
        return Tenure.LEASEHOLD
    if draw < profile.leased + profile.pfi:
        return Tenure.PFI
    return Tenure.LICENCE if dice.random() < 0.02 else Tenure.FREEHOLD


def _lease(
    profiles: Profiles, tenure: Tenure, built_year: int, dice: Random
) -> tuple[date | None, date | None, date | None]:
    """Start, end and break: most leases run on, some end soon, a few are held over past their end."""
    if tenure is Tenure.PFI:
        start = date(max(2001, min(2012, built_year)), dice.randint(1, 12), 1)
        return start, _years_after(start, dice.choice([25, 30])), None
    if tenure is not Tenure.LEASEHOLD:
        return None, None, None
    years = dice.choice([5, 10, 10, 15, 15, 20, 25])
    passed = dice.uniform(0.05, 1.06) * years
    start = (profiles.as_of - timedelta(days=round(passed * 365.25))).replace(day=1)
    break_on = _years_after(start, years // 2) if years >= 10 and dice.random() < 0.55 else None
    return start, _years_after(start, years), break_on


def _years_after(start: date, years: int) -> date:
    """The last day of a term of `years` that starts on the first of a month."""
    return start.replace(year=start.year + years) - timedelta(days=1)


def _unknown(profiles: Profiles, dice: Random) -> frozenset[str]:
    """Which facts the register does not have."""
    return frozenset(name for name, share in sorted(profiles.missing.items()) if dice.random() < share)
