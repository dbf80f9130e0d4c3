"""Stores the demo place in an empty register."""

from sqlalchemy.orm import Session

from estate.gis.boundaries.load import BoundaryFile, load_boundaries
from estate.gis.boundaries.population import Population
from estate.gis.boundaries.tidy import Columns
from estate.gis.demo.files import DEMO_LEVELS, demo_boundary_path, demo_populations
from estate.gis.demo.place import read_demo_place
from estate.gis.demo.postcodes import postcodes_of_place
from estate.people import accounts
from estate.people.models import Agency
from estate.people.programme_members import join
from estate.people.programme_models import Programme
from estate.people.programmes import change_programme, create_programme, list_programmes
from estate.register.attestation.reminders import local_today
from estate.register.demo.attestation import open_demo_round
from estate.register.demo.buildings import demo_buildings
from estate.register.demo.empty import RegisterNotEmpty, is_register_empty
from estate.register.demo.homes import store_homes
from estate.register.demo.mappings import remember_demo_mapping
from estate.register.demo.profiles import Profiles, read_profiles
from estate.register.demo.second_records import store_second_records
from estate.register.demo.sites import demo_sites
from estate.register.demo.small_areas import store_demo_small_areas
from estate.register.demo.store import store_buildings
from estate.register.demo.users import DEMO_PASSWORD, USERS, SignIn, sign_ins
from estate.register.demo.views import keep_demo_views
from estate.register.models import Place

REASON = "Demo place: synthetic data"
LARGEST, HOMES_BESIDE = "demo-irwell-and-mersey", ("childrens_centre", "school")
HEALTH_PARTNERS = ("demo-nhs-trust", "demo-gp-federation", "demo-bridgewater")


def load_demo(session: Session) -> list[SignIn]:
    """Store the demo place; raises `RegisterNotEmpty`. Boards are the caller's: they belong to a room above."""
    if not is_register_empty(session):
        raise RegisterNotEmpty
    profiles, place = read_profiles(), read_demo_place()
    session.merge(Place(id=1, name=profiles.place_name, is_synthetic=True, attribution=profiles.attribution))
    _load_geography(session, profiles)
    county, health = _create_programmes(session, profiles)
    agencies = _create_agencies(session, profiles, county)
    for code in HEALTH_PARTNERS:
        join(session, health, agencies[code], actor=None, joined_on=profiles.as_of)
    _create_users(session, agencies)
    postcodes = postcodes_of_place(place)
    store_demo_small_areas(session, postcodes, year=profiles.as_of.year, reason=REASON)
    sites = demo_sites(profiles, place, postcodes)
    buildings = demo_buildings(profiles, sites)
    agency_ids = {code: agency.id for code, agency in agencies.items()}
    store_buildings(session, profiles, buildings, agency_ids, reason=REASON)
    remember_demo_mapping(session, agency_ids)
    store_second_records(session, profiles, agency_ids, reason=REASON)
    whole, homes = agencies[LARGEST], [site for site in sites if site.use in HOMES_BESIDE]
    store_homes(session, profiles, homes, whole, county, joined_on=profiles.as_of, reason=REASON)
    keep_demo_views(session, agency_ids)
    open_demo_round(session, agency_ids, local_today())
    return sign_ins()


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


def _create_programmes(session: Session, profiles: Profiles) -> tuple[Programme, Programme]:
    """The partnership of all agencies, and a small one beside it, so that one agency takes part in two."""
    name = f"{profiles.place_name.removesuffix(' (demo place)')} public estate (demo)"
    found = list_programmes(session)
    county = found[0] if found else create_programme(session, actor=None, name=name)
    fields = {"name": name, "description": "Every public body of the place."}
    change_programme(session, county, version=county.version, actor=None, reason=REASON, **fields)
    health = create_programme(
        session,
        actor=None,
        name="Health and care estate (demo)",
        description="The health and care bodies of the place, and one council.",
        horizon_years=15,
    )
    return county, health


def _create_agencies(session: Session, profiles: Profiles, programme: Programme) -> dict[str, Agency]:
    """The agencies by the code that the profiles give them; all take part in `programme`."""
    made: dict[str, Agency] = {}
    for profile in profiles.agencies:
        parent = made[profile.parent] if profile.parent else None
        made[profile.code] = accounts.create_agency(
            session,
            profile.name,
            profile.kind,
            actor=None,
            parent=parent,
            programme=programme,
            joined_on=profiles.as_of,
        )
    return made


def _create_users(session: Session, agencies: dict[str, Agency]) -> None:
    for email, name, _, roles in USERS:
        user = accounts.create_user(session, email, f"{name} (demo)", DEMO_PASSWORD, actor=None)
        for code, role in roles.items():
            accounts.grant_role(session, user, agencies[code], role, actor=None)
