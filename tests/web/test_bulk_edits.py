"""Changing many buildings at once in the browser: whose, previewed, confirmed, undone; and rows that are pasted."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from estate.people.models import Agency, Role
from estate.register.changes import change_building
from estate.register.edits import perform
from estate.register.models import Building, BuildingStatus, BulkEdit, EditStatus
from estate.register.models.sensitivity import Sensitivity
from estate.register.sensitivity import change_sensitivity
from tests.factories import make_agency, make_building
from tests.web.conftest import Client, SignIn


@pytest.fixture
def agency(session: Session) -> Agency:
    return make_agency(session, name="Ours")


@pytest.fixture
def manager(sign_in: SignIn, agency: Agency) -> Client:
    return sign_in(Role.ASSET_MANAGER, agency)


@pytest.fixture
def buildings(session: Session, agency: Agency) -> list[Building]:
    return [make_building(session, agency=agency, name=f"Hall {n}") for n in range(3)]


def newest(session: Session) -> BulkEdit:
    return session.scalars(select(BulkEdit).order_by(BulkEdit.id.desc()).limit(1)).one()


def send(browser: Client, query: str, **fields: Any) -> Any:
    sent = {"what": ["status"], "status": "vacant", "reason": "Closed in May", **fields}
    return browser.submit(f"/buildings/changes/new?{query}", sent, page="/account")


def preview(browser: Client, session: Session, query: str, **fields: Any) -> BulkEdit:
    response = send(browser, query, **fields)
    assert response.status_code == 302, unescape(response.text)
    return newest(session)


def test_ticked_rows_are_previewed_confirmed_and_undone(
    manager: Client, session: Session, buildings: list[Building]
) -> None:
    theirs = make_building(session, name="Fire Station", agency=make_agency(session, name="Fire Service"))
    query = "&".join(f"id={building.id}" for building in (*buildings[:2], theirs))
    edit = preview(manager, session, query, what=["status", "built_year"], built_year="1950")
    page = unescape(manager.get(f"/buildings/changes/{edit.id}").text)
    for shown in ["3 buildings, ticked", "Hall 0", "Active", "Vacant", "1950", "Change 2 buildings", "Closed in May"]:
        assert shown in page, shown
    stays = unescape(manager.get(f"/buildings/changes/{edit.id}?rows=elsewhere").text)
    assert "Fire Service answers for this record" in stays
    assert session.get_one(Building, buildings[0].id).status is BuildingStatus.ACTIVE
    manager.submit(f"/buildings/changes/{edit.id}/confirm", page="/account")
    states = [session.get_one(Building, b.id).status.value for b in (*buildings, theirs)]
    assert states == ["vacant", "vacant", "active", "active"]
    assert "2 buildings changed" in manager.get(f"/buildings/changes/{edit.id}").text
    history = manager.get(f"/buildings/{buildings[0].id}").text
    assert f"/buildings/changes/{edit.id}" in history
    undo = f"/buildings/changes/{edit.id}/undo"
    assert "2 buildings get back their" in manager.get(undo).text
    assert manager.submit(undo, {"reason": " "}, page="/account").status_code == 422
    assert manager.submit(undo, {"reason": "Wrong ones"}, page="/account").status_code == 302
    assert session.get_one(Building, buildings[0].id).status is BuildingStatus.ACTIVE
    assert "Wrong ones" in manager.get(f"/buildings/changes/{edit.id}").text


def test_all_that_a_filter_shows(manager: Client, session: Session, agency: Agency, buildings: list[Building]) -> None:
    make_building(session, name="Depot", agency=agency)
    edit = preview(manager, session, f"of=all&text=hall&agency={agency.id}")
    assert len(edit.request["ids"]) == 3
    assert edit.request["words"] == "All 3 buildings of the list: “hall”; Agency: Ours"


def test_an_obstacle_is_shown_and_nothing_is_undone(
    manager: Client, session: Session, buildings: list[Building]
) -> None:
    edit = preview(manager, session, f"id={buildings[0].id}")
    manager.submit(f"/buildings/changes/{edit.id}/confirm", page="/account")
    building = session.get_one(Building, buildings[0].id)
    change_building(session, building, version=2, actor=None, reason="Let again", status=BuildingStatus.ACTIVE)
    undo = f"/buildings/changes/{edit.id}/undo"
    assert "Let again" in manager.get(undo).text
    assert manager.submit(undo, {"reason": "x"}, page="/account").status_code == 409


def test_nothing_is_refused_with_a_server_error(manager: Client, session: Session, buildings: list[Building]) -> None:
    one = f"id={buildings[0].id}"
    for query, fields in [
        ("", {}),
        ("id=x", {}),
        ("id=99999999999999999999", {}),
        ("of=all&agency=x", {}),
        (one, {"what": []}),
        (one, {"what": ["name"]}),
        (one, {"what": ["agency_id"]}),
        (one, {"reason": ""}),
        (one, {"status": "retired"}),
        (one, {"what": ["built_year"], "built_year": "old"}),
        (one, {"agency_id": "1"}),
        (one, {"name": "X"}),
    ]:
        assert send(manager, query, **fields).status_code == 422, (query, fields)
    assert session.scalars(select(BulkEdit)).all() == []


def test_somebody_elses_change_is_not_there(
    manager: Client, sign_in: SignIn, session: Session, agency: Agency, buildings: list[Building]
) -> None:
    edit = preview(manager, session, f"id={buildings[0].id}")
    colleague, administrator = sign_in(Role.ASSET_MANAGER, agency), sign_in(Role.ADMINISTRATOR)
    for path in ("", "/progress", "/undo", "/columns"):
        assert colleague.get(f"/buildings/changes/{edit.id}{path}").status_code == 404, path
    for path in ("/confirm", "/discard", "/undo", "/columns"):
        assert colleague.submit(f"/buildings/changes/{edit.id}{path}", page="/account").status_code == 404, path
    assert administrator.get(f"/buildings/changes/{edit.id}").status_code == 200
    assert "Closed in May" not in colleague.get("/buildings/changes").text
    assert "Closed in May" in administrator.get("/buildings/changes").text


def test_discarded_changes_nothing_and_can_not_be_confirmed(
    manager: Client, session: Session, buildings: list[Building]
) -> None:
    edit = preview(manager, session, f"id={buildings[0].id}")
    assert manager.submit(f"/buildings/changes/{edit.id}/discard", page="/account").status_code == 302
    assert manager.submit(f"/buildings/changes/{edit.id}/confirm", page="/account").status_code == 409
    assert session.get_one(Building, buildings[0].id).status is BuildingStatus.ACTIVE


@pytest.fixture
def everything_as_a_job(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(perform, "AT_ONCE", 0)
    return None


def test_a_large_change_is_a_job_with_progress(
    manager: Client, session: Session, buildings: list[Building], everything_as_a_job: None
) -> None:
    edit = preview(manager, session, f"id={buildings[0].id}")
    assert edit.status is EditStatus.PREPARING
    assert "Working out what would change" in manager.get(f"/buildings/changes/{edit.id}").text
    answer = manager.get(f"/buildings/changes/{edit.id}/progress").json
    assert answer == {"is_at_work": True, "percent": 0, "message": "Working out what would change"}
    tasks = session.scalars(text("SELECT task_name FROM procrastinate_jobs")).all()
    assert tasks == ["edits.go_on"]


def paste(browser: Client, rows: str, **fields: Any) -> Any:
    sent = {"text": rows, "empty": "keep", "reason": "Survey", **fields}
    return browser.submit("/buildings/changes/paste", sent, page="/account")


def test_pasted_rows_with_known_headings_go_straight_to_the_preview(
    manager: Client, session: Session, buildings: list[Building]
) -> None:
    rows = f"id\tName\tNIA\n{buildings[0].id}\tTown Hall\t1,250\n999999\tNowhere\t5\n"
    assert paste(manager, rows).status_code == 302
    edit = newest(session)
    page = unescape(manager.get(f"/buildings/changes/{edit.id}").text)
    for shown in ["Town Hall", "1250", "2 rows from a spreadsheet"]:
        assert shown in page, shown
    refused = unescape(manager.get(f"/buildings/changes/{edit.id}?rows=refused").text)
    assert "No building has the number “999999”" in refused
    manager.submit(f"/buildings/changes/{edit.id}/confirm", page="/account")
    assert session.get_one(Building, buildings[0].id).name == "Town Hall"


def test_unknown_columns_are_asked_about(manager: Client, session: Session, buildings: list[Building]) -> None:
    rows = f"Which one\tWhat it is called\tColour\n{buildings[0].id}\tTown Hall\tred\n"
    assert paste(manager, rows).status_code == 302
    edit = newest(session)
    assert manager.get(f"/buildings/changes/{edit.id}").headers["Location"].endswith("/columns")
    path = f"/buildings/changes/{edit.id}/columns"
    page = manager.get(path).text
    assert "What it is called" in page
    assert "red" in page
    refused = manager.submit(path, {"column_0": "", "column_1": "name", "column_2": ""}, page="/account")
    assert refused.status_code == 422
    assert "One column must say which building" in refused.text
    sent = {"column_0": "key:id", "column_1": "name", "column_2": ""}
    assert manager.submit(path, sent, page="/account").status_code == 302
    assert "Town Hall" in manager.get(f"/buildings/changes/{edit.id}").text
    again = {"column_0": "key:id", "column_1": "note", "column_2": "post_town"}
    assert manager.submit(path, again, page="/account").status_code == 302
    assert "red" in manager.get(f"/buildings/changes/{edit.id}").text


@pytest.mark.parametrize(
    ("rows", "fields", "message"),
    [
        ("", {}, "Paste the rows"),
        ("id\tName", {}, "Paste the rows together with their headings"),
        ('id\tName\n1\t"open', {}, "never closed"),
        ("id\tName\n1\tX", {"reason": ""}, "Say why"),
        ("\t".join(["x"] * 101) + "\n" + "\t".join(["1"] * 101), {}, "more than 100 columns"),
    ],
)
def test_what_can_not_be_pasted(manager: Client, rows: str, fields: dict[str, str], message: str) -> None:
    response = paste(manager, rows, **fields)
    assert response.status_code == 422
    assert message in unescape(response.text)


def test_a_long_paste_gets_through(manager: Client, session: Session, buildings: list[Building]) -> None:
    rows = "id\tNote\n" + "".join(f"{900_000 + n}\t{'x' * 100}\n" for n in range(9_000))
    assert paste(manager, rows).status_code == 302
    assert newest(session).request["row_count"] == 9_000


def test_a_restricted_building_of_others_is_as_if_it_were_not_there(
    manager: Client, session: Session, buildings: list[Building]
) -> None:
    refuge = make_building(session, name="Refuge", uprn="4242", sensitivity=Sensitivity.SECRET)
    assert paste(manager, f"id\tNote\n{refuge.id}\tx\n{buildings[0].id}\ty\n").status_code == 302
    edit = newest(session)
    refused = unescape(manager.get(f"/buildings/changes/{edit.id}?rows=refused").text)
    assert f"No building has the number “{refuge.id}”" in refused
    ticked = preview(manager, session, f"id={refuge.id}&id={buildings[0].id}")
    for number in (edit.id, ticked.id):
        for rows in ("change", "refused", "elsewhere"):
            assert "Refuge" not in manager.get(f"/buildings/changes/{number}?rows={rows}").text
    manager.submit(f"/buildings/changes/{ticked.id}/confirm", page="/account")
    assert session.get_one(Building, refuge.id).status is BuildingStatus.ACTIVE


@pytest.mark.parametrize("level", [Sensitivity.OWNER, Sensitivity.SECRET])
def test_what_its_agency_restricted_since_stands_in_the_way_and_is_not_named(
    level: Sensitivity, sign_in: SignIn, session: Session
) -> None:
    """An administrator changed records of several agencies; one of them shows its own to nobody else now."""
    browser = sign_in(Role.ADMINISTRATOR)
    haven = make_agency(session, name="Haven")
    refuges = [make_building(session, name=f"Zqrefuge {number}", agency=haven) for number in "ab"]
    hall = make_building(session, name="Hall")
    ids = "&".join(f"id={building.id}" for building in (hall, *refuges))
    edit = preview(browser, session, ids)
    browser.submit(f"/buildings/changes/{edit.id}/confirm", page="/account")
    for refuge in refuges:
        session.refresh(refuge)
        change_sensitivity(session, refuge, level, version=refuge.version, actor=None, reason="Zqreason")
    undo = f"/buildings/changes/{edit.id}/undo"
    for status, answer in (
        (200, browser.get(undo)),
        (409, browser.submit(undo, {"reason": "Wrong ones"}, page="/account")),
    ):
        page = unescape(answer.text)
        assert answer.status_code == status
        assert "was restricted by its agency" in page
        assert page.count("not shown to you any more") == 1, "neither which, nor how many"
        assert not [word for word in ("Zqrefuge", "Haven", "Zqreason") if word in page]
    assert session.get_one(Building, hall.id).status is BuildingStatus.VACANT, "nothing was undone"
    assert session.get_one(BulkEdit, edit.id).status is EditStatus.APPLIED
