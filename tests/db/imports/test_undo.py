"""An import is undone as a whole, exactly, unless something later depends on it; then that is named."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from estate.audit import Event, first_broken, history
from estate.board.models import Board
from estate.people.models import Agency, User
from estate.proposals.models import ProposalStatus
from estate.proposals.uses import proposal_uses
from estate.register.changes import change_building
from estate.register.imports.check import Options
from estate.register.imports.obstacles import find_obstacles
from estate.register.imports.undo import NotUndoable, StandsInTheWay, ask_to_undo, undo_import
from estate.register.imports.uploads import apply_import, start_import
from estate.register.matches.run import match_records
from estate.register.models import Building, BuildingStatus, Import, ImportStatus, Occupation, RunningCost
from estate.register.part_changes import add_occupation
from estate.register.rules import ReasonMissing
from tests import factories
from tests.db.imports.snapshots import content_of_register
from tests.db.imports.test_apply import ROW, csv_of
from tests.factories import make_area, make_finished_proposal, make_running_cost, make_user

USES = [proposal_uses]
Bring = Callable[..., Import]


@pytest.fixture
def agency(session: Session) -> Agency:
    make_area(session, bounds=(-2.5, 53.3, -2.0, 53.6))
    return factories.make_agency(session, name="Test Council")


@pytest.fixture
def user(session: Session) -> User:
    return make_user(session, name="Grace Manager")


@pytest.fixture
def bring(session: Session, agency: Agency) -> Bring:
    def bring(*rows: dict[str, str], name: str = "file.csv") -> Import:
        brought = start_import(session, csv_of(*rows), name, agency=agency, actor=None, options=Options())
        apply_import(session, brought, actor=None)
        return brought

    return bring


def undo(session: Session, brought: Import, user: User, reason: str = "The wrong file") -> None:
    ask_to_undo(session, brought, actor=user.id, reason=reason, uses=USES)
    undo_import(session, brought, uses=USES)


CHANGED = {
    **ROW, "Name": "Old Town Hall", "Postcode": "M33 7ZF", "Cost: energy": "1300", "FTE": "14",
    "Lease end": "2031-01-01", "Energy band": "B", "Condition": "C", "Valuation": "1", "Average people": "21",
    "Occupancy date": "2024-04-01",
}  # fmt: skip


def test_what_a_file_changed_is_as_it_was(session: Session, bring: Bring, user: User) -> None:
    bring(ROW, {**ROW, "Reference": "B2"})
    before = content_of_register(session)
    second = bring(CHANGED, {**ROW, "Reference": "B2"}, {**ROW, "Reference": "B3"}, name="second.csv")
    assert content_of_register(session) != before
    undo(session, second, user)
    assert content_of_register(session) == before
    assert (second.status, second.undone_by_id, second.undo_reason) == (ImportStatus.UNDONE, user.id, "The wrong file")
    one, _, added = session.scalars(select(Building).order_by(Building.id))
    assert added.status is BuildingStatus.RETIRED
    assert (one.name, one.version) == ("Town Hall", 3)
    told = history(session, "building", one.id)[0]
    assert (told.action, told.actor_id, told.group_id) == ("undo_import", user.id, f"undo:{second.id}")
    assert told.reason == "Import of second.csv undone: The wrong file"
    done = history(session, "building", one.id)[1]
    assert told.changes == {field: pair[::-1] for field, pair in done.changes.items()}
    assert told.changes["name"] == ["Old Town Hall", "Town Hall"]
    assert told.changes["energy 2023"] == [1300.0, 1200.0]
    assert told.changes["capacity 2024-04-01"] == [40, None]
    told = history(session, "building", added.id)[0]
    assert (told.action, told.changes) == ("retire_building", {"status": ["active", "retired"]})
    assert first_broken(session) is None


def test_every_change_of_a_file_is_told(session: Session, bring: Bring) -> None:
    bring(ROW)
    bring(CHANGED)
    changes = session.scalars(select(Event).where(Event.action == "change_building")).one().changes
    location = changes.pop("location")
    assert all(text.startswith("POINT(") for text in location)
    assert changes == {
        "name": ["Town Hall", "Old Town Hall"],
        "postcode": ["M32 0TH", "M33 7ZF"],
        "energy 2023": [1200.0, 1300.0],
        "fte": [12.5, 14.0],
        "lease_end_on": ["2030-01-01", "2031-01-01"],
        "dec band 2023-05-01": ["C", "B"],
        "condition 2023-01-01": ["B", "C"],
        "valuation 2023-01-01": [250000.0, 1.0],
        "capacity 2024-04-01": [None, 40],
        "average 2024-04-01": [None, 21.0],
    }


def test_the_file_can_come_again_after_its_undoing(session: Session, bring: Bring, user: User) -> None:
    first = bring(ROW)
    second = bring(CHANGED, {**ROW, "Reference": "B2"})
    undo(session, second, user)
    again = bring(CHANGED, {**ROW, "Reference": "B2"})
    assert (again.inserted_count, again.updated_count) == (1, 1)
    undo(session, again, user)
    undo(session, first, user)
    assert content_of_register(session)["building"] == []
    assert {building.status for building in session.scalars(select(Building))} == {BuildingStatus.RETIRED}


def test_only_a_stored_import_can_be_undone_and_only_once(session: Session, bring: Bring, user: User) -> None:
    brought = bring(ROW)
    with pytest.raises(ReasonMissing):
        ask_to_undo(session, brought, actor=user.id, reason="  ")
    with pytest.raises(NotUndoable):
        undo_import(session, brought)
    undo(session, brought, user)
    for attempt in (
        lambda: ask_to_undo(session, brought, actor=user.id, reason="x"),
        lambda: undo_import(session, brought),
    ):
        with pytest.raises(NotUndoable):
            attempt()


def refuse(session: Session, brought: Import, user: User) -> list[str]:
    with pytest.raises(StandsInTheWay):
        ask_to_undo(session, brought, actor=user.id, reason="x", uses=USES)
    return [f"{found.building_name} {found.what}" for found in find_obstacles(session, brought, USES)]


def test_a_later_change_by_hand_stands_in_the_way(session: Session, bring: Bring, user: User) -> None:
    brought = bring(ROW)
    building = session.scalars(select(Building)).one()
    change_building(session, building, version=1, actor=user.id, reason="Renamed", name="New Hall")
    (found,) = find_obstacles(session, brought, USES)
    assert (found.building_id, found.building_name, found.what) == (building.id, "New Hall", "was changed")
    assert (found.actor_name, found.reason) == ("Grace Manager", "Renamed")
    assert found.at == history(session, "building", building.id)[0].at
    assert refuse(session, brought, user) == ["New Hall was changed"]


def test_what_was_added_to_an_added_building_stands_in_the_way(session: Session, bring: Bring, user: User) -> None:
    bring(ROW)
    second = bring(CHANGED, {**ROW, "Reference": "B2", "Name": "Depot"})
    hall, depot = session.scalars(select(Building).order_by(Building.id))
    add_occupation(session, hall, actor=user.id, reason="Moved in", team="Elsewhere", agency_id=hall.agency_id)
    assert find_obstacles(session, second) == []
    add_occupation(session, depot, actor=user.id, reason="Moved in", team="Here", agency_id=hall.agency_id)
    (found,) = find_obstacles(session, second)
    assert (found.building_name, found.reason) == ("Depot", "Moved in")


def test_a_later_import_stands_in_the_way_until_it_is_undone(session: Session, bring: Bring, user: User) -> None:
    first = bring(ROW, {**ROW, "Reference": "B2", "Name": "Depot"})
    second = bring(CHANGED, {**ROW, "Reference": "B2", "Name": "Depot"}, name="later.csv")
    assert refuse(session, first, user) == ["Old Town Hall came again with the import of later.csv"]
    assert find_obstacles(session, first)[0].import_id == second.id
    undo(session, second, user)
    assert find_obstacles(session, first) == []
    undo(session, first, user)


def test_a_proposal_on_an_added_building_stands_in_the_way(session: Session, bring: Bring, user: User) -> None:
    brought = bring(ROW)
    building = session.scalars(select(Building)).one()
    proposal = make_finished_proposal(session, emptied=[building], name="Plan A")
    session.execute(text("DELETE FROM proposal_move"))
    session.execute(text("DELETE FROM occupation WHERE change_set IS NULL"))
    assert refuse(session, brought, user) == ["Town Hall is used by the proposal “Plan A” (draft)"]
    proposal.status = ProposalStatus.REJECTED
    session.flush()
    assert find_obstacles(session, brought, USES) == []
    assert session.scalars(select(Board)).all() == []


def test_a_move_of_a_team_that_came_with_the_file_stands_in_the_way(session: Session, bring: Bring, user: User) -> None:
    bring(ROW)
    second = bring({**ROW, "Team": "Housing"})
    building = session.scalars(select(Building)).one()
    team = session.scalars(select(Occupation).where(Occupation.team == "Housing")).one()
    host = factories.make_building(session)
    proposal = factories.make_proposal(session, name="Plan B", status=ProposalStatus.REJECTED)
    factories.make_move(session, proposal, team, host)
    assert refuse(session, second, user) == [f"{building.name} is used by the proposal “Plan B” (rejected)"]


def test_costs_of_others_stay(session: Session, bring: Bring, user: User) -> None:
    bring(ROW)
    second = bring({**ROW, "Cost: energy": "1300"})
    building = session.scalars(select(Building)).one()
    mine = make_running_cost(session, building, category_code="water", amount=Decimal(7))
    undo(session, second, user)
    amounts = {cost.category_code: cost.amount for cost in session.scalars(select(RunningCost))}
    assert amounts == {"energy": 1200, "cleaning": 0, "water": 7}
    assert mine.change_set is None


def test_the_undone_state_can_be_looked_back_to(session: Session, bring: Bring, user: User) -> None:
    first, second = bring(ROW), bring(CHANGED)
    undo(session, second, user)
    kept: Any = session.execute(
        text("SELECT name, change_set, superseded_by FROM history.building ORDER BY recorded_at")
    )
    assert kept.all() == [
        ("Town Hall", first.change_set, second.change_set),
        ("Old Town Hall", second.change_set, second.undo_change_set),
    ]


def test_an_import_whose_records_a_match_linked_by_itself_is_undone_all_the_same(
    session: Session, bring: Bring, user: User
) -> None:
    def shared(**changes: str) -> dict[str, str]:
        return {**ROW, "UPRN": "100012", "Name": "Sale Library", "Postcode": "M33 7ZF", **changes}

    place = {"postcode": "M33 7ZF", "use_class_code": None, "lonlat": None}
    twin = factories.make_building(session, name="Sale Library", uprn="100012", **place)
    first = bring(shared())
    match_records(session)
    added = session.scalars(select(Building).where(Building.id != twin.id)).one()
    assert twin.canonical_id == added.canonical_id == twin.id
    second = bring(shared(**{"Cost: energy": "1999"}), name="second.csv")
    match_records(session)
    undo(session, second, user)
    assert twin.canonical_id == added.canonical_id == twin.id, "the first import's record is still the same building"
    undo(session, first, user)
    session.expire_all()
    assert (twin.canonical_id, added.canonical_id, added.status) == (None, None, BuildingStatus.RETIRED)
    assert first_broken(session) is None
