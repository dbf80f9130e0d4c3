"""What lists read equals what follows from the records, now and on any past day, whatever was done to the register."""

import contextlib
import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, Text, cast, delete, func, select, text, update
from sqlalchemy.orm import Session

from estate.db import make_session
from estate.errors import EstateError
from estate.register import listed, part_changes
from estate.register.areas import assign_areas
from estate.register.as_at import look_back
from estate.register.changes import change_building, retire_building
from estate.register.filters import ALL_CLASSES, Attention, BuildingFilters, filtered_ids
from estate.register.leases import LeaseState, has_lease
from estate.register.list_pages import Slice, page_ids, sorted_ids
from estate.register.listed_past import is_missing, rebuild
from estate.register.matches.decide import Said, decide, retract
from estate.register.matches.overrides import choose_value
from estate.register.models import (
    Building,
    BuildingKind,
    BuildingListed,
    BuildingStatus,
    CostYearStep,
    Interest,
    MatchDecision,
    MatchVerdict,
    RunningCost,
    Tenure,
)
from estate.register.queries import SORTS, list_buildings
from tests.factories import make_agency, make_area, make_building, make_interest, make_running_cost, make_user


def clock() -> datetime:
    with make_session() as session:
        return session.execute(select(func.clock_timestamp())).scalar_one()


def change_something(session: Session, dice: random.Random, actor: int) -> None:
    """One of the things that people do to a register."""
    in_use = select(Building).where(Building.status != "retired").order_by(Building.id)
    one, other = dice.sample(list(session.scalars(in_use).unique()), 2)
    deed = dice.choice([change_facts, change_parts, change_matches, change_matches])
    deed(session, dice, one, other, {"actor": actor, "reason": "dice"})


Who = dict[str, Any]


def change_facts(session: Session, dice: random.Random, one: Building, other: Building, who: Who) -> None:
    fields: dict[str, Any] = dice.choice(
        [
            {"name": f"Name {dice.randrange(9)}", "postcode": "M32 0TH"},
            {"latitude": 53 + dice.random(), "longitude": -2.0, "gross_internal_area_m2": Decimal(900)},
            {"net_internal_area_m2": Decimal(dice.randrange(1, 9)), "use_class_code": "library", "uprn": "123"},
        ]
    )
    change_building(session, one, version=one.version, **fields, **who)
    if dice.random() < 0.3:
        with contextlib.suppress(EstateError):
            choose_value(session, other, "name", f"Chosen {dice.randrange(9)}", seen=None, **who)
    if dice.random() < 0.1:
        retire_building(session, other, version=other.version, **who)


def change_parts(session: Session, dice: random.Random, one: Building, other: Building, who: Who) -> None:
    end = date(2026, 1, 1) + timedelta(days=dice.randrange(900))
    key = {"agency_id": other.agency_id, "category_code": "energy", "year_start": dice.choice([2022, 2023, 2024])}
    held = session.scalars(
        select(Interest).where(Interest.building_id == other.id, Interest.ended_on.is_(None))
    ).first()
    if held:
        part_changes.end_part(session, held, version=held.version, ended_on=date(2026, 1, 1), **who)
    lease = {"tenure": Tenure.LEASEHOLD, "lease_end_on": end}
    part_changes.add_interest(session, one, agency_id=other.agency_id, **lease, **who)
    if not session.scalar(select(RunningCost.id).filter_by(building_id=one.id, **key)):
        told = {"amount": Decimal(dice.randrange(900)), "is_estimate": dice.random() < 0.5, "source": "x"}
        part_changes.add_cost(session, one, **key, **told, **who)


def change_matches(session: Session, dice: random.Random, one: Building, other: Building, who: Who) -> None:
    live = list(session.scalars(select(MatchDecision).where(MatchDecision.retracted_at.is_(None))).unique())
    if live and dice.random() < 0.4:
        retract(session, dice.choice(live), **who)
        return
    verdict = dice.choice([MatchVerdict.SAME, MatchVerdict.SAME, MatchVerdict.SAME_SITE, MatchVerdict.PART_OF])
    part_id = one.id if verdict is MatchVerdict.PART_OF else None
    with contextlib.suppress(EstateError):
        decide(session, one, other, Said(verdict, "dice", who["actor"], part_id=part_id))


def test_lists_follow_the_records_now_and_on_every_past_day(committed: Engine) -> None:
    dice = random.Random(1)
    with make_session.begin() as session:
        make_area(session, bounds=(-2.5, 53.0, -1.5, 53.5))
        for number in range(9):
            make_building(session, name=f"Building {number}", lonlat=(-2.0, 53 + number / 10))
        assign_areas(session)
        user = make_user(session)
    moments = [clock()]
    for _ in range(30):
        with make_session.begin() as session:
            change_something(session, dice, user.id)
        moments.append(clock())
    with make_session() as session:
        assert not listed.verify(session)
    past = check_past(moments)
    with make_session.begin() as session:
        rebuild(session)
        assert not listed.verify(session)
    assert check_past(moments) == past


