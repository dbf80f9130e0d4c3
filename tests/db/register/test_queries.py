"""The list: search, filters, sorting, paging, sums that leave unknowns out."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from estate.register import costs
from estate.register.area_statistics import area_statistics
from estate.register.areas import assign_areas
from estate.register.changes import retire_building
from estate.register.filters import Attention, BuildingFilters, search_words
from estate.register.leases import LeaseState, lease_state
from estate.register.models import BuildingStatus, Interest, Tenure
from estate.register.queries import NoSuchBuilding, cost_year, count_buildings, get_building, list_buildings
from estate.register.summary import register_summary
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_interest,
    make_level,
    make_occupation,
    make_running_cost,
)


def names(session: Session, *, sort: str = "name", **filters: object) -> list[str]:
    page = list_buildings(session, BuildingFilters(**filters), sort=sort)  # type: ignore[arg-type]
    assert page.count == len(page.rows)
    return [row.building.name for row in page.rows]


def test_search_words_each_match_somewhere(session: Session) -> None:
    make_building(session, name="Town Hall", street="1 High Street", postcode="M32 0TH", uprn="000123456789")
    make_building(session, name="Hall Lane Depot", street="Hall Lane", postcode="OL1 1AA", uprn="990000000001")
    assert names(session, text="hall") == ["Hall Lane Depot", "Town Hall"]
    assert names(session, text="HALL town") == ["Town Hall"]
    assert names(session, text="m32 0th") == ["Town Hall"]
    assert names(session, text="000123") == ["Town Hall"]
    assert names(session, text="123456") == []
    assert names(session, text="high nowhere") == []


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "'", '"; DROP TABLE building; --', "\x00", "\ud800", "💥", "١٢٣", " "]
)
def test_search_takes_every_character_as_itself(session: Session, text: str) -> None:
    make_building(session, name="Plain")
    expected = ["Plain"] if not search_words(text) else []
    assert names(session, text=text) == expected


def test_a_search_has_an_end() -> None:
    assert len(search_words("word " * 1000)) == 10


def test_filters_hold_at_once(session: Session) -> None:
    mine, other = make_agency(session), make_agency(session)
    area = make_area(session, bounds=(-2.4, 53.3, -2.2, 53.5))
    inside = make_building(session, name="Inside", agency=mine, use_class_code="library")
    make_building(session, name="Outside", agency=mine, lonlat=(-1.0, 52.0))
    make_building(session, name="Theirs", agency=other, lonlat=None)
    make_interest(session, inside, tenure=Tenure.LEASEHOLD)
    make_interest(session, inside, tenure=Tenure.PFI, ended_on=date(2020, 1, 1), ended_reason="bought")
    assign_areas(session)
    assert names(session, agency_id=mine.id) == ["Inside", "Outside"]
    assert names(session, agency_id=mine.id, area_id=area.id) == ["Inside"]
    assert names(session, tenure=Tenure.LEASEHOLD) == ["Inside"]
    assert names(session, tenure=Tenure.PFI) == []
    assert names(session, use_class_code="library") == ["Inside"]
    assert names(session, agency_id=other.id, area_id=area.id) == []


def test_disposed_and_retired_buildings_are_shown_only_when_asked_for(session: Session) -> None:
    make_building(session, name="Sold", status=BuildingStatus.DISPOSED)
    wrong = make_building(session, name="Wrong")
    make_building(session, name="Empty", status=BuildingStatus.VACANT)
    retire_building(session, wrong, version=1, actor=None, reason="entered twice")
    assert names(session) == ["Empty"]
    assert names(session, status=BuildingStatus.DISPOSED) == ["Sold"]
    assert names(session, status=BuildingStatus.RETIRED) == ["Wrong"]
    assert register_summary(session).building_count == 1


def test_unknown_comes_last_in_both_directions(session: Session) -> None:
    for name, cost in (("Dear", 900), ("Cheap", 5), ("Unknown", None)):
        building = make_building(session, name=name, net_internal_area_m2=cost)
        if cost:
            make_running_cost(session, building, amount=Decimal(cost))
    assert names(session, sort="cost") == ["Cheap", "Dear", "Unknown"]
    assert names(session, sort="-cost") == ["Dear", "Cheap", "Unknown"]
    assert names(session, sort="-area_m2") == ["Dear", "Cheap", "Unknown"]
    assert names(session, sort="nonsense") == ["Cheap", "Dear", "Unknown"]


@pytest.mark.parametrize("sort", ["name", "postcode", "agency", "use", "area_m2", "cost", "status"])
def test_every_sort_works_both_ways(session: Session, sort: str) -> None:
    make_building(session)
    assert len(names(session, sort=sort)) == len(names(session, sort=f"-{sort}")) == 1


def test_pages_hold_every_building_once(session: Session) -> None:
    agency = make_agency(session)
    for _ in range(7):
        make_building(session, name="Same name", agency=agency)
    seen = []
    for number in (1, 2, 3):
        page = list_buildings(session, BuildingFilters(), page=number, page_size=3)
        assert (page.count, page.page_count, page.page) == (7, 3, number)
        seen += [row.building.id for row in page.rows]
    assert len(set(seen)) == 7
    assert list_buildings(session, BuildingFilters(), page=99, page_size=3).page == 3
    assert list_buildings(session, BuildingFilters(), page=-1, page_size=3).page == 1
    assert list_buildings(session, BuildingFilters(agency_id=1), page=1).page_count == 1


def test_the_cost_year_is_the_newest_that_is_about_complete(session: Session) -> None:
    assert cost_year(session) is None
    buildings = [make_building(session) for _ in range(4)]
    for building in buildings:
        make_running_cost(session, building, year_start=2023)
    make_running_cost(session, buildings[0], year_start=2024)
    assert cost_year(session) == 2023
    make_running_cost(session, buildings[1], year_start=2024)
    assert cost_year(session) == 2024


def test_a_row_adds_up_what_every_agency_pays(session: Session) -> None:
    building = make_building(session)
    make_running_cost(session, building, amount=Decimal(100))
    make_running_cost(session, building, amount=Decimal(20), agency_id=make_agency(session).id, is_estimate=True)
    make_running_cost(session, building, amount=Decimal(7), year_start=2020)
    [row] = list_buildings(session, BuildingFilters()).rows
    assert (row.annual_cost, row.is_estimate) == (Decimal(120), True)


def test_the_summary_leaves_unknowns_out_and_counts_them(session: Session) -> None:
    known = make_building(session, net_internal_area_m2=Decimal(100), gross_internal_area_m2=Decimal(125))
    make_building(session, lonlat=None, use_class_code=None)
    no_area = make_building(session, status=BuildingStatus.SURPLUS)
    make_running_cost(session, known, amount=Decimal(5000))
    make_running_cost(session, no_area, amount=Decimal(1000))
    make_occupation(session, known, fte=Decimal(4))
    make_occupation(session, known, fte=None)
    make_occupation(session, known, fte=Decimal(9), ended_on=date(2020, 1, 1), ended_reason="left")
    summary = register_summary(session)
    assert (summary.building_count, summary.vacant_count, summary.agency_count) == (3, 1, 3)
    assert (summary.annual_cost, summary.cost_unknown_count) == (6000, 1)
    assert (summary.net_internal_area_m2, summary.area_unknown_count) == (100, 2)
    assert summary.cost_per_m2 == 40
    assert (summary.fte, summary.unlocated_count, summary.without_use_count) == (4, 1, 1)


def test_the_summarys_cost_per_m2_is_that_of_the_map(session: Session) -> None:
    make_area(session)
    for amount, gross, net in ((5000, 125, 100), (700, 10, None), (900, None, 30), (None, 1000, 800)):
        building = make_building(session, gross_internal_area_m2=gross, net_internal_area_m2=net)
        if amount:
            make_running_cost(session, building, amount=Decimal(amount))
    assign_areas(session)
    on_map = costs.running_cost_per_m2(area_statistics(session, make_level(session), 2024, BuildingFilters()))
    assert on_map.tolist() == [pytest.approx(5700 / 135)]
    assert float(register_summary(session).cost_per_m2 or 0) == pytest.approx(on_map[0])


def test_the_summary_of_nothing_is_unknown_not_zero(session: Session) -> None:
    summary = register_summary(session)
    assert summary.building_count == 0
    assert summary.annual_cost is None
    assert summary.cost_per_m2 is None


def test_what_needs_attention(session: Session) -> None:
    today = datetime.now(UTC).date()
    complete = make_building(session, name="Complete", net_internal_area_m2=Decimal(5))
    make_running_cost(session, complete)
    gaps = make_building(session, name="Gaps", lonlat=None, use_class_code=None)
    make_interest(session, gaps, lease_end_on=today + timedelta(days=100))
    make_interest(session, gaps, lease_end_on=today - timedelta(days=1))
    make_interest(session, complete, lease_end_on=today + timedelta(days=1000))
    for attention in Attention:
        assert names(session, attention=attention) == ["Gaps"], attention
    assert count_buildings(session, BuildingFilters(attention=Attention.NO_COST)) == 1


@pytest.mark.parametrize(
    ("end_in", "break_in", "is_over", "expected"),
    [
        (-1, None, False, LeaseState.ENDED),
        (-1, -400, False, LeaseState.ENDED),
        (-1, 30, False, LeaseState.ENDED),
        (-1, None, True, None),
        (0, None, False, LeaseState.ENDING),
        (100, -30, False, LeaseState.ENDING),
        (1000, 100, False, LeaseState.ENDING),
        (100, 1000, False, LeaseState.ENDING),
        (None, 30, False, LeaseState.ENDING),
        (100, None, True, None),
        (1000, -30, False, None),
        (1000, 400, False, None),
        (None, -30, False, None),
        (None, None, False, None),
    ],
)
def test_leases_that_end_or_have_ended(
    session: Session, end_in: int | None, break_in: int | None, is_over: bool, expected: LeaseState | None
) -> None:
    today = datetime.now(UTC).date()
    end_on, break_on = (None if days is None else today + timedelta(days=days) for days in (end_in, break_in))
    over = {"ended_on": today, "ended_reason": "left"} if is_over else {}
    interest = make_interest(session, make_building(session), lease_end_on=end_on, break_on=break_on, **over)
    assert lease_state(interest, today) is expected
    for state, attention in (
        (LeaseState.ENDED, Attention.LEASE_ENDED),
        (LeaseState.ENDING, Attention.LEASE_ENDING),
    ):
        assert count_buildings(session, BuildingFilters(attention=attention)) == (expected is state), state
    assert register_summary(session).lease_ended_count == (expected is LeaseState.ENDED)


def test_a_year_from_a_leap_day() -> None:
    interest = Interest(lease_end_on=date(2029, 2, 28))
    assert lease_state(interest, date(2028, 2, 29)) is LeaseState.ENDING
    interest.lease_end_on = date(2029, 3, 1)
    assert lease_state(interest, date(2028, 2, 29)) is None


@pytest.mark.parametrize("building_id", [0, -1, 10**6, 2**63, 10**30])
def test_a_building_that_is_not_there(session: Session, building_id: int) -> None:
    with pytest.raises(NoSuchBuilding):
        get_building(session, building_id)
