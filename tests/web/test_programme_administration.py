"""Administering programmes: settings, areas, who takes part, and stepping back with a preview."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from estate.people.models import Role
from estate.people.programme_members import list_stays_of
from estate.people.programmes import find_by_slug, list_partners, today_of
from estate.register.programmes import covered_areas
from tests.factories import first_programme, make_agency, make_area, make_board, make_seat, make_user
from tests.web.conftest import Client, SignIn

HERE = "/administration/programmes"
SETTINGS = {"name": "Health", "description": "", "place_name": "", "default_level_code": "", "horizon_years": ""}


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in(Role.ADMINISTRATOR)


def test_a_programme_is_added_and_changed(admin: Client, session: Session) -> None:
    make_area(session)
    response = admin.submit(f"{HERE}/new", {**SETTINGS, "horizon_years": "15"}, page="/account")
    assert response.status_code == 302
    made = find_by_slug(session, "health")
    assert made is not None
    assert made.horizon_years == 15
    changed = {**SETTINGS, "default_level_code": "district", "version": 1, "reason": "As agreed"}
    assert admin.submit(f"{HERE}/{made.id}/edit", changed, page="/account").status_code == 302
    assert (made.default_level_code, made.horizon_years) == ("district", None)
    stale = admin.submit(f"{HERE}/{made.id}/edit", {**changed, "name": "Care"}, page="/account")
    assert stale.status_code == 409
    assert "Somebody else changed this first" in stale.text
    assert "As agreed" in admin.get(f"{HERE}/{made.id}").text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": " "}, "Enter the programme"),
        ({"name": "PARTNERSHIP"}, "Another programme has this name"),
        ({"horizon_years": "99"}, "from 1 to 60"),
        ({"default_level_code": "galaxy"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_said(admin: Client, session: Session, fields: dict[str, str], message: str) -> None:
    first_programme(session).name = "Partnership"
    session.flush()
    response = admin.submit(f"{HERE}/new", {**SETTINGS, **fields}, page="/account")
    assert response.status_code == 422
    assert message in response.text


def test_areas_come_and_go(admin: Client, session: Session) -> None:
    programme, area = first_programme(session), make_area(session, name="West")
    path = f"{HERE}/{programme.id}/areas"
    assert admin.submit(path, {"area_id": area.id}, page="/account").status_code == 302
    assert covered_areas(session, programme) == [area]
    assert admin.submit(path, {"area_id": area.id}, page="/account").status_code == 422
    assert "West (district)" in admin.get(f"{HERE}/{programme.id}").text
    assert admin.submit(f"{path}/remove", {"area_id": area.id}, page="/account").status_code == 302
    assert covered_areas(session, programme) == []


def step_back(admin: Client, session: Session, agency: Any, days: int, **fields: Any) -> Any:
    [stay, *_] = list_stays_of(session, agency)
    data = {"left_on": today_of(session) + timedelta(days=days), "left_reason": "Merging", "is_confirmed": "", **fields}
    return admin.submit(f"{HERE}/{stay.programme_id}/members/{stay.id}/step-back", data, page="/account")


def test_the_preview_comes_first_and_the_day_can_be_taken_back(admin: Client, session: Session) -> None:
    agency, board = make_agency(session, name="Police"), make_board(session)
    make_seat(session, board, user=make_user(session))
    [stay] = list_stays_of(session, agency)
    page = step_back(admin, session, agency, 30)
    assert page.status_code == 200
    assert "What will happen on" in page.text
    assert stay.left_on is None
    assert step_back(admin, session, agency, 30, is_confirmed="yes").status_code == 302
    assert (stay.left_on, stay.reason) == (today_of(session) + timedelta(days=30), "Merging")
    assert step_back(admin, session, agency, 31, is_confirmed="yes").status_code == 409
    keep = f"{HERE}/{stay.programme_id}/members/{stay.id}/stay"
    assert admin.submit(keep, {"stay_reason": ""}, page="/account").status_code == 422
    assert admin.submit(keep, {"stay_reason": "Not merging"}, page="/account").status_code == 302
    assert stay.left_on is None
    assert "Not merging" in admin.get(f"{HERE}/{stay.programme_id}").text


@pytest.mark.parametrize(
    ("days", "fields", "message"),
    [
        (-1, {}, "Choose today or a later day"),
        (1, {"left_reason": " "}, "Say why the agency steps back"),
        (1, {"left_on": "soon"}, "year-month-day"),
        (-1, {"is_confirmed": "yes"}, "Choose today or a later day"),
    ],
)
def test_a_wrong_day_or_no_reason(
    admin: Client, session: Session, days: int, fields: dict[str, str], message: str
) -> None:
    agency = make_agency(session)
    response = step_back(admin, session, agency, days, **fields)
    assert response.status_code == 422
    assert message in response.text
    assert list_stays_of(session, agency)[0].left_on is None


def test_an_agency_comes_back(admin: Client, session: Session) -> None:
    agency, programme = make_agency(session, name="Police"), first_programme(session)
    assert step_back(admin, session, agency, 0, is_confirmed="yes").status_code == 302
    assert agency not in list_partners(session, programme.id)
    page = admin.get(f"{HERE}/{programme.id}/members/{list_stays_of(session, agency)[0].id}").text
    assert "It can take part again" in page
    joining = {"agency_id": agency.id, "joined_on": ""}
    assert admin.submit(f"{HERE}/{programme.id}/members", joining, page="/account").status_code == 302
    assert agency in list_partners(session, programme.id)
    assert admin.submit(f"{HERE}/{programme.id}/members", joining, page="/account").status_code == 422


def test_what_is_not_there(admin: Client, session: Session) -> None:
    agency, programme = make_agency(session), first_programme(session)
    [stay] = list_stays_of(session, agency)
    for path in ("/999999", "/99999999999999999999", f"/{programme.id}/members/999999", f"/999999/members/{stay.id}"):
        assert admin.get(HERE + path).status_code == 404, path
