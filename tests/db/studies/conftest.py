"""A county where each larger boundary frees one more office: by ward one, by district two, in the county three."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from estate.db import make_session
from estate.gis.models import Area
from estate.people.models import Agency
from estate.proposals import studies
from estate.proposals.models import RunStatus
from estate.proposals.study_models import Study, StudyPart
from estate.proposals.study_parts import perform_part, perform_split
from estate.proposals.study_queries import list_parts
from estate.register.areas import assign_areas
from tests import factories

LEVELS = ("ward", "district", "county")


@dataclass
class County:
    """The rows that tests of studies are about."""

    area: Area
    council: Agency


def make_county(session: Session) -> County:
    """Two districts of two wards each, side by side. Offices stand 660 m apart from the hall in the first ward.

    A shed of the second district stands in no ward.
    """
    county = factories.make_area(session, level="county", bounds=(-2.4, 53.3, -2.2, 53.5), name="Testshire")
    west = factories.make_area(session, bounds=(-2.4, 53.3, -2.3, 53.5), name="West")
    east = factories.make_area(session, bounds=(-2.3, 53.3, -2.2, 53.5), name="East")
    for name, left, right in (
        ("Oak", -2.325, -2.3),
        ("Ash", -2.4, -2.325),
        ("Elm", -2.3, -2.275),
        ("Fir", -2.275, -2.21),
    ):
        factories.make_area(session, level="ward", bounds=(left, 53.3, right, 53.5), name=name)
    council = factories.make_agency(session, name="Testshire Council")
    _hall(session, council)
    for place, lon in (("Oak", -2.315), ("Ash", -2.326), ("Elm", -2.299)):
        office = factories.make_building(
            session,
            name=f"{place} Office",
            agency=council,
            lonlat=(lon, 53.4),
            net_internal_area_m2=Decimal(200),
            gross_internal_area_m2=Decimal(250),
        )
        factories.make_occupation(session, office, team=f"{place} team", fte=Decimal(8), area_m2=Decimal(100))
        factories.make_running_cost(session, office, amount=Decimal("50000.00"))
    shed = factories.make_building(
        session,
        name="Shed",
        agency=council,
        lonlat=(-2.205, 53.4),
        net_internal_area_m2=Decimal(50),
        is_protected=True,
        protected_reason="kept for floods",
    )
    factories.make_running_cost(session, shed, amount=Decimal("100.00"))
    assign_areas(session)
    assert west.level_code == east.level_code == "district"
    return County(county, council)


def _hall(session: Session, council: Agency) -> None:
    hall = factories.make_building(
        session,
        name="Town Hall",
        agency=council,
        lonlat=(-2.31, 53.4),
        use_class_code="civic_centre",
        net_internal_area_m2=Decimal(1000),
        is_protected=True,
        protected_reason="seat of the council",
    )
    factories.make_occupation(session, hall, team="Mayor", fte=Decimal(20))
    factories.make_running_cost(session, hall, amount=Decimal("100000.00"))


@pytest.fixture
def study_id(committed: Engine) -> int:
    """A study of the county by every level and without boundaries, in the queue, committed."""
    with make_session.begin() as session:
        study = studies.start(
            session, actor=None, area=make_county(session).area, level_codes=LEVELS, has_no_boundaries=True
        )
    return study.id


def parts_of(study_id: int) -> list[StudyPart]:
    with make_session() as session:
        return list(list_parts(session, session.get_one(Study, study_id)))


def status_of(study_id: int) -> RunStatus:
    with make_session() as session:
        return session.get_one(Study, study_id).status


def perform_all(study_id: int) -> None:
    """What workers would do, one job after the other."""
    perform_split(study_id)
    perform_queued(study_id)


def perform_queued(study_id: int) -> None:
    while queued := [part for part in parts_of(study_id) if part.status.value == "queued"]:
        for part in queued:
            perform_part(part.id, part.job_id)
