"""Changes by hand: history, versions, locations, endings."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from estate.audit import Event, first_broken
from estate.db import make_session
from estate.errors import InvalidInput
from estate.register import part_changes as parts
from estate.register.changes import add_building, change_building, location_of, retire_building
from estate.register.models import Building, BuildingArea, BuildingStatus, FixSource, RunningCost, Tenure
from estate.register.rules import ChangedMeanwhile, NotKnown, ReasonMissing, Retired
from tests.factories import make_agency, make_area, make_building, make_interest, make_occupation, make_user


def events(session: Session, building: Building) -> list[Event]:
    query = select(Event).where(Event.subject_type == "building", Event.subject_id == building.id).order_by(Event.id)
    return list(session.scalars(query))


@pytest.fixture
def building(session: Session) -> Building:
    return make_building(session, name="Old Hall", net_internal_area_m2=Decimal("500.00"))


def test_a_change_has_an_actor_a_reason_and_what_changed(session: Session, building: Building) -> None:
    user = make_user(session)
    changes = change_building(
        session,
        building,
        version=building.version,
        actor=user.id,
        reason=" New survey ",
        name="New Hall",
        net_internal_area_m2=Decimal("512.50"),
        status=BuildingStatus.VACANT,
        street="",
    )
    expected = {
        "name": ["Old Hall", "New Hall"],
        "net_internal_area_m2": ["500", "512.5"],
        "status": ["active", "vacant"],
    }
    assert changes == expected
    [event] = events(session, building)
    assert (event.actor_id, event.action, event.reason, event.changes) == (
        user.id,
        "change_building",
        "New survey",
        expected,
    )
    assert building.version == 2
    assert first_broken(session) is None


def test_a_change_of_nothing_leaves_no_trace(session: Session, building: Building) -> None:
    assert change_building(session, building, version=1, actor=None, reason="look", name="Old Hall") == {}
    assert building.version == 1
    assert events(session, building) == []


def test_a_stale_version_changes_nothing(session: Session, building: Building) -> None:
    change_building(session, building, version=1, actor=None, reason="first", name="First")
    with pytest.raises(ChangedMeanwhile):
        change_building(session, building, version=1, actor=None, reason="second", name="Second")
    assert building.name == "First"
    assert len(events(session, building)) == 1


def test_two_at_once_do_not_overwrite_one_another(committed: Engine) -> None:
    with make_session.begin() as session:
        building_id = make_building(session).id
    with make_session() as one, make_session() as other:
        first, second = one.get_one(Building, building_id), other.get_one(Building, building_id)
        change_building(one, first, version=1, actor=None, reason="one", name="One")
        one.commit()
        with pytest.raises(StaleDataError):
            change_building(other, second, version=1, actor=None, reason="other", name="Other")
    with make_session() as session:
        assert session.get_one(Building, building_id).name == "One"
        assert len(events(session, session.get_one(Building, building_id))) == 1


def test_a_reason_is_never_optional(session: Session, building: Building) -> None:
    with pytest.raises(ReasonMissing):
        change_building(session, building, version=1, actor=None, reason=" ", name="X")
    with pytest.raises(ReasonMissing):
        retire_building(session, building, version=1, actor=None, reason="")
    with pytest.raises(ReasonMissing):
        parts.add_interest(
            session, building, actor=None, reason="", agency_id=building.agency_id, tenure=Tenure.FREEHOLD
        )


@pytest.mark.parametrize("fields", [{"id": 5}, {"agency_id": 5}, {"retired_at": None}])
def test_fields_that_nobody_may_set(session: Session, building: Building, fields: dict[str, Any]) -> None:
    with pytest.raises(NotKnown):
        change_building(session, building, version=1, actor=None, reason="x", **fields)


def test_rules_see_the_whole_building(session: Session, building: Building) -> None:
    with pytest.raises(InvalidInput) as caught:
        change_building(session, building, version=1, actor=None, reason="x", gross_internal_area_m2=Decimal(400))
    assert list(caught.value.fields) == ["net_internal_area_m2"]
    assert building.gross_internal_area_m2 is None


def test_a_move_finds_the_new_area(session: Session, building: Building) -> None:
    west = make_area(session, bounds=(-2.4, 53.3, -2.2, 53.5))
    east = make_area(session, bounds=(-2.2, 53.3, -2.0, 53.5))
    at = {"latitude": 53.45, "longitude": -2.1}
    changes = change_building(session, building, version=1, actor=None, reason="moved", **at)
    assert changes == {"latitude": [53.4, 53.45], "longitude": [-2.3, -2.1]}
    found = session.scalars(select(BuildingArea.area_id).where(BuildingArea.building_id == building.id)).all()
    assert found == [east.id]
    assert west.id not in found
    assert building.fix_source is FixSource.COORDINATES


def test_without_coordinates_the_postcode_says_where(session: Session) -> None:
    agency = make_agency(session)
    building = add_building(
        session,
        agency_id=agency.id,
        actor=None,
        reason="new",
        name="Depot",
        postcode="m32 0th",
        status=BuildingStatus.ACTIVE,
    )
    assert building.postcode == "M32 0TH"
    assert building.fix_source is FixSource.POSTCODE_CENTROID
    assert location_of(building)["latitude"] == pytest.approx(53.45, abs=0.05)
    [event] = events(session, building)
    assert event.action == "add_building"
    assert event.changes["name"] == [None, "Depot"]


def test_taking_the_coordinates_out_leaves_no_location(session: Session, building: Building) -> None:
    change_building(session, building, version=1, actor=None, reason="wrong", latitude=None, longitude=None)
    assert building.location is None
    assert building.fix_source is None


def test_a_postcode_that_is_none(session: Session, building: Building) -> None:
    with pytest.raises(InvalidInput) as caught:
        change_building(session, building, version=1, actor=None, reason="x", postcode="TQ5 PHW")
    assert list(caught.value.fields) == ["postcode"]


def test_a_retired_record_stays_and_is_closed(session: Session, building: Building) -> None:
    interest = make_interest(session, building)
    retire_building(session, building, version=1, actor=None, reason="entered twice")
    assert building.status is BuildingStatus.RETIRED
    assert building.retired_at is not None
    with pytest.raises(Retired):
        change_building(session, building, version=building.version, actor=None, reason="x", name="Y")
    with pytest.raises(Retired):
        parts.change_interest(session, interest, version=1, actor=None, reason="x", landlord="Y")


def test_parts_are_kept_with_the_building(session: Session, building: Building) -> None:
    team = parts.add_occupation(
        session, building, actor=None, reason="moved in", agency_id=building.agency_id, team="Planning", fte=Decimal(5)
    )
    parts.change_occupation(session, team, version=1, actor=None, reason="grew", fte=Decimal(8))
    parts.end_part(session, team, version=2, actor=None, reason="moved out", ended_on=date(2026, 5, 1))
    actions = [event.action for event in events(session, building)]
    assert actions == ["add_occupation", "change_occupation", "end_occupation"]
    assert events(session, building)[1].changes == {"team": ["Planning", "Planning"], "fte": ["5", "8"]}
    assert team.ended_reason == "moved out"
    with pytest.raises(parts.Ended):
        parts.change_occupation(session, team, version=3, actor=None, reason="x", fte=Decimal(1))


def test_a_part_has_a_version_of_its_own(session: Session, building: Building) -> None:
    team = make_occupation(session, building)
    parts.change_occupation(session, team, version=1, actor=None, reason="x", fte=Decimal(3))
    assert building.version == 1
    with pytest.raises(ChangedMeanwhile):
        parts.change_occupation(session, team, version=1, actor=None, reason="x", fte=Decimal(4))


def test_a_cost_is_stored_once(session: Session, building: Building) -> None:
    paid = {"agency_id": building.agency_id, "category_code": "energy", "year_start": 2024, "source": "ledger"}
    cost = parts.add_cost(session, building, actor=None, reason="year end", amount=Decimal(0), **paid)
    with pytest.raises(InvalidInput) as caught:
        parts.add_cost(session, building, actor=None, reason="again", amount=Decimal(5), **paid)
    assert list(caught.value.fields) == ["category_code"]
    parts.change_cost(session, cost, version=1, actor=None, reason="audit", amount=Decimal("7.50"))
    assert session.scalars(select(RunningCost.amount)).all() == [Decimal("7.50")]
    with pytest.raises(NotKnown):
        parts.change_cost(session, cost, version=2, actor=None, reason="x", year_start=2023)


def test_the_database_refuses_what_the_rules_missed(session: Session, building: Building) -> None:
    from sqlalchemy.exc import IntegrityError

    from estate.register.constraints import FALLBACK, sentence_of

    with pytest.raises(IntegrityError) as caught:
        session.execute(update(Building).where(Building.id == building.id).values(uprn="1.00E+11"))
    assert sentence_of(caught.value.orig.diag.constraint_name) != FALLBACK  # type: ignore[union-attr]
