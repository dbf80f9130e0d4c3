"""Who works in the demo's buildings. Pure: buildings in, rows out."""

from dataclasses import dataclass

from estate.register.demo.buildings import DemoBuilding
from estate.register.demo.profiles import AgencyProfile, Profiles

GUEST_SHARE = 0.06
"""Buildings in which another agency has a team already."""
TEAM_NAMES = {
    "customer_contact": ("Front desk", "Customer contact", "Visitor welcome"),
    "benefits": ("Benefits", "Council tax"),
    "housing_options": ("Housing options", "Homelessness"),
    "adult_care": ("Adult care", "Reablement", "Care assessment"),
    "childrens_services": ("Early help", "Family support", "Safeguarding"),
    "library": ("Library",),
    "planning": ("Planning", "Building control"),
    "environment": ("Waste and streets", "Parks"),
    "registrars": ("Registrars",),
    "corporate": ("Finance", "Human resources", "Legal", "Property", "Digital"),
    "community_health": ("District nursing", "Health visiting", "Podiatry"),
    "primary_care": ("General practice",),
    "mental_health": ("Community mental health", "Talking therapies"),
    "hospital_care": ("Wards", "Outpatients", "Theatres", "Diagnostics"),
    "neighbourhood_policing": ("Neighbourhood policing",),
    "criminal_investigation": ("Investigations",),
    "fire_and_rescue": ("Fire crew",),
    "courts": ("Court staff",),
    "probation": ("Probation",),
    "employment": ("Work coaches", "Employer services"),
    "education": ("School staff",),
    "other": ("Centre staff",),
}


@dataclass(frozen=True)
class DemoTeam:
    """A team and the room it takes."""

    building: DemoBuilding
    agency_code: str
    service_code: str
    team: str
    area_m2: float
    workstations: int | None
    fte: float
    is_public_counter: bool


def demo_teams(profiles: Profiles, buildings: list[DemoBuilding]) -> list[DemoTeam]:
    """The teams of every building in use."""
    kinds = {agency.code: agency for agency in profiles.agencies}
    teams: list[DemoTeam] = []
    for building in buildings:
        if not building.is_empty:
            teams += _teams(profiles, building, kinds[building.site.agency_code])
    return teams


def _teams(profiles: Profiles, building: DemoBuilding, agency: AgencyProfile) -> list[DemoTeam]:
    use, profile = building.site.use, profiles.use[building.site.use]
    dice = profiles.dice("teams", building.site.number)
    number = min(dice.randint(*profile.teams), max(1, round(building.nia_m2 / 60))) if profile.teams[1] else 0
    if not number:
        return []
    services = profiles.services[use]
    if use == "office":
        services = profiles.office_services.get(agency.kind, services)
    used_m2 = building.nia_m2 * dice.uniform(0.7, 0.97)
    weights = [dice.uniform(0.5, 2.0) for _ in range(number)]
    m2_per_fte = profile.m2_per_fte * dice.lognormvariate(0, 0.3)
    has_desks = use in ("office", "civic_centre", "customer_centre", "jobcentre", "probation_office", "police_station")
    counter = dice.random() < profile.counter
    is_guest = (
        number > 1 and use in ("office", "civic_centre", "library", "health_centre") and dice.random() < GUEST_SHARE
    )
    teams = []
    for position, weight in enumerate(weights):
        service = (
            services[position % len(services)]
            if position
            else services[0 if use != "office" else dice.randrange(len(services))]
        )
        area_m2 = round(used_m2 * weight / sum(weights), 1)
        fte = max(0.5, round(area_m2 / m2_per_fte * 2) / 2)
        names = TEAM_NAMES[service]
        owner = agency.code
        if is_guest and position == number - 1:
            guest = dice.choice(
                [other for other in profiles.agencies if other.code != agency.code and _shares(other, agency)]
            )
            owner, service = guest.code, profiles.office_services.get(guest.kind, ["customer_contact"])[0]
            names = ("Outreach",)
        teams.append(
            DemoTeam(
                building=building,
                agency_code=owner,
                service_code=service,
                team=f"{names[position // len(services) % len(names)]}, {building.site.locality}",
                area_m2=area_m2,
                workstations=max(1, round(fte * dice.uniform(0.75, 1.15))) if has_desks else None,
                fte=fte,
                is_public_counter=counter and position == 0,
            )
        )
    return teams


def _shares(one: AgencyProfile, other: AgencyProfile) -> bool:
    """True when both serve a district."""
    return bool(set(one.districts) & set(other.districts))
