"""What a programme shows: the buildings of its agencies, in its areas, on the day that is read."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.orm import Session

from estate.people.programmes import today_of
from estate.register.area_statistics import area_statistics
from estate.register.areas import assign_areas
from estate.register.as_at import look_back
from estate.register.filters import BuildingFilters
from estate.register.frames import buildings_frame
from estate.register.listed_past import rebuild
from estate.register.models import Building
from estate.register.programmes import Scope, cover, is_whole_register, shown_area_ids, sight_of
from estate.register.queries import count_buildings, list_buildings, list_current_areas
from estate.register.summary import register_summary
from tests.factories import (
    first_programme,
    make_agency,
    make_area,
    make_building,
    make_level,
    make_programme,
    make_stay,
)

A_DAY = timedelta(days=1)


def names(session: Session, scope: Scope | None, **filters: object) -> list[str]:
    found = list_buildings(session, BuildingFilters(scope=scope, **filters), page_size=None)  # type: ignore[arg-type]
    return [row.building.name for row in found.rows]


def test_each_programme_shows_the_buildings_of_its_agencies(session: Session) -> None:
    county, health = first_programme(session), make_programme(session)
    council, trust, both = make_agency(session), make_agency(session, is_partner=False), make_agency(session)
    make_stay(session, trust, health)
    make_stay(session, both, health)
    for name, agency in (("Hall", council), ("Clinic", trust), ("Hub", both)):
        make_building(session, name=name, agency=agency)
    assert names(session, None) == ["Clinic", "Hall", "Hub"]
    assert names(session, Scope(county.id)) == ["Hall", "Hub"]
    assert names(session, Scope(health.id)) == ["Clinic", "Hub"]
    assert count_buildings(session, BuildingFilters(scope=Scope(health.id))) == 2
    assert register_summary(session, BuildingFilters(scope=Scope(health.id))).building_count == 2


def test_who_stepped_back_leaves_today_and_stands_in_the_past(session: Session) -> None:
    programme, today = first_programme(session), today_of(session)
    left, leaving = make_agency(session, is_partner=False), make_agency(session, is_partner=False)
    make_stay(session, left, left_on=today)
    make_stay(session, leaving, left_on=today + A_DAY)
    for name, agency in (("Left", left), ("Leaving", leaving)):
        make_building(session, name=name, agency=agency, recorded_at=datetime(2020, 1, 1, tzinfo=UTC))
    rebuild(session)
    assert names(session, Scope(programme.id)) == ["Leaving"]
    assert list(buildings_frame(session, None, BuildingFilters(scope=Scope(programme.id)))["name"]) == ["Leaving"]
    look_back(session, datetime.combine(today - A_DAY, time(12), UTC))
    assert names(session, Scope(programme.id)) == ["Leaving", "Left"]


def test_a_return_shows_them_again(session: Session) -> None:
    programme, today = first_programme(session), today_of(session)
    agency = make_agency(session, is_partner=False)
    make_stay(session, agency, left_on=today - 10 * A_DAY)
    make_building(session, name="Hall", agency=agency)
    assert names(session, Scope(programme.id)) == []
    make_stay(session, agency, joined_on=today)
    assert names(session, Scope(programme.id)) == ["Hall"]


def test_somebody_outside_sees_their_own_and_members_may_ask_for_their_own(session: Session) -> None:
    programme = first_programme(session)
    own, other = make_agency(session, is_partner=False), make_agency(session)
    make_building(session, name="Own", agency=own)
    make_building(session, name="Other", agency=other)
    outside = Scope(None, frozenset({own.id}))
    assert names(session, outside) == ["Own"]
    assert names(session, outside, agency_id=other.id) == []
    assert names(session, Scope(None)) == []
    assert names(session, Scope(programme.id, frozenset({own.id}))) == ["Other"]
    assert names(session, Scope(programme.id, frozenset({own.id})), agency_id=own.id) == ["Own"]
    assert names(session, Scope(programme.id), agency_id=own.id) == []


def test_a_building_with_a_partner_s_record_stays(session: Session) -> None:
    programme = first_programme(session)
    left, stays = make_agency(session, is_partner=False), make_agency(session)
    head = make_building(session, name="Whole", agency=left)
    record = make_building(session, name="Record", agency=stays)
    head.canonical_id = record.canonical_id = head.id
    session.flush()
    assert len(names(session, Scope(programme.id))) == 1
    sight = sight_of(session, record)
    assert (sight.agency_ids, sight.programme_ids) == ({left.id, stays.id}, {programme.id})


@pytest.fixture
def placed(session: Session) -> dict[str, Building]:
    """A county of two districts, a building in each, one elsewhere, and one of which nobody knows where it lies."""
    county = make_area(session, level="county", name="County", bounds=(-2.4, 53.3, -2.2, 53.5))
    make_area(session, name="West", parent=county, bounds=(-2.4, 53.3, -2.3, 53.5))
    make_area(session, name="East", parent=county, bounds=(-2.3, 53.3, -2.2, 53.5))
    places = {"West": (-2.35, 53.4), "East": (-2.25, 53.4), "Away": (1.0, 52.0), "Nowhere": None}
    found = {name: make_building(session, name=name, lonlat=place) for name, place in places.items()}
    assign_areas(session)
    return found


def test_a_programme_covers_areas(session: Session, placed: dict[str, Building]) -> None:
    programme = first_programme(session)
    levels = list_current_areas(session)
    areas = {area.name: area for found in levels.values() for area in found}
    assert is_whole_register(session, programme.id)
    assert shown_area_ids(session, programme.id) is None
    cover(session, programme, [areas["West"]], actor=None)
    assert not is_whole_register(session, programme.id)
    assert names(session, Scope(programme.id)) == ["Nowhere", "West"]
    shown = {area.name for found in list_current_areas(session, programme.id).values() for area in found}
    assert shown == {"County", "West"}
    statistics = area_statistics(session, make_level(session), None, BuildingFilters(scope=Scope(programme.id)))
    assert statistics[["name", "building_count"]].to_numpy().tolist() == [["West", 1]]
    cover(session, programme, [areas["County"]], actor=None)
    assert names(session, Scope(programme.id)) == ["East", "Nowhere", "West"]
    assert len(shown_area_ids(session, programme.id) or ()) == 3
    cover(session, programme, [], actor=None)
    assert names(session, Scope(programme.id)) == ["Away", "East", "Nowhere", "West"]


def test_areas_without_a_known_parent_are_found_by_their_place(session: Session) -> None:
    programme, county = first_programme(session), make_area(session, level="county", bounds=(-2.4, 53.3, -2.2, 53.5))
    inside = make_area(session, level="ward", bounds=(-2.35, 53.35, -2.34, 53.36))
    make_area(session, level="ward", bounds=(1, 52, 1.1, 52.1))
    cover(session, programme, [county], actor=None)
    assert shown_area_ids(session, programme.id) == {county.id, inside.id}


def test_one_agency_outside_is_enough_to_ask(session: Session) -> None:
    programme = first_programme(session)
    make_agency(session)
    assert is_whole_register(session, programme.id)
    make_stay(session, make_agency(session, is_partner=False), joined_on=date(2100, 1, 1))
    assert not is_whole_register(session, programme.id)
