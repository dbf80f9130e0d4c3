"""Changing many buildings at once: the preview, one change set, the rows that stay, and undoing it as a whole."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from estate.audit import Event, first_broken
from estate.people.models import Agency, Membership, Role, User
from estate.register.areas import assign_areas
from estate.register.changes import change_building, location_of, retire_building
from estate.register.edits.apply import NotReady
from estate.register.edits.listing import counts_of, list_rows
from estate.register.edits.perform import work_on
from estate.register.edits.start import (
    NothingChosen,
    NoValues,
    confirm_edit,
    discard_edit,
    ids_of,
    rights_of_user,
    start_same_values,
)
from estate.register.edits.undo import NotUndoable, StandsInTheWay, ask_to_undo, find_obstacles
from estate.register.filters import BuildingFilters
from estate.register.matches.decide import Said, decide
from estate.register.models import (
    Building,
    BuildingArea,
    BuildingStatus,
    BulkEdit,
    EditStatus,
    MatchVerdict,
    Verdict,
)
from estate.register.rules import ReasonMissing
from tests.factories import make_agency, make_area, make_building, make_membership, make_user


@pytest.fixture
def agency(session: Session) -> Agency:
    return make_agency(session, name="Ours")


@pytest.fixture
def manager(session: Session, agency: Agency) -> User:
    user = make_user(session)
    make_membership(session, user=user, role=Role.ASSET_MANAGER, agency=agency)
    return user


def preview(session: Session, user: User, ids: list[int], **values: Any) -> BulkEdit:
    edit = start_same_values(session, ids, values, actor=user.id, reason="Survey of May", words="ticked")
    work_on(session, edit)
    return edit


def confirm(session: Session, edit: BulkEdit) -> None:
    confirm_edit(session, edit)
    work_on(session, edit)


def undo(session: Session, edit: BulkEdit, user: User) -> None:
    ask_to_undo(session, edit, rights_of_user(session, user.id), actor=user.id, reason="Wrong list")
    work_on(session, edit)


def verdicts(session: Session, edit: BulkEdit) -> dict[str, int]:
    return {verdict.value: count for verdict, count in counts_of(session, edit).items() if count}


def test_the_preview_says_what_becomes_of_each_row_and_writes_nothing(
    session: Session, manager: User, agency: Agency
) -> None:
    changed = make_building(session, agency=agency, name="A")
    same = make_building(session, agency=agency, status=BuildingStatus.VACANT, built_year=1950)
    small = make_building(session, agency=agency, gross_internal_area_m2=Decimal(50))
    retired = make_building(session, agency=agency)
    retire_building(session, retired, version=1, actor=None, reason="twice")
    theirs = make_building(session, agency=make_agency(session, name="Fire Service"))
    before = session.scalar(select(func.count()).select_from(Event))
    ids = [building.id for building in (changed, same, small, retired, theirs)]
    edit = preview(session, manager, [*ids, 999_999], net_internal_area_m2=Decimal("80.50"), built_year=1950)
    assert edit.status is EditStatus.READY
    assert verdicts(session, edit) == {"change": 2, "refused": 2, "elsewhere": 1}
    row = list_rows(session, edit, Verdict.CHANGE).rows[0]
    assert (row.name, row.changes) == ("A", {"net_internal_area_m2": [None, "80.5"], "built_year": [None, 1950]})
    messages = [row.message for row in list_rows(session, edit, Verdict.REFUSED).rows]
    assert "more than the gross" in messages[0]
    assert "was retired" in messages[1]
    assert "Fire Service" in list_rows(session, edit, Verdict.ELSEWHERE).rows[0].message
    assert session.scalar(select(func.count()).select_from(Event)) == before
    assert changed.built_year is None


def test_confirming_writes_one_change_set_with_an_event_a_building(
    session: Session, manager: User, agency: Agency
) -> None:
    buildings = [make_building(session, agency=agency) for _ in range(3)]
    stays = make_building(session)
    edit = preview(session, manager, [b.id for b in (*buildings, stays)], status="vacant", is_listed=True, note="x")
    confirm(session, edit)
    for building in buildings:
        session.refresh(building)
        assert (building.status, building.is_listed, building.note, building.version) == (
            BuildingStatus.VACANT,
            True,
            "x",
            2,
        )
    session.refresh(stays)
    assert (stays.status, stays.version) == (BuildingStatus.ACTIVE, 1)
    events = session.scalars(select(Event).order_by(Event.id)).all()
    assert {(event.group_id, event.actor_id, event.reason, event.action) for event in events} == {
        (f"bulk:{edit.id}", manager.id, "Survey of May", "change_building")
    }
    assert events[0].changes["status"] == ["active", "vacant"]
    assert len(events) == 3
    assert first_broken(session) is None
    kept = session.scalars(text("SELECT superseded_by FROM history.building")).all()
    assert kept == [f"bulk:{edit.id}"] * 3


def test_a_value_can_be_taken_away(session: Session, manager: User, agency: Agency) -> None:
    building = make_building(session, agency=agency, built_year=1900)
    edit = preview(session, manager, [building.id], built_year=None, use_class_code=None)
    confirm(session, edit)
    session.refresh(building)
    assert (building.built_year, building.use_class_code) == (None, None)


def test_what_somebody_changed_after_the_preview_stays(session: Session, manager: User, agency: Agency) -> None:
    first, second = make_building(session, agency=agency), make_building(session, agency=agency)
    edit = preview(session, manager, [first.id, second.id], post_town="Sale")
    change_building(session, first, version=1, actor=None, reason="quicker", post_town="Stretford")
    confirm(session, edit)
    session.refresh(first)
    session.refresh(second)
    assert (first.post_town, second.post_town) == ("Stretford", "Sale")
    assert verdicts(session, edit) == {"change": 1, "overtaken": 1}


def test_a_right_that_ended_after_the_preview_changes_nothing(session: Session, manager: User, agency: Agency) -> None:
    building = make_building(session, agency=agency)
    edit = preview(session, manager, [building.id], post_town="Sale")
    session.query(Membership).filter_by(user_id=manager.id).delete()
    session.refresh(manager, ["memberships"])
    confirm(session, edit)
    session.refresh(building)
    assert building.post_town is None
    assert verdicts(session, edit) == {"elsewhere": 1}


def test_moving_by_postcode_moves_the_areas_too(session: Session, manager: User, agency: Agency) -> None:
    make_area(session, name="Wherever", bounds=(-8.0, 49.0, 2.0, 61.0))
    building = make_building(session, agency=agency, lonlat=None)
    edit = preview(session, manager, [building.id], postcode="M32 0TH")
    confirm(session, edit)
    session.refresh(building)
    assert building.fix_source.value == "postcode_centroid"
    assert session.scalar(select(func.count()).select_from(BuildingArea)) == 1
    undo(session, edit, manager)
    session.refresh(building)
    assert (building.location, building.fix_source, building.postcode) == (None, None, None)
    assert session.scalar(select(func.count()).select_from(BuildingArea)) == 0


def test_undone_as_a_whole(session: Session, manager: User, agency: Agency) -> None:
    buildings = [make_building(session, agency=agency, street=f"{n} Road", lonlat=(-2.3, 53.4)) for n in range(4)]
    assign_areas(session)
    edit = preview(session, manager, [b.id for b in buildings], street="High Street", postcode="M33 2AB")
    confirm(session, edit)
    undo(session, edit, manager)
    for n, building in enumerate(buildings):
        session.refresh(building)
        assert (building.street, building.postcode, building.version) == (f"{n} Road", None, 3)
        assert location_of(building) == {"latitude": 53.4, "longitude": -2.3}
    assert edit.status is EditStatus.UNDONE
    last = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (last.action, last.group_id, last.reason) == ("undo_edit", f"undo:bulk:{edit.id}", "Undone: Wrong list")
    with pytest.raises(NotUndoable):
        undo(session, edit, manager)


def test_a_later_change_stands_in_the_way_and_is_named(session: Session, manager: User, agency: Agency) -> None:
    building = make_building(session, agency=agency, name="Depot")
    edit = preview(session, manager, [building.id], post_town="Sale")
    confirm(session, edit)
    clerk = make_user(session, name="Ada Clerk")
    session.refresh(building)
    change_building(session, building, version=2, actor=clerk.id, reason="Mended", built_year=1900)
    [obstacle] = find_obstacles(session, edit, rights_of_user(session, manager.id))
    assert (obstacle.building_name, obstacle.what) == ("Depot", "was changed")
    with pytest.raises(StandsInTheWay):
        undo(session, edit, manager)


def test_two_edits_are_undone_the_newest_first(session: Session, manager: User, agency: Agency) -> None:
    building = make_building(session, agency=agency)
    first = preview(session, manager, [building.id], post_town="Sale")
    confirm(session, first)
    second = preview(session, manager, [building.id], post_town="Hale", built_year=1950)
    confirm(session, second)
    with pytest.raises(StandsInTheWay):
        undo(session, first, manager)
    undo(session, second, manager)
    undo(session, first, manager)
    session.refresh(building)
    assert (building.post_town, building.built_year) == (None, None)


def test_a_change_by_hand_under_an_undone_edit_still_stands_in_the_way(
    session: Session, manager: User, agency: Agency
) -> None:
    building = make_building(session, agency=agency)
    first = preview(session, manager, [building.id], post_town="Sale")
    confirm(session, first)
    session.refresh(building)
    change_building(session, building, version=2, actor=None, reason="by hand", note="kept")
    second = preview(session, manager, [building.id], post_town="Hale")
    confirm(session, second)
    undo(session, second, manager)
    with pytest.raises(StandsInTheWay):
        undo(session, first, manager)
    session.refresh(building)
    assert (building.post_town, building.note) == ("Sale", "kept")


def test_undoing_needs_the_right_on_every_record(session: Session, manager: User, agency: Agency) -> None:
    building = make_building(session, agency=agency)
    edit = preview(session, manager, [building.id], post_town="Sale")
    confirm(session, edit)
    stranger = make_user(session)
    make_membership(session, user=stranger, role=Role.ASSET_MANAGER)
    [obstacle] = find_obstacles(session, edit, rights_of_user(session, stranger.id))
    assert "Ours" in obstacle.what


def test_of_a_building_with_several_records_the_own_one_changes(
    session: Session, manager: User, agency: Agency
) -> None:
    theirs = make_building(session, name="Library", uprn="100")
    own = make_building(session, agency=agency, name="Stretford Library", uprn="100", built_year=1930)
    decide(session, theirs, own, Said(MatchVerdict.SAME, "same door", None))
    edit = preview(session, manager, [theirs.id], name="Library of Stretford", note="checked")
    [row] = list_rows(session, edit, Verdict.CHANGE).rows
    assert row.building_id == own.id
    confirm(session, edit)
    session.refresh(own)
    session.refresh(theirs)
    assert (own.note, theirs.note, theirs.name) == ("checked", None, "Library")


def test_each_step_goes_once(session: Session, manager: User, agency: Agency) -> None:
    building = make_building(session, agency=agency)
    edit = preview(session, manager, [building.id], post_town="Sale")
    confirm(session, edit)
    with pytest.raises(NotReady):
        confirm_edit(session, edit)
    with pytest.raises(NotReady):
        discard_edit(session, edit)
    work_on(session, edit)
    assert session.get_one(Building, building.id).version == 2


@pytest.mark.parametrize(
    ("ids", "values", "reason", "error"),
    [
        ([], {"note": "x"}, "why", NothingChosen),
        ([1], {}, "why", NoValues),
        ([1], {"note": "x"}, "  ", ReasonMissing),
    ],
)
def test_what_can_not_be_begun(
    session: Session, manager: User, ids: list[int], values: dict[str, Any], reason: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        start_same_values(session, ids, values, actor=manager.id, reason=reason, words="")


def test_the_set_is_what_the_filter_shows(session: Session, agency: Agency) -> None:
    own = make_building(session, agency=agency)
    make_building(session)
    assert ids_of(session, BuildingFilters(agency_id=agency.id)) == [own.id]
