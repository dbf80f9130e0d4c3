"""The areas of a building follow the position that it shows, whichever of its records moves, joins or leaves."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.register.areas import assign_areas
from estate.register.changes import change_building, retire_building
from estate.register.listed import verify
from estate.register.matches.decide import Said, decide, retract
from estate.register.models import Building, BuildingArea, BuildingListed, FixSource, MatchVerdict, Tenure
from estate.register.part_changes import add_interest, end_part
from estate.register.seen import Viewer, see_as
from tests.factories import make_agency, make_area, make_building

WEST, EAST = (-2.35, 53.4), (-2.25, 53.4)
POSTCODE = FixSource.POSTCODE_CENTROID


@pytest.fixture
def districts(session: Session) -> dict[str, int]:
    make = {"West": (-2.4, 53.3, -2.3, 53.5), "East": (-2.3, 53.3, -2.2, 53.5)}
    return {name: make_area(session, name=name, bounds=bounds).id for name, bounds in make.items()}


def same(session: Session, one: Building, other: Building) -> Any:
    return decide(session, one, other, Said(MatchVerdict.SAME, "One building", None))


@pytest.fixture
def two(session: Session, districts: dict[str, int]) -> tuple[Building, Building]:
    """One building of two records: the older knows a postcode in the west, the other has coordinates there."""
    head = make_building(session, lonlat=WEST, fix_source=POSTCODE)
    other = make_building(session, lonlat=WEST)
    assign_areas(session)
    same(session, head, other)
    return head, other


def lies_in(session: Session, building: Building) -> set[int]:
    """Its areas; the list, whose row must agree, reads them too."""
    found = set(session.scalars(select(BuildingArea.area_id).where(BuildingArea.building_id == building.id)))
    listed = session.get_one(BuildingListed, building.id, populate_existing=True)
    assert set(listed.area_ids) == found
    assert not verify(session)
    return found


def move(session: Session, building: Building, place: tuple[float, float]) -> None:
    longitude, latitude = place
    fields = {"longitude": longitude, "latitude": latitude}
    change_building(session, building, version=building.version, actor=None, reason="Surveyed", **fields)


def test_a_record_that_does_not_lead_moves_the_building(
    session: Session, districts: dict[str, int], two: tuple[Building, Building]
) -> None:
    head, other = two
    assert lies_in(session, head) == {districts["West"]}
    move(session, other, EAST)
    assert lies_in(session, head) == {districts["East"]}


def test_so_it_does_for_somebody_who_does_not_see_the_leading_record(
    session: Session, districts: dict[str, int], two: tuple[Building, Building]
) -> None:
    head, other = two
    number = head.id
    see_as(session, Viewer(frozenset({other.agency_id})))
    session.expire_all()
    move(session, session.get_one(Building, other.id), EAST)
    see_as(session, Viewer(frozenset(), is_partner=True))
    session.expire_all()
    found = session.scalars(select(BuildingArea.area_id).where(BuildingArea.building_id == number))
    assert set(found) == {districts["East"]}


def test_a_third_record_that_joins_and_leaves_takes_it_there_and_back(
    session: Session, districts: dict[str, int]
) -> None:
    head, other = (make_building(session, lonlat=WEST, fix_source=POSTCODE) for _ in range(2))
    same(session, head, other)
    surveyed = make_building(session, lonlat=EAST)
    assign_areas(session)
    decision = same(session, head, surveyed)
    assert lies_in(session, head) == {districts["East"]}
    retract(session, decision, actor=None, reason="Another one")
    assert lies_in(session, head) == {districts["West"]}
    assert lies_in(session, surveyed) == {districts["East"]}
    same(session, head, surveyed)
    retire_building(session, surveyed, version=surveyed.version, actor=None, reason="Never was")
    assert lies_in(session, head) == {districts["West"]}


def test_the_freeholder_s_position_goes_first_from_the_day_it_is_told(
    session: Session, districts: dict[str, int]
) -> None:
    council = make_agency(session)
    head, other = make_building(session, lonlat=WEST), make_building(session, lonlat=EAST, agency=council)
    assign_areas(session)
    same(session, head, other)
    before = lies_in(session, head)
    held = add_interest(
        session, other, actor=None, reason="Deeds", agency_id=council.id, tenure=Tenure.FREEHOLD
    )  # fmt: skip
    assert lies_in(session, head) == {districts["East"]}
    end_part(session, held, version=held.version, actor=None, reason="Sold", ended_on=other.created_at.date())
    assert lies_in(session, head) == before
