"""Stores the demo place in an empty register."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from estate.gis.boundaries.load import BoundaryFile, load_boundaries
from estate.gis.boundaries.population import Population
from estate.gis.boundaries.tidy import Columns
from estate.gis.demo.files import DEMO_LEVELS, demo_boundary_path, demo_populations
from estate.gis.demo.place import read_demo_place
from estate.gis.demo.postcodes import postcodes_of_place
from estate.people import accounts
from estate.people.models import Agency, Role
from estate.register.demo.buildings import demo_buildings
from estate.register.demo.empty import RegisterNotEmpty, is_register_empty
from estate.register.demo.profiles import Profiles, read_profiles
from estate.register.demo.sites import demo_sites
from estate.register.demo.store import store_buildings
from estate.register.models import Place

DEMO_PASSWORD = "total place demo 2010"  # noqa: S105  (printed for everyone who tries the demo)
REASON = "Demo place: synthetic data"

# e-mail, name, what they may do, roles by the agency's code
USERS: tuple[tuple[str, str, str, dict[str, Role]], ...] = (
    (
        "administrator@demo.example",
        "Ada Turnpike",
        "administrator",
        {"demo-irwell-and-mersey": Role.ADMINISTRATOR},
    ),
    (
        "manager@demo.example",
        "Grace Shuttle",
        "asset manager of Bridgewater council and the care trust",
        {"demo-bridgewater": Role.ASSET_MANAGER, "demo-nhs-trust": Role.ASSET_MANAGER},
    ),
    ("chair@demo.example", "Clement Weft", "chair of the boards", {"demo-irwell-and-mersey": Role.BOARD_MEMBER}),
    ("member1@demo.example", "Enid Bobbin", "board member, police", {"demo-constabulary": Role.BOARD_MEMBER}),
    ("member2@demo.example", "Hugh Tenter", "board member, council", {"demo-bridgewater": Role.BOARD_MEMBER}),
    ("viewer@demo.example", "Vera Kiln", "viewer, fire service", {"demo-fire-service": Role.VIEWER}),
)
BOARD_EMAILS = ("chair@demo.example", "member1@demo.example", "member2@demo.example")
"""Who sits on the demo's boards, the chair first."""


@dataclass(frozen=True)
class SignIn:
    """How to sign in to the demo as one of its users."""

    role: str
    email: str
    password: str


def load_demo(session: Session) -> list[SignIn]:
    """Store the demo place; raises `RegisterNotEmpty`. Boards are the caller's: they belong to a room above."""
    if not is_register_empty(session):
        raise RegisterNotEmpty
    profiles, place = read_profiles(), read_demo_place()
    session.merge(Place(id=1, name=profiles.place_name, is_synthetic=True, attribution=profiles.attribution))
    _load_geography(session, profiles)
    agencies = _create_agencies(session, profiles)
    _create_users(session, agencies)
    buildings = demo_buildings(profiles, demo_sites(profiles, place, postcodes_of_place(place)))
    store_buildings(session, profiles, buildings, {code: agency.id for code, agency in agencies.items()}, reason=REASON)
    return sign_ins()


def sign_ins() -> list[SignIn]:
    """The demo's users and their common password."""
    return [SignIn(role, email, DEMO_PASSWORD) for email, _, role, _ in USERS]


def _load_geography(session: Session, profiles: Profiles) -> None:
    place = read_demo_place()
    for level in DEMO_LEVELS:
        source = f"Synthetic: {place.people_per_location:g} people for each postcode location. Not a census figure"
        file = BoundaryFile(
            path=demo_boundary_path(level),
            level_code=level,
            columns=Columns("code", "name", "parent_code"),
            valid_from=profiles.as_of,
            source=place.source,
            population=Population(demo_populations(level, place), source, profiles.as_of),
        )
        load_boundaries(session, file, actor=None, reason=REASON)


def _create_agencies(session: Session, profiles: Profiles) -> dict[str, Agency]:
    """The agencies by the code that the profiles give them."""
    made: dict[str, Agency] = {}
    for profile in profiles.agencies:
        parent = made[profile.parent] if profile.parent else None
        agency = accounts.create_agency(session, profile.name, profile.kind, actor=None, parent=parent)
        agency.member_from = profiles.as_of
        made[profile.code] = agency
    return made


def _create_users(session: Session, agencies: dict[str, Agency]) -> None:
    for email, name, _, roles in USERS:
        user = accounts.create_user(session, email, f"{name} (demo)", DEMO_PASSWORD, actor=None)
        for code, role in roles.items():
            accounts.grant_role(session, user, agencies[code], role, actor=None)
