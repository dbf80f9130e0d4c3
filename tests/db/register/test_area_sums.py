"""Stored sums of areas: whatever changes the register, a map shows what adding up the buildings would give."""

import random
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from pandas.testing import assert_frame_equal
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from estate.cli import main
from estate.db import make_session
from estate.gis.models import Area, BoundaryLevel
from estate.people.models import Agency
from estate.register import area_statistics as statistics
from estate.register.area_sum_keeping import perform_sums, rebuild, refresh, verify
from estate.register.area_sums import are_stored_for
from estate.register.areas import assign_areas
from estate.register.changes import change_building, retire_building
from estate.register.filters import BuildingFilters
from estate.register.matches.decide import Said, decide, retract
from estate.register.models import (
    AreaSum,
    Building,
    BuildingStatus,
    MatchDecision,
    MatchVerdict,
    Sensitivity,
    area_sum_mark,
)
from estate.register.seen import EVERY_AGENCY, THE_PUBLIC, Viewer, see_as, see_everything
from estate.register.sensitivity import change_sensitivity
from tests import factories

ALL, COSTS, YEAR = BuildingFilters(), ("costs",), 2024
PLACES = [(-2.35, 53.4), (-2.25, 53.4), (-2.15, 53.4), (-2.05, 53.4), (-1.0, 53.4)]


@pytest.fixture
def level(session: Session) -> BoundaryLevel:
    for step in range(4):
        west = -2.4 + step / 10
        factories.make_area(session, bounds=(west, 53.3, west + 0.1, 53.5))
    return session.get_one(BoundaryLevel, "district")


@pytest.fixture
def council(session: Session) -> Agency:
    return factories.make_agency(session, name="Council")


def placed(session: Session, agency: Agency, place: int, **fields: object) -> Building:
    building = factories.make_building(
        session, agency=agency, lonlat=PLACES[place], gross_internal_area_m2=Decimal(100 + place), **fields
    )
    factories.make_running_cost(session, building, amount=Decimal("1000.50") + place)
    assign_areas(session, [building.id])
    return building


def is_same(session: Session, level: BoundaryLevel, viewer: Viewer = EVERY_AGENCY) -> bool:
    """What `viewer` is shown is what is added up live, in both years."""
    see_as(session, viewer)
    try:
        for year in (YEAR - 1, YEAR):
            shown = statistics.area_statistics(session, level, year, ALL, COSTS)
            live = statistics.live_statistics(session, level, year, ALL, COSTS)
            assert_frame_equal(shown, live, check_dtype=False, check_like=True)
    finally:
        see_everything(session)
    return True


def holding(session: Session) -> int:
    """Areas whose stored sums a partner is given."""
    stored = statistics.stored_sums(YEAR)
    return session.scalar(select(func.count()).select_from(stored)) or 0


def cost_of(session: Session, area: Area) -> Decimal | None:
    return session.scalar(select(AreaSum.cost).where(AreaSum.area_id == area.id, AreaSum.year_start == YEAR))


def test_it_is_stored_until_something_changes_there(session: Session, level: BoundaryLevel, council: Agency) -> None:
    hall, _ = placed(session, council, 0), placed(session, council, 1)
    refresh(session)
    assert holding(session) == 4
    factories.make_running_cost(session, hall, category_code="cleaning", amount=Decimal(7))
    assert holding(session) == 3
    assert is_same(session, level)
    assert refresh(session) == 1
    assert holding(session) == 4
    first = session.scalars(select(Area).order_by(Area.id)).first()
    assert first is not None
    assert cost_of(session, first) == Decimal("1007.50")
    assert session.scalar(select(func.count()).select_from(area_sum_mark)) == 0


def test_it_reads_what_is_stored(session: Session, level: BoundaryLevel, council: Agency) -> None:
    placed(session, council, 0)
    refresh(session)
    session.execute(update(AreaSum).where(AreaSum.cost.is_not(None)).values(cost=5))
    see_as(session, EVERY_AGENCY)
    shown = statistics.area_statistics(session, level, YEAR, ALL, COSTS)
    see_everything(session)
    assert shown["cost"].dropna().tolist() == [5.0]
    assert {(found.name, found.stored, found.right) for found in verify(session)} == {("cost", 5, Decimal("1000.50"))}
    rebuild(session)
    assert verify(session) == []


