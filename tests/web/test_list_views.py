"""Views of the list that people keep, the columns they choose, and values changed in the list itself."""

from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import Agency, Role
from estate.register.as_at import begin_change_set, end_change_set
from estate.register.changes import change_building, retire_building
from estate.register.matches.decide import Said, decide
from estate.register.models import Building, BuildingStatus, ListPreference, MatchVerdict, SavedView
from tests.factories import make_agency, make_building
from tests.web.conftest import Client, SignIn


@pytest.fixture
def agency(session: Session) -> Agency:
    return make_agency(session, name="Ours")


@pytest.fixture
def manager(sign_in: SignIn, agency: Agency) -> Client:
    return sign_in(Role.ASSET_MANAGER, agency)


def save(browser: Client, query: str, **fields: Any) -> Any:
    return browser.submit(
        f"/buildings/views/new?{query}", {"name": "Vacant", "agency_id": "", **fields}, page="/account"
    )


def stored(session: Session) -> SavedView:
    return session.scalars(select(SavedView).order_by(SavedView.id.desc()).limit(1)).one()


def act(browser: Client, view: SavedView, deed: str, query: str = "") -> Any:
    return browser.submit(f"/buildings/views/{view.id}/{deed}{query}", page="/account")


def test_a_view_keeps_filters_sort_and_columns(manager: Client, session: Session, agency: Agency) -> None:
    make_building(session, agency=agency, name="Depot", status=BuildingStatus.VACANT, built_year=1950)
    query = f"status=vacant&agency={agency.id}&sort=-name&columns=name,built_year"
    assert save(manager, query).status_code == 302
    view = stored(session)
    address = manager.get(f"/buildings/views/{view.id}").headers["Location"]
    for part in ("status=vacant", f"agency={agency.id}", "sort=-name", f"view={view.id}"):
        assert part in address, part
    page = unescape(manager.get(address).text)
    for shown in ["Year built", "1950", "Vacant", 'aria-current="true">Vacant']:
        assert shown in page, shown
    assert "(changed)" not in page
    assert "Vacant (changed)" in manager.get(address + "&text=x").text
    listed = unescape(manager.get("/buildings/views").text)
    for shown in ["Status: Vacant; Agency: Ours", "only me"]:
        assert "Status: Vacant" in listed, shown


def test_the_default_view_opens_with_a_bare_address_only(manager: Client, session: Session) -> None:
    save(manager, "status=vacant", is_default="y")
    view = stored(session)
    assert manager.get("/buildings").headers["Location"] == f"/buildings/views/{view.id}"
    assert manager.get("/buildings?view=all").status_code == 200
    manager.submit("/buildings/views/0/default", page="/account")
    assert manager.get("/buildings").status_code == 200
    act(manager, view, "default")
    assert manager.get("/buildings").status_code == 302
    act(manager, view, "delete")
    assert manager.get("/buildings").status_code == 200


def test_a_shared_view_is_seen_by_its_agency_and_changed_by_its_owner(
    manager: Client, sign_in: SignIn, session: Session, agency: Agency
) -> None:
    save(manager, "status=vacant", agency_id=str(agency.id))
    view = stored(session)
    colleague, stranger = sign_in(Role.VIEWER, agency), sign_in(Role.ADMINISTRATOR)
    assert "Vacant" in colleague.get("/buildings/views").text
    assert colleague.get(f"/buildings/views/{view.id}").status_code == 302
    assert act(colleague, view, "default").status_code == 302
    assert stranger.get(f"/buildings/views/{view.id}").status_code == 404
    for browser in (colleague, stranger):
        for deed in ("edit", "replace", "delete", "restore"):
            assert act(browser, view, deed).status_code == 404, deed
        assert browser.get(f"/buildings/views/{view.id}/edit").status_code == 404


def test_a_private_view_is_nobody_elses(manager: Client, sign_in: SignIn, session: Session, agency: Agency) -> None:
    save(manager, "status=vacant")
    colleague = sign_in(Role.ASSET_MANAGER, agency)
    assert colleague.get(f"/buildings/views/{stored(session).id}").status_code == 404
    assert "Vacant" not in colleague.get("/buildings/views").text


def test_renamed_shared_replaced_deleted_and_had_back(manager: Client, session: Session, agency: Agency) -> None:
    save(manager, "status=vacant")
    view = stored(session)
    path = f"/buildings/views/{view.id}/edit"
    assert 'value="Vacant"' in manager.get(path).text
    sent = {"name": "Empty", "agency_id": str(agency.id), "version": "1"}
    assert manager.submit(path, sent, page="/account").status_code == 302
    assert (stored(session).name, stored(session).agency_id) == ("Empty", agency.id)
    assert manager.submit(path, {**sent, "name": "Late"}, page="/account").status_code == 409
    act(manager, view, "replace", "?status=surplus&sort=-cost")
    assert stored(session).arguments["status"] == "surplus"
    where = act(manager, view, "delete").headers["Location"]
    assert "The view is deleted" in manager.get(where).text
    assert manager.get(f"/buildings/views/{view.id}").status_code == 404
    act(manager, view, "restore")
    assert manager.get(f"/buildings/views/{view.id}").status_code == 302
    assert session.scalars(select(Event.action).where(Event.subject_type == "saved_view")).all() == [
        "save_view", "change_view", "change_view", "delete_view", "restore_view",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": " "}, "Give the view a name"),
        ({"name": "x" * 81}, "80 characters"),
        ({"name": "vacant"}, "You have a view of this name"),
        ({"agency_id": "999999"}, "valid choice"),
        ({"agency_id": "x"}, "coerce"),
        ({"owner_id": "1"}, "is not a field"),
    ],
)
def test_what_a_view_can_not_be(manager: Client, session: Session, fields: dict[str, str], message: str) -> None:
    save(manager, "")
    response = save(manager, "", **{"name": "Other", **fields})
    assert response.status_code == 422
    assert message in unescape(response.text)


