"""Counts of people entered, corrected and retired by hand; and what lists, filters and files say of them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.errors import InvalidInput
from estate.exports.buildings import buildings_table
from estate.people.models import User
from estate.register import listed, part_changes
from estate.register.details import building_details
from estate.register.filters import BuildingFilters, Fullness
from estate.register.models import Building, BuildingListed, OccupancyMethod, OccupancyObservation, SpaceStandard
from estate.register.part_changes import Ended
from estate.register.queries import list_buildings
from estate.register.rules import ChangedMeanwhile
from tests.factories import make_building, make_occupation, make_user

MARCH = {
    "observed_on": date(2025, 3, 31),
    "method": OccupancyMethod.PASSES,
    "average": Decimal(20),
    "peak": Decimal(60),
    "capacity": 80,
    "hours_available": Decimal(200),
    "hours_used": Decimal(150),
    "source": "door passes",
}


@pytest.fixture
def hall(session: Session) -> Building:
    return make_building(session, name="Town Hall", use_class_code="office", net_internal_area_m2=Decimal(500))


@pytest.fixture
def user(session: Session) -> User:
    return make_user(session)


def add(session: Session, building: Building, user: User, **fields: Any) -> OccupancyObservation:
    return part_changes.add_count(session, building, actor=user.id, reason="counted", **{**MARCH, **fields})


def row_of(session: Session, building: Building) -> BuildingListed:
    session.expire_all()
    assert not listed.verify(session)
    return session.get_one(BuildingListed, building.id)


def test_a_list_says_what_the_buildings_page_says(session: Session, hall: Building, user: User) -> None:
    make_occupation(session, hall, area_m2=Decimal(320), workstations=40)
    add(session, hall, user)
    add(session, hall, user, observed_on=date(2025, 4, 30), average=Decimal(44), capacity=None)
    add(session, hall, user, observed_on=date(2025, 2, 28), average=Decimal(30), hours_available=None, hours_used=None)
    add(session, hall, user, observed_on=date(2023, 4, 30), average=Decimal(1))
    add(session, hall, user, method=OccupancyMethod.SURVEY, average=Decimal(70), peak=None)
    row, typical = row_of(session, hall), building_details(session, hall).occupancy.typical[0]
    assert (row.count_method, row.counted_on) == (typical.method, typical.last_on)
    assert row.occupancy_ratio == round(typical.occupancy or 0, 4) == Decimal("0.375")
    assert abs(row.utilisation_ratio - typical.utilisation) < Decimal("0.0001")  # type: ignore[operator]
    assert row.fullness_ratio == row.utilisation_ratio
    assert row.is_fullness_estimate is typical.is_estimate is True
    assert (row.vacant_m2, row.is_vacant_estimate) == (Decimal(180), True)


def test_capacity_by_the_standard_is_that_of_the_day_of_the_count(session: Session, hall: Building, user: User) -> None:
    session.add(SpaceStandard(use_class_code="office", m2_per_fte=20, valid_from=date(2025, 6, 1), source="test"))
    count = add(session, hall, user, capacity=None, average=Decimal(10), peak=None)
    before = row_of(session, hall).occupancy_ratio
    part_changes.change_count(
        session, count, version=count.version, actor=user.id, reason="later", observed_on=date(2025, 7, 1)
    )
    after = row_of(session, hall).occupancy_ratio
    assert after == Decimal("0.4")  # 500 m2 at 20 m2 a person are 25 people.
    assert after != before
    assert building_details(session, hall).occupancy.uses[0].occupancy == after


def test_a_building_nobody_counted_is_unknown_never_empty(session: Session, hall: Building) -> None:
    row = row_of(session, hall)
    assert (row.fullness_ratio, row.vacant_m2, row.counted_on) == (None, None, None)
    make_occupation(session, hall, area_m2=Decimal(900))
    assert row_of(session, hall).vacant_m2 is None, "teams that take more than there is say nothing of vacant space"


def test_lists_filter_sort_and_export_by_fullness(session: Session, hall: Building, user: User) -> None:
    low, high, between = (make_building(session, name=name) for name in ("Low", "High", "Between"))
    add(session, low, user, average=Decimal(10), vacant_m2=Decimal(30))
    add(session, high, user, average=Decimal(70), peak=None, hours_available=None, hours_used=None)
    add(session, between, user, average=Decimal(56), hours_used=Decimal(200), peak=None)

    def names(**wanted: Any) -> list[str]:
        sort = wanted.pop("sort", "name")
        return [row.building.name for row in list_buildings(session, BuildingFilters(**wanted), sort=sort).rows]

    assert names(fullness=Fullness.LOW) == ["Low"]
    assert names(fullness=Fullness.HIGH) == ["High"]
    assert names(fullness=Fullness.UNKNOWN) == ["Town Hall"]
    assert names(sort="fullness") == ["Low", "Between", "High", "Town Hall"]
    assert names(sort="-fullness") == ["High", "Between", "Low", "Town Hall"]
    assert names(sort="-vacant")[0] == "Low"
    found = list_buildings(session, BuildingFilters(), page_size=None)
    lines = {row["name"]: row for row in buildings_table(found, ["name", "fullness", "vacant"]).rows}
    assert lines["Low"]["utilisation"] == Decimal("0.0938")
    assert (lines["Low"]["vacant_m2"], lines["Low"]["vacant_is_estimate"]) == (Decimal(30), False)
    assert (lines["High"]["utilisation"], lines["High"]["occupancy"]) == (None, Decimal("0.875"))
    assert lines["Town Hall"]["occupancy"] is None


def test_a_wrong_count_is_retired_and_another_takes_its_place(session: Session, hall: Building, user: User) -> None:
    count = add(session, hall, user)
    with pytest.raises(InvalidInput):
        add(session, hall, user)
    part_changes.retire_count(session, count, version=1, actor=user.id, reason="the counter was broken")
    assert row_of(session, hall).fullness_ratio is None
    assert building_details(session, hall).occupancy.uses == []
    with pytest.raises(Ended):
        part_changes.retire_count(session, count, version=count.version, actor=user.id, reason="again")
    again = add(session, hall, user, average=Decimal(40))
    assert row_of(session, hall).occupancy_ratio == Decimal("0.5")
    assert {count.retired_reason, again.retired_reason} == {"the counter was broken", None}
    actions = session.scalars(select(Event.action).where(Event.subject_id == hall.id).order_by(Event.id)).all()
    assert actions[-3:] == ["add_count", "retire_count", "add_count"]


def test_two_people_who_correct_one_count_do_not_overwrite_each_other(
    session: Session, hall: Building, user: User
) -> None:
    count = add(session, hall, user)
    told: dict[str, Any] = {"actor": user.id, "reason": "typing error"}
    changes = part_changes.change_count(session, count, version=1, average=Decimal(21), **told)
    assert changes == {"average": ["20", "21"]}
    with pytest.raises(ChangedMeanwhile):
        part_changes.change_count(session, count, version=1, average=Decimal(22), **told)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"observed_on": None}, "observed_on"),
        ({"observed_on": date(2205, 3, 1)}, "observed_on"),
        ({"period_start_on": date(2025, 4, 1)}, "period_start_on"),
        ({"average": Decimal(61)}, "peak"),
        ({"average": Decimal("NaN")}, "average"),
        ({"capacity": 0}, "capacity"),
        ({"hours_used": Decimal(201)}, "hours_used"),
        ({"average": None, "peak": None}, "average"),
        ({"source": " "}, "source"),
    ],
)
def test_what_makes_no_count_is_refused_field_by_field(
    fields: dict[str, Any], field: str, session: Session, hall: Building, user: User
) -> None:
    with pytest.raises(InvalidInput) as refused:
        add(session, hall, user, **fields)
    assert set(refused.value.fields) == {field}
