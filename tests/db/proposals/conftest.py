"""An area with a dear, half-empty office near a town hall with room."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from estate.gis.models import Area
from estate.people.models import Agency
from estate.register.areas import assign_areas
from estate.register.models import Building
from tests import factories


@dataclass
class Estate:
    """The rows that the tests of proposals are about."""

    area: Area
    council: Agency
    health: Agency
    old: Building
    hall: Building


def make_estate(session: Session) -> Estate:
    """The council pays two thirds and the health trust a third of the old office, where both have a team."""
    area = factories.make_area(session)
    council = factories.make_agency(session, name="Testshire Council")
    health = factories.make_agency(session, name="Testshire NHS", kind_code="nhs")
    old = factories.make_building(
        session,
        name="Old Office",
        agency=council,
        lonlat=(-2.3, 53.4),
        net_internal_area_m2=Decimal(400),
        gross_internal_area_m2=Decimal(500),
    )
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
    factories.make_occupation(session, old, team="Planning", fte=Decimal(10), area_m2=Decimal(150))
    factories.make_occupation(session, old, team="Health visitors", agency_id=health.id, fte=Decimal(5), area_m2=None)
    factories.make_occupation(session, hall, team="Mayor", fte=Decimal(20))
    factories.make_running_cost(session, old, amount=Decimal("40000.00"), category_code="rates")
    factories.make_running_cost(session, old, amount=Decimal("20000.01"), category_code="rates", agency_id=health.id)
    factories.make_running_cost(session, old, amount=Decimal("99999.00"), year_start=2019)
    factories.make_running_cost(session, hall, amount=Decimal("100000.00"))
    assign_areas(session)
    return Estate(area, council, health, old, hall)


@pytest.fixture
def estate(session: Session) -> Estate:
    """The estate, undone after the test."""
    return make_estate(session)