def test_a_view_whose_filter_is_gone_is_still_listed(manager: Client, session: Session) -> None:
    save(manager, "status=vacant")
    stored(session).arguments = {"status": "burnt"}
    assert "no longer there" in manager.get("/buildings/views").text


def test_columns_are_chosen_moved_and_remembered(manager: Client, session: Session) -> None:
    make_building(session, name="Depot")
    page = manager.get("/buildings/columns").text
    assert "Last changed" in page
    order = ["name", "agency", "built_year", "uprn"]
    sent = {"order": order, "shown": ["uprn", "built_year"], "move": "up:uprn"}
    moved = manager.submit("/buildings/columns", sent, page="/account").text
    assert moved.index('value="uprn"') < moved.index('value="built_year"')
    assert session.scalars(select(ListPreference)).all() == []
    sent = {"order": ["name", "uprn", "built_year"], "shown": ["uprn", "built_year"]}
    assert manager.submit("/buildings/columns?text=depot", sent, page="/account").status_code == 302
    listed = manager.get("/buildings?view=all").text
    assert listed.index(">UPRN</th>") < listed.index(">Year built</th>")
    header = manager.get("/buildings.csv").text.removeprefix("\ufeff").splitlines()[0]
    assert header == "id,name,street,post_town,postcode,uprn,built_year"
    assert manager.submit("/buildings/columns", {"order": ["x"]}, page="/account").status_code == 422


@pytest.fixture
def building(session: Session, agency: Agency) -> Building:
    return make_building(session, agency=agency, name="Old Hall", gross_internal_area_m2=100)


def cell(browser: Client, building: Building, **fields: Any) -> Any:
    sent = {"field": "built_year", "value": "1950", "version": "1", "reason": "Survey", **fields}
    return browser.submit(f"/buildings/{building.id}/cell", sent, page="/account")


def test_one_value_is_saved_with_its_reason(manager: Client, session: Session, building: Building) -> None:
    said = cell(manager, building, field="net_internal_area_m2", value="80.50").json
    assert (said["version"], said["value"], "81" in said["shown"]) == (2, "80.5", True)
    assert "Net area of Old Hall" in said["message"]
    said = cell(manager, building, field="use_class_code", value="library", version="2").json
    assert (said["value"], said["shown"], said["version"]) == ("library", "Library", 3)
    assert session.scalars(select(Event.reason)).all() == ["Survey"] * 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"value": "old"}, "whole number"),
        ({"reason": " "}, "Say why"),
        ({"field": "agency_id"}, "No such field"),
        ({"field": "net_internal_area_m2", "value": "500"}, "more than the gross"),
        ({"field": "status", "value": "retired"}, "valid choice"),
        ({"field": "name", "value": ""}, "Give the building a name"),
        ({"field": "postcode", "value": "nowhere"}, "Enter a UK postcode"),
        ({"field": "uprn", "value": "1.00E+11"}, "A UPRN is a number"),
    ],
)
def test_a_refused_value_says_why(
    manager: Client, session: Session, building: Building, fields: dict[str, str], message: str
) -> None:
    answer = cell(manager, building, **fields)
    assert answer.status_code == 422
    assert message in answer.json["message"]
    assert session.get_one(Building, building.id).version == 1


def test_a_cell_clashes_only_where_the_same_value_changed(
    manager: Client, session: Session, building: Building
) -> None:
    begin_change_set(session, "import:1")
    change_building(session, building, version=1, actor=None, reason="Theirs", built_year=1900)
    end_change_set(session)
    assert cell(manager, building, field="note", value="mine").status_code == 200
    answer = cell(manager, building)
    assert answer.status_code == 409
    assert "it is 1900 now" in answer.json["message"]
    assert cell(manager, building, version=str(answer.json["version"])).status_code == 200
    assert session.get_one(Building, building.id).built_year == 1950


def test_cells_of_others_retired_and_merged_records(
    manager: Client, sign_in: SignIn, session: Session, agency: Agency, building: Building
) -> None:
    assert cell(sign_in(Role.ASSET_MANAGER), building).status_code == 404
    assert cell(sign_in(Role.VIEWER, agency), building).status_code == 403
    other = make_building(session)
    decide(session, building, other, Said(MatchVerdict.SAME, "same door", None))
    answer = cell(manager, building)
    assert (answer.status_code, "Several agencies" in answer.json["message"]) == (409, True)
    retired = make_building(session, agency=agency)
    retire_building(session, retired, version=1, actor=None, reason="twice")
    answer = cell(manager, retired, version="2")
    assert (answer.status_code, "retired" in answer.json["message"]) == (409, True)


def test_the_list_offers_editing_for_own_records_of_today_only(
    manager: Client, sign_in: SignIn, session: Session, building: Building
) -> None:
    foreign = make_building(session)
    page = manager.get("/buildings").text
    assert f"/buildings/{building.id}/cell" in page
    assert f"/buildings/{foreign.id}/cell" not in page
    assert f'value="{foreign.id}" aria-label="Tick' not in page
    for quiet in (sign_in(Role.VIEWER).get("/buildings").text, manager.get("/buildings?as_at=2020-01-01").text):
        assert "/cell" not in quiet
        assert "Change ticked" not in quiet
