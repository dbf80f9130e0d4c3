"""Every version of a row is kept, by hand and in bulk, and the register can be read as it was at any moment."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from estate.db import Base, make_session
from estate.gis.models import BoundaryLevel
from estate.register.area_statistics import area_statistics
from estate.register.areas import assign_areas
from estate.register.as_at import NotYet, begin_change_set, end_change_set, look_at_today, look_back
from estate.register.changes import change_building, retire_building
from estate.register.details import building_details
from estate.register.filters import Attention, BuildingFilters
from estate.register.frames import buildings_frame
from estate.register.listed_past import rebuild
from estate.register.models import Building, BuildingStatus, RunningCost
from estate.register.models.buildings import Dated
from estate.register.part_changes import change_cost, end_part
from estate.register.queries import NoSuchBuilding, get_building, list_buildings
from tests.factories import (
    make_agency,
    make_area,
    make_building,
    make_interest,
    make_occupation,
    make_running_cost,
    make_user,
)

VERSIONED = sorted(mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Dated))


@pytest.fixture
def past(committed: Engine) -> None:
    """For tests that commit: a transaction is the unit of history."""


def now() -> datetime:
    with make_session() as session:
        return session.execute(select(func.clock_timestamp())).scalar_one()


def test_a_building_is_read_as_it_was(past: None) -> None:
    before_all = now()
    with make_session.begin() as session:
        hall = make_building(session, name="Town Hall", net_internal_area_m2=Decimal(100))
        user = make_user(session)
        team, cost = make_occupation(session, hall, team="Planning"), make_running_cost(session, hall)
        make_interest(session, hall)
    first = now()
    with make_session.begin() as session:
        hall = get_building(session, hall.id)
        change_building(session, hall, version=1, actor=user.id, reason="Renamed", name="Old Hall", is_listed=True)
        cost = session.get_one(RunningCost, cost.id)
        change_cost(session, cost, version=1, actor=user.id, reason="Bill", amount=Decimal(13000), source="ledger")
        end_part(
            session, session.get_one(type(team), team.id), version=1, actor=user.id, reason="x", ended_on=first.date()
        )
    second = now()
    with make_session.begin() as session:
        retire_building(session, get_building(session, hall.id), version=2, actor=user.id, reason="Sold")
    with make_session() as session:
        look_back(session, before_all)
        with pytest.raises(NoSuchBuilding):
            get_building(session, hall.id)
        assert list_buildings(session, BuildingFilters()).count == 0
        look_back(session, first)
        details = building_details(session, get_building(session, hall.id))
        assert (details.building.name, details.building.is_listed, details.fte) == ("Town Hall", False, Decimal(10))
        assert details.newest_cost == (2024, Decimal(12000))
        assert [(len(details.interests), len(details.history))] == [(1, 0)]
        assert [row.building.name for row in list_buildings(session, BuildingFilters(text="town")).rows] == [
            "Town Hall"
        ]
        look_back(session, second)
        details = building_details(session, get_building(session, hall.id))
        assert (details.building.name, details.building.version, details.fte) == ("Old Hall", 2, None)
        assert details.newest_cost == (2024, Decimal(13000))
        assert len(details.history) == 3
        assert [row.annual_cost for row in list_buildings(session, BuildingFilters()).rows] == [13000]
        look_at_today(session)
        assert list_buildings(session, BuildingFilters()).count == 0
        assert get_building(session, hall.id).retired_at is not None


def test_reading_the_past_ends_with_the_transaction_and_writes_nothing(past: None) -> None:
    with make_session.begin() as session:
        building = make_building(session)
    with make_session() as session:
        look_back(session, now())
        with pytest.raises(DBAPIError):
            session.execute(text("UPDATE building SET name = 'x'"))
        session.rollback()
        assert session.scalar(text("SHOW search_path")) != "as_at, public"
        assert get_building(session, building.id).name == building.name
        with pytest.raises(NotYet):
            look_back(session, datetime.now(UTC) + timedelta(days=1))


def test_maps_count_buildings_where_they_stood(past: None) -> None:
    with make_session.begin() as session:
        make_area(session, name="West", bounds=(-2.4, 53.3, -2.3, 53.5))
        make_area(session, name="East", bounds=(-2.3, 53.3, -2.2, 53.5))
        building = make_building(session, lonlat=(-2.35, 53.4))
        make_building(session, lonlat=(-2.36, 53.4))
        make_running_cost(session, building)
        assign_areas(session)
    before = now()
    with make_session.begin() as session:
        moved = get_building(session, building.id)
        change_building(session, moved, version=1, actor=None, reason="Survey", latitude=53.4, longitude=-2.25)
    with make_session() as session:
        level = session.get_one(BoundaryLevel, "district")

        def counts() -> dict[str, tuple[int, float]]:
            frame = area_statistics(session, level, 2024, BuildingFilters())
            return {row.name: (row.building_count, row.cost) for row in frame.fillna(0).itertuples(index=False)}

        assert counts() == {"West": (1, 0), "East": (1, 12000)}
        look_back(session, before)
        assert counts() == {"West": (2, 12000), "East": (0, 0)}
        frame = buildings_frame(session, 2024, BuildingFilters(), level)
        assert set(frame["area_name"]) == {"West"}
        assert sorted(frame.geometry.x) == [-2.36, -2.35]


def test_leases_that_end_are_judged_from_the_day_looked_back_to(past: None) -> None:
    with make_session.begin() as session:
        building = make_building(session)
        make_interest(session, building, lease_end_on=(datetime.now(UTC) + timedelta(days=380)).date())
        session.flush()
        session.execute(text("ALTER TABLE building DISABLE TRIGGER USER; ALTER TABLE interest DISABLE TRIGGER USER"))
        session.execute(
            text("UPDATE building SET recorded_at = '2020-01-01'; UPDATE interest SET recorded_at = '2020-01-01'")
        )
        session.execute(text("UPDATE interest SET lease_end_on = current_date + 300"))
        session.execute(text("ALTER TABLE building ENABLE TRIGGER USER; ALTER TABLE interest ENABLE TRIGGER USER"))
        rebuild(session)
    with make_session() as session:
        ending = BuildingFilters(attention=Attention.LEASE_ENDING)
        assert list_buildings(session, ending).count == 1
        look_back(session, datetime.now(UTC) - timedelta(days=100))
        assert list_buildings(session, BuildingFilters()).count == 1
        assert list_buildings(session, ending).count == 0


def test_the_later_of_two_transactions_is_the_later_version(past: None) -> None:
    """The one that began first waits for the other and writes last: no version is lost, none has a negative life."""
    with make_session.begin() as session:
        building = make_building(session, name="First")
    with make_session() as early, make_session() as late:
        early.execute(text("SELECT now()"))
        late.execute(text("UPDATE building SET name = 'Second'"))
        late.commit()
        early.execute(text("UPDATE building SET name = 'Third'"))
        early.commit()
    with make_session() as session:
        kept = session.execute(text("SELECT name, recorded_at, superseded_at FROM history.building ORDER BY 2")).all()
        assert [name for name, _, _ in kept] == ["First", "Second"]
        assert all(start < end for _, start, end in kept)
        assert kept[0][2] == kept[1][1]
        assert session.scalar(text("SELECT recorded_at FROM building")) == kept[1][2]
        assert get_building(session, building.id).name == "Third"


def test_a_change_set_is_one_version_and_another_is_the_next(session: Session) -> None:
    """Also within one transaction."""
    building = make_building(session, name="By hand")
    begin_change_set(session, "import:1")
    for name in ("one", "two"):
        session.execute(text("UPDATE building SET name = :name"), {"name": name})
    begin_change_set(session, "import:2")
    session.execute(text("UPDATE building SET name = 'three'"))
    session.execute(
        text("INSERT INTO running_cost (building_id, agency_id, category_code, year_start, amount, source, is_estimate,"
             " version) VALUES (:building, :agency, 'energy', 2024, 1, 'x', false, 1)"),
        {"building": building.id, "agency": building.agency_id},
    )  # fmt: skip
    session.execute(text("DELETE FROM running_cost"))
    end_change_set(session)
    rows = session.execute(text("SELECT name, change_set, superseded_by FROM history.building ORDER BY superseded_at"))
    assert rows.all() == [("By hand", None, "import:1"), ("two", "import:1", "import:2")]
    assert session.execute(text("SELECT name, change_set FROM building")).one() == ("three", "import:2")
    assert session.scalar(text("SELECT count(*) FROM history.running_cost")) == 0


def test_removed_rows_stay_in_history(past: None) -> None:
    with make_session.begin() as session:
        make_running_cost(session, make_building(session))
    with make_session.begin() as session:
        session.execute(text("DELETE FROM running_cost"))
    with make_session() as session:
        assert session.scalar(text("SELECT amount FROM history.running_cost")) == 12000


@pytest.mark.parametrize("statement", ["UPDATE history.building SET name = 'x'", "DELETE FROM history.building"])
def test_history_is_append_only(session: Session, statement: str) -> None:
    make_building(session)
    begin_change_set(session, "import:1")
    session.execute(text("UPDATE building SET name = 'y'"))
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(text(statement))
    assert session.scalar(text("SELECT count(*) FROM history.building")) == 1


@pytest.mark.parametrize("table", VERSIONED)
def test_history_and_view_have_every_column(session: Session, table: str) -> None:
    """A migration that adds a column gets it into both: `alembic upgrade` refreshes them at its end."""
    inspector = inspect(session.connection())
    own = {column["name"] for column in inspector.get_columns(table)}
    kept = {column["name"] for column in inspector.get_columns(table, schema="history")}
    seen = {column["name"] for column in inspector.get_columns(table, schema="as_at")}
    assert own == seen
    assert kept >= own | {"superseded_at", "superseded_by"}


def test_every_versioned_table_keeps_history(session: Session) -> None:
    kept = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'history' ORDER BY 1")).all()
    assert list(kept) == VERSIONED


def test_a_new_column_reaches_history_and_view(session: Session) -> None:
    building = make_building(session)
    session.execute(text("SELECT seen.release(), history.release()"))
    session.execute(text("ALTER TABLE building ADD COLUMN colour text NOT NULL DEFAULT 'red'"))
    session.execute(text("ALTER TABLE building ALTER COLUMN built_year TYPE integer"))
    session.execute(text("SELECT history.refresh(), seen.refresh()"))
    begin_change_set(session, "import:1")
    session.execute(text("UPDATE building SET colour = 'blue'"))
    assert session.scalar(text("SELECT colour FROM history.building")) == "red"
    session.execute(text("SELECT seen.release(), history.release()"))
    session.execute(text("ALTER TABLE building DROP COLUMN colour"))
    session.execute(text("SELECT history.refresh(), seen.refresh()"))
    begin_change_set(session, "import:2")
    session.execute(text("UPDATE building SET name = 'x'"))
    assert session.scalar(text("SELECT count(*) FROM history.building")) == 2
    look_back(session, session.execute(select(func.now())).scalar_one())
    assert session.get_one(Building, building.id).name == building.name


@pytest.mark.parametrize("share", [0, 10**6])
def test_lists_of_a_past_day_are_those_of_that_day(past: None, monkeypatch: pytest.MonkeyPatch, share: int) -> None:
    """Found the long way and the short, by filters that let many through and few; half of the rows changed since."""
    monkeypatch.setattr("estate.register.list_pages.SORTED_SHARE", share)
    monkeypatch.setattr("estate.register.list_pages.MOST_COUNTED", 3)
    asked = [
        (filters, sort)
        for filters in (
            BuildingFilters(),
            BuildingFilters(text="hall"),
            BuildingFilters(status=BuildingStatus.VACANT),
            BuildingFilters(attention=Attention.NO_AREA),
            BuildingFilters(gap="net_area"),
            BuildingFilters(gap="records_disagree"),
            BuildingFilters(gap="record_age"),
        )
        for sort in ("name", "-agency", "use", "status", "-area_m2")
    ]
    with make_session.begin() as session:
        agencies = [make_agency(session) for _ in range(3)]
        made = [
            make_building(
                session,
                name=f"Hall {number % 4}" if number % 3 else "Depot",
                agency=agencies[number % 3],
                status=BuildingStatus.VACANT if number % 2 else BuildingStatus.ACTIVE,
                use_class_code=(None, "library", "office")[number % 3],
                net_internal_area_m2=None if number % 3 else Decimal(number + 1),
            ).id
            for number in range(12)
        ]
    moment = now()

    def answers(session: Session) -> list[tuple[list[int], int, bool]]:
        pages = (list_buildings(session, filters, sort=sort, page_size=3) for filters, sort in asked)
        return [([row.building.id for row in page.rows], page.count, page.is_count_exact) for page in pages]

    with make_session() as session:
        on_the_day = answers(session)
    with make_session.begin() as session:
        for number in made[::2]:
            building = get_building(session, number)
            changed = {"name": "Mill", "status": BuildingStatus.ACTIVE, "net_internal_area_m2": Decimal(7)}
            change_building(session, building, version=1, actor=make_user(session).id, reason="x", **changed)
    with make_session() as session:
        assert answers(session) != on_the_day
        look_back(session, moment)
        assert answers(session) == on_the_day


def test_most_rows_of_today_are_expected_to_have_stood_then(past: None) -> None:
    """Else PostgreSQL expects a third of them, and plans for fewer buildings than there are."""
    with make_session.begin() as session:
        for _ in range(30):
            make_building(session)
        session.execute(text("ANALYZE building_listed"))
    moment = now()
    with make_session() as session:
        look_back(session, moment)
        plan = session.execute(text("EXPLAIN (FORMAT JSON) SELECT * FROM public.building_listed")).scalar_one()
        every = plan[0]["Plan"]["Plan Rows"]
        plan = session.execute(text("EXPLAIN (FORMAT JSON) SELECT * FROM building_listed")).scalar_one()
    assert plan[0]["Plan"]["Plan Rows"] >= every > 0
