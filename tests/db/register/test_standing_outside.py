"""Who takes part in no programme finds each of their own records, alone, whatever partners report of its building."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from estate.people.models import Agency
from estate.people.programmes import today_of
from estate.register.areas import assign_areas
from estate.register.as_at import look_back
from estate.register.filters import BuildingFilters
from estate.register.frames import buildings_frame
from estate.register.listed_past import rebuild as rebuild_list
from estate.register.matches.decide import Said, decide
from estate.register.matches.overrides import owners_of
from estate.register.models import (
    Building,
    BuildingKind,
    BuildingListed,
    MatchVerdict,
    Sensitivity,
    Tenure,
)
from estate.register.programmes import Scope
from estate.register.queries import BuildingRow, list_buildings
from estate.register.seen import Viewer, see_as, see_everything
from estate.register.sensitivity import change_field_level
from tests import factories

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def police(session: Session) -> Agency:
    """Stepped back."""
    agency = factories.make_agency(session, name="Police", is_partner=False)
    factories.make_stay(session, agency, left_on=today_of(session))
    return agency


@pytest.fixture
def council(session: Session) -> Agency:
    return factories.make_agency(session, name="Council")


def join(session: Session, one: Building, other: Building, verdict: MatchVerdict = MatchVerdict.SAME) -> None:
    part = other.id if verdict is MatchVerdict.PART_OF else None
    decide(session, one, other, Said(verdict, "Seen on the ground", None, part_id=part))


def outside(session: Session, agency: Agency) -> BuildingFilters:
    """Look as somebody of the agency alone; gives what their list asks."""
    session.expire_all()
    see_as(session, Viewer(frozenset({agency.id})))
    return BuildingFilters(scope=Scope(None, frozenset({agency.id})))


def rows(session: Session, filters: BuildingFilters) -> list[BuildingRow]:
    return list_buildings(session, filters, page_size=None).rows


def pair(session: Session, head: Agency, other: Agency) -> tuple[Building, Building]:
    """One building that two agencies report: the record of `head` is the older."""
    hall = {"name": "Town Hall", "street": "High Street", "uprn": "100000000001"}
    desk = {"name": "Desk", "postcode": "M32 0TH", "lonlat": (-2.35, 53.42)}
    one = factories.make_building(session, agency=head, recorded_at=LONG_AGO, **hall)  # type: ignore[arg-type]
    two = factories.make_building(session, agency=other, recorded_at=LONG_AGO, **desk)  # type: ignore[arg-type]
    for building, amount in ((one, 100), (two, 7)):
        factories.make_running_cost(session, building, amount=Decimal(amount), recorded_at=LONG_AGO)
    join(session, one, two)
    assert two.canonical_id == one.id
    return one, two


def test_a_record_under_a_partner_s_is_in_its_keeper_s_list(session: Session, police: Agency, council: Agency) -> None:
    _, desk = pair(session, council, police)
    factories.make_interest(
        session, desk, tenure=Tenure.LEASEHOLD, lease_end_on=date(2040, 1, 1), break_on=date(2035, 1, 1)
    )
    area = factories.make_area(session, bounds=(-2.36, 53.4, -2.34, 53.5))
    assign_areas(session)
    filters = outside(session, police)
    (row,) = rows(session, filters)
    assert (row.building.id, row.building.name, row.annual_cost) == (desk.id, "Desk", Decimal(7))
    assert row.tenures == [Tenure.LEASEHOLD]
    for found in ({"text": "desk"}, {"text": "m32"}, {"agency_id": police.id}, {"area_id": area.id}):
        assert len(rows(session, BuildingFilters(scope=filters.scope, **found))) == 1, found
    for hidden in ({"text": "hall"}, {"text": "100000000001"}, {"agency_id": council.id}):
        assert rows(session, BuildingFilters(scope=filters.scope, **hidden)) == [], hidden
    listed = session.get_one(BuildingListed, desk.id)
    assert (listed.agency_ids, listed.lease_end_first) == ([police.id], date(2040, 1, 1))
    assert sorted(listed.lease_dates) == [date(2035, 1, 1), date(2040, 1, 1)]
    frame = buildings_frame(session, 2024, filters)
    assert (list(frame["name"]), list(frame["annual_cost"])) == (["Desk"], [7])


def test_their_record_that_leads_a_partner_s_says_only_what_they_say(
    session: Session, police: Agency, council: Agency
) -> None:
    hall, _ = pair(session, police, council)
    filters = outside(session, police)
    (row,) = rows(session, filters)
    assert (row.building.id, row.building.postcode, row.annual_cost) == (hall.id, None, Decimal(100))
    assert rows(session, BuildingFilters(text="desk", scope=filters.scope)) == []
    see_everything(session)
    session.expire_all()
    assert [row.annual_cost for row in rows(session, BuildingFilters())] == [Decimal(107)]


def test_what_is_a_part_of_a_partner_s_building_stands_by_itself(
    session: Session, police: Agency, council: Agency
) -> None:
    hall = factories.make_building(session, agency=council, net_internal_area_m2=Decimal(900))
    cells = factories.make_building(session, agency=police, name="Cells", net_internal_area_m2=Decimal(40))
    factories.make_running_cost(session, cells, amount=Decimal(7))
    join(session, hall, cells, MatchVerdict.PART_OF)
    (row,) = rows(session, outside(session, police))
    assert (row.building.name, row.building.kind, row.annual_cost) == ("Cells", BuildingKind.BUILDING, Decimal(7))
    assert session.scalar(select(BuildingListed.counted_net_m2)) == Decimal(40)
    see_everything(session)
    session.expire_all()
    assert session.get_one(Building, cells.id).parent_id == hall.id, "to everybody else it is a part"


def test_it_is_in_the_list_of_a_past_day_too(session: Session, police: Agency, council: Agency) -> None:
    _, desk = pair(session, council, police)
    number = desk.id
    rebuild_list(session)
    filters = outside(session, police)
    look_back(session, datetime.now(UTC) - timedelta(days=1))
    assert [(row.building.id, row.annual_cost) for row in rows(session, filters)] == [(number, Decimal(7))]


def test_partners_and_the_public_read_the_list_as_before(session: Session, police: Agency, council: Agency) -> None:
    hall, desk = pair(session, council, police)
    for viewer in (Viewer(frozenset({council.id}), is_partner=True), Viewer(frozenset({police.id}), is_partner=True)):
        session.expire_all()
        see_as(session, viewer)
        assert [row.building.id for row in rows(session, BuildingFilters())] == [hall.id]
        assert session.get_one(Building, desk.id).canonical_id == hall.id
    see_as(session, Viewer())
    assert rows(session, BuildingFilters()) == []


def test_where_every_field_is_open_a_shared_row_is_still_not_told(
    session: Session, police: Agency, council: Agency
) -> None:
    """Who sees every field reads the list by its indexes; who takes part nowhere never does."""
    number = pair(session, police, council)[0].id
    session.execute(update(Building).values(sensitivity=Sensitivity.PARTNER))
    for code in session.scalars(text("SELECT code FROM sensitive_field")).all():
        change_field_level(session, code, Sensitivity.OPEN, valid_from=today_of(session), actor=None, reason="Open")
    filters = outside(session, police)
    assert session.scalars(select(BuildingListed.id)).all() == [number]
    assert [row.annual_cost for row in rows(session, filters)] == [Decimal(100)]


@pytest.mark.parametrize("leads", [True, False])
def test_a_record_that_seems_to_stand_alone_makes_nobody_the_owner_of_the_whole(
    session: Session, police: Agency, council: Agency, *, leads: bool
) -> None:
    hall, desk = pair(session, *((police, council) if leads else (council, police)))
    outside(session, police)
    own = session.get_one(Building, hall.id if leads else desk.id)
    assert own.canonical_id is None
    assert owners_of(session, own).agency_ids == {police.id, council.id}