def check_past(moments: list[datetime]) -> list[list[tuple[object, ...]]]:
    """Every building's row at each moment, each checked against its records at that moment."""
    found = []
    for moment in moments:
        with make_session() as session:
            look_back(session, moment)
            assert not listed.verify(session)
            columns = BuildingListed.__table__.columns
            query = select(*(columns[name] for name in ("id", "name_key", "annual_cost", "lease_dates", "search_text")))
            found.append([tuple(row) for row in session.execute(query.order_by("id"))])
    return found


def test_many_new_buildings_get_the_rows_that_one_by_one_would_give(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(2)
    make_area(session, bounds=(-2.5, 53.0, -1.5, 53.5))
    for number in range(12):
        make_building(session, name=f"Building {number}", lonlat=(-2.0, 53 + number / 10))
    assign_areas(session)
    user = make_user(session)
    for _ in range(20):
        change_something(session, dice, user.id)
    session.flush()
    ids = list(session.scalars(select(Building.id)))
    rows = set(listed_rows_of(session))
    for table in (BuildingListed, CostYearStep):
        session.execute(delete(table))
    monkeypatch.setattr(listed, "MANY", 2)
    monkeypatch.setattr(listed, "AT_ONCE", 3)
    alone = listed._new_alone(session, ids)[0]
    assert 0 < len(alone) < len(ids)
    listed.refresh(session, ids)
    assert set(listed_rows_of(session)) == rows
    assert not listed.verify(session)


def listed_rows_of(session: Session) -> list[tuple[object, ...]]:
    """What every row says."""
    columns = [
        column for column in BuildingListed.__table__.columns if column.name not in ("recorded_at", "change_set")
    ]
    told = [cast(column, Text) for column in columns]
    return [tuple(row) for row in session.execute(select(*told))]


def test_a_register_older_than_its_list_gets_one(committed: Engine) -> None:
    with make_session.begin() as session:
        make_running_cost(session, make_building(session, name="Old"))
        session.execute(text("TRUNCATE building_listed, cost_year_step"))
    with make_session.begin() as session:
        assert is_missing(session)
        assert rebuild(session) == 1
    with make_session() as session:
        assert not is_missing(session)
        assert [row.annual_cost for row in list_buildings(session, BuildingFilters()).rows] == [12000]


def test_verify_names_what_differs(session: Session) -> None:
    wrong, missing, right = (make_building(session) for _ in range(3))
    make_running_cost(session, right)
    assert not listed.verify(session)
    session.execute(update(BuildingListed).where(BuildingListed.id == wrong.id).values(name_key="other"))
    session.execute(text("DELETE FROM building_listed WHERE id = :id"), {"id": missing.id})
    session.execute(text("UPDATE cost_year_step SET building_delta = 5"))
    found = listed.verify(session)
    assert found.wrong == [wrong.id, missing.id]
    assert found.cost_years == {2024: (5, 1)}
    listed.refresh(session)
    assert not listed.verify(session)


def test_two_people_who_change_one_building_at_once_both_stand_in_the_list(committed: Engine) -> None:
    with make_session.begin() as session:
        building = make_building(session)
        make_running_cost(session, building, amount=Decimal(5), category_code="water")
    with make_session() as one, make_session() as other:
        make_running_cost(one, building, amount=Decimal(7))
        other.execute(text("SET LOCAL lock_timeout = '100ms'"))
        other.add(Interest(building_id=building.id, agency_id=building.agency_id, tenure=Tenure.PFI))
        with pytest.raises(Exception, match="lock timeout"):
            other.flush()
        other.rollback()
        one.commit()
        other.add(Interest(building_id=building.id, agency_id=building.agency_id, tenure=Tenure.PFI))
        other.commit()
    with make_session() as session:
        assert not listed.verify(session)
        row = session.get_one(BuildingListed, building.id)
        assert (row.annual_cost, row.tenures) == (12, ["pfi"])


def test_costs_of_all_buildings_turn_to_the_new_year_together(session: Session) -> None:
    buildings = [make_building(session) for _ in range(3)]
    for building in buildings:
        make_running_cost(session, building, year_start=2023, amount=Decimal(1))
    make_running_cost(session, buildings[0], year_start=2024, amount=Decimal(2))
    page = list_buildings(session, BuildingFilters(), sort="cost")
    assert (page.year_start, [row.annual_cost for row in page.rows]) == (2023, [1, 1, 1])
    make_running_cost(session, buildings[1], year_start=2024, amount=Decimal(3))
    page = list_buildings(session, BuildingFilters(), sort="-cost")
    assert (page.year_start, [row.annual_cost for row in page.rows]) == (2024, [3, 2, None])
    assert not listed.verify(session)


def test_the_name_of_an_agency_sorts_the_list_at_once(session: Session) -> None:
    first, second = make_agency(session, name="Alpha"), make_agency(session, name="Beta")
    one, other = make_building(session, agency=first), make_building(session, agency=second)
    first.name = "Zeta"
    session.flush()
    page = list_buildings(session, BuildingFilters(), sort="agency")
    assert [row.building.id for row in page.rows] == [other.id, one.id]
    assert not listed.verify(session)


@pytest.mark.parametrize("state", list(LeaseState))
def test_the_listed_dates_say_what_the_leases_say(session: Session, state: LeaseState) -> None:
    """Each pair of a break and an end around the days that matter."""
    today = session.scalar(select(func.current_date()))
    days = [None, *(today + timedelta(days=number) for number in (-1, 0, 1, 364, 367))]
    for lease_break in days:
        for end in days:
            make_interest(session, make_building(session), break_on=lease_break, lease_end_on=end)
    by_records = set(session.scalars(select(Building.id).where(has_lease(state))))
    attention = {LeaseState.ENDED: Attention.LEASE_ENDED, LeaseState.ENDING: Attention.LEASE_ENDING}[state]
    page = list_buildings(session, BuildingFilters(attention=attention), page_size=100)
    assert {row.building.id for row in page.rows} == by_records
    assert by_records


@pytest.mark.parametrize("sort", [way + sort for sort in SORTS for way in ("", "-")])
def test_walking_an_index_gives_the_same_pages_as_sorting(
    session: Session, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    dice = random.Random(sort)
    agencies = [make_agency(session) for _ in range(2)]
    for _ in range(12):
        building = make_building(
            session,
            name=dice.choice(["Hall", "Depot"]),
            agency=dice.choice(agencies),
            postcode=dice.choice([None, "M1 1AA", "M2 1AA"]),
            use_class_code=dice.choice([None, "library", "office"]),
            status=dice.choice([BuildingStatus.ACTIVE, BuildingStatus.VACANT, BuildingStatus.DISPOSED]),
            net_internal_area_m2=dice.choice([None, 5, 6]),
        )
        if dice.random() < 0.5:
            make_running_cost(session, building, amount=Decimal(dice.randrange(3)))
    for filters in (
        BuildingFilters(),
        BuildingFilters(agency_id=agencies[0].id),
        BuildingFilters(use_class_code="office"),
        BuildingFilters(attention=Attention.NO_AREA),
        BuildingFilters(gap="address"),
        BuildingFilters(status=BuildingStatus.VACANT),
        BuildingFilters(text="hall"),
        BuildingFilters(kind=BuildingKind.BUILDING, status=BuildingStatus.ACTIVE),
        BuildingFilters(status=BuildingStatus.DISPOSED),
        BuildingFilters(class_code=ALL_CLASSES),
    ):
        every = sorted_ids(session, filters, sort)
        assert len(every) == session.scalar(select(func.count()).select_from(filtered_ids(filters).subquery()))
        assert len(set(every)) == len(every)
        for share, at_once, groups in ((0, 10**6, 1), (0, 10**6, 8), (10**6, 10**6, 1), (10**6, 0, 8)):
            monkeypatch.setattr("estate.register.list_pages.SORTED_SHARE", share)
            monkeypatch.setattr("estate.register.list_pages.SORTED_AT_ONCE", at_once)
            monkeypatch.setattr("estate.register.list_pages.MOST_GROUPS", groups)
            assert in_pages(session, filters, sort, every, few=None) == every
        assert in_pages(session, filters, sort, every, few=every[::-1]) == every


def in_pages(
    session: Session, filters: BuildingFilters, sort: str, every: list[int], few: list[int] | None
) -> list[int]:
    """All pages of three, one after the other."""
    return [
        number
        for offset in range(0, len(every), 3)
        for number in page_ids(session, filters, sort, Slice(offset, 3), few=few)
    ]


def test_where_a_walk_gives_up_all_are_sorted(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that match stand last in the order, behind more rows than are walked."""
    monkeypatch.setattr("estate.register.list_pages.WALK", -10)
    for number in range(12):
        make_building(session, name=f"{number:02d}", postcode="M1 1AA" if number > 8 else None)
    filters = BuildingFilters(text="m1")
    for sort in ("name", "-postcode", "status", "vacant"):
        every = sorted_ids(session, filters, sort)
        assert page_ids(session, filters, sort, Slice(0, 3), few=None) == every


def test_a_long_list_says_that_it_is_longer(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("estate.register.list_pages.MOST_COUNTED", 5)
    for _ in range(7):
        make_building(session)
    page = list_buildings(session, BuildingFilters(), page=9, page_size=2)
    assert (page.count, page.is_count_exact, page.page_count, len(page.rows)) == (5, False, 3, 2)
    assert list_buildings(session, BuildingFilters(), page_size=None).is_count_exact