class Walk:
    """A register that is changed at random, one step after the other."""

    def __init__(self, session: Session, council: Agency, seed: int) -> None:
        self.session, self.chance = session, random.Random(seed)
        self.agencies = [council, factories.make_agency(session, name="Trust")]
        self.buildings = [placed(session, self.chance.choice(self.agencies), place % 5) for place in range(8)]
        self.joined: list[MatchDecision] = []

    def step(self) -> str:
        """One change of a building that is not retired; gives what it was."""
        one = self.chance.choice([building for building in self.buildings if building.retired_at is None])
        does = self.chance.choice([self.cost, self.move, self.area, self.join, self.retire, self.level, self.load])
        self.session.refresh(one)
        does(one, {"version": one.version, "actor": None, "reason": "Asked"})
        self.session.flush()
        if self.chance.random() < 0.3:
            refresh(self.session)
        return does.__name__

    def cost(self, one: Building, said: dict[str, Any]) -> None:
        year, category = self.chance.choice([YEAR - 1, YEAR]), self.chance.choice(["cleaning", "rates"])
        delete = "DELETE FROM running_cost WHERE building_id = :id AND category_code = :code AND year_start = :year"
        self.session.execute(text(delete), {"id": one.id, "code": category, "year": year})
        factories.make_running_cost(
            self.session,
            one,
            category_code=category,
            year_start=year,
            amount=Decimal(self.chance.randrange(900_000)) / 100,
            is_estimate=self.chance.random() < 0.5,
            agency_id=self.chance.choice(self.agencies).id,
        )

    def move(self, one: Building, said: dict[str, Any]) -> None:
        longitude, latitude = self.chance.choice(PLACES)
        change_building(self.session, one, longitude=longitude, latitude=latitude, **said)

    def area(self, one: Building, said: dict[str, Any]) -> None:
        status = self.chance.choice([BuildingStatus.VACANT, BuildingStatus.ACTIVE, BuildingStatus.DISPOSED])
        floor = Decimal(self.chance.randrange(50, 500))
        change_building(self.session, one, gross_internal_area_m2=floor, status=status, **said)

    def join(self, one: Building, said: dict[str, Any]) -> None:
        if self.joined and self.chance.random() < 0.4:
            retract(self.session, self.joined.pop(), actor=None, reason="No")
            return
        other = self.chance.choice([building for building in self.buildings if building.retired_at is None])
        if other is not one:
            same = Said(MatchVerdict.SAME, "One house", None)
            self.joined.append(decide(self.session, one, other, same))

    def retire(self, one: Building, said: dict[str, Any]) -> None:
        if self.chance.random() < 0.3:
            retire_building(self.session, one, **said)

    def level(self, one: Building, said: dict[str, Any]) -> None:
        change_sensitivity(self.session, one, self.chance.choice([Sensitivity.SECRET, Sensitivity.PARTNER]), **said)

    def load(self, one: Building, said: dict[str, Any]) -> None:
        west = self.chance.choice([-2.4, -2.3, -1.1])
        factories.make_area(self.session, bounds=(west, 53.3, west + 0.1, 53.5))
        assign_areas(self.session)


@pytest.mark.parametrize("seed", range(4))
def test_it_follows_any_sequence_of_changes(session: Session, level: BoundaryLevel, council: Agency, seed: int) -> None:
    walk = Walk(session, council, seed)
    readers = (EVERY_AGENCY, Viewer(frozenset({council.id}), is_partner=True), THE_PUBLIC)
    for _ in range(14):
        done = walk.step()
        for viewer in readers:
            assert is_same(session, level, viewer), done
    refresh(session)
    assert verify(session) == []
    assert is_same(session, level)


def test_a_restricted_record_is_in_no_sum_of_others(session: Session, level: BoundaryLevel, council: Agency) -> None:
    trust = factories.make_agency(session, name="Trust")
    hidden, _ = placed(session, trust, 0), placed(session, council, 0)
    refresh(session)
    change_sensitivity(session, hidden, Sensitivity.SECRET, version=hidden.version, actor=None, reason="Refuge")
    refresh(session)
    assert holding(session) == 3
    for agency, costs in ((council, 1000.5), (trust, 2001.0)):
        viewer = Viewer(frozenset({agency.id}), is_partner=True)
        assert is_same(session, level, viewer)
        see_as(session, viewer)
        shown = statistics.area_statistics(session, level, YEAR, ALL, COSTS)
        see_everything(session)
        assert shown["cost"].dropna().tolist() == [costs]


def test_only_a_partner_s_plain_question_of_today_reads_them(session: Session) -> None:
    see_as(session, EVERY_AGENCY)
    assert are_stored_for(session, ALL, COSTS)
    assert not are_stored_for(session, BuildingFilters(use_class_code="office"), COSTS)
    assert not are_stored_for(session, ALL, ("costs", "staff"))
    see_as(session, THE_PUBLIC)
    assert not are_stored_for(session, ALL, COSTS)
    assert session.scalar(select(func.count()).select_from(AreaSum)) == 0
    see_everything(session)


def test_the_worker_stores_them_and_the_command_checks_them(committed: Engine) -> None:
    with make_session.begin() as session:
        factories.make_area(session)
        placed(session, factories.make_agency(session, name="Council"), 0)
    perform_sums()
    right = CliRunner().invoke(main, ["register", "verify-sums"])
    assert (right.exit_code, right.output) == (0, "Every stored sum of an area follows from its buildings.\n")
    with make_session.begin() as session:
        session.execute(update(AreaSum).values(cost=5))
    wrong = CliRunner().invoke(main, ["register", "verify-sums"])
    assert wrong.exit_code == 1
    assert "2024: cost is 5, not 1000.50." in wrong.output
    assert "rebuild-sums" in wrong.output
    CliRunner().invoke(main, ["register", "rebuild-sums"])
    assert CliRunner().invoke(main, ["register", "verify-sums"]).exit_code == 0
