"""Stores the demo place in an empty register, and takes it away again."""

from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from estate.db import Base
from estate.errors import Conflict
from estate.gis.boundaries import BoundaryFile, Columns, Population, load_boundaries
from estate.gis.demo.files import DEMO_LEVELS, demo_boundary_path, demo_populations
from estate.gis.demo.place import read_demo_place
from estate.gis.demo.postcodes import postcodes_of_place
from estate.gis.models import Area
from estate.people import accounts
from estate.people.models import Agency, AgencyKind, Role, User
from estate.register.demo.buildings import demo_buildings
from estate.register.demo.profiles import Profiles, read_profiles
from estate.register.demo.sites import demo_sites
from estate.register.demo.store import store_buildings
from estate.register.models import Building, CostCategory, Place, Service, SpaceStandard, UseClass
from estate.register.models.reference import Assumption

DEMO_PASSWORD = "total place demo 2010"  # noqa: S105  (printed for everyone who tries the demo)
REASON = "Demo place: synthetic data"
REFERENCE_TABLES = (AgencyKind, UseClass, CostCategory, Service, SpaceStandard, Assumption)

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


class RegisterNotEmpty(Conflict):
    """The register holds something already. The demo place is loaded only into an empty one."""


class RegisterNotDemo(Conflict):
    """The register holds real data, so it was not emptied. Only a demo place can be reset."""


@dataclass(frozen=True)
class SignIn:
    """How to sign in to the demo as one of its users."""

    role: str
    email: str
    password: str


def is_register_empty(session: Session) -> bool:
    """True when there is no building, agency, user or area."""
    return all(session.scalar(select(model.id).limit(1)) is None for model in (Building, Agency, User, Area))


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


def reset_demo(session: Session) -> None:
    """Empty the register of a demo place; raises `RegisterNotDemo` where the data are real.

    The only place where rows are deleted: none of them was ever true.
    """
    place = session.get(Place, 1)
    if not is_register_empty(session) and (place is None or not place.is_synthetic):
        raise RegisterNotDemo
    session.expunge_all()
    kept = {model.__tablename__ for model in REFERENCE_TABLES}
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables if table.name not in kept)
    session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
    session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    session.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))


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
