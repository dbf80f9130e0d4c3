"""Administering agencies: adding, renaming, the tree, dates of membership, and two people at once."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import Agency, Role
from estate.people.programme_members import list_stays_of
from tests.factories import first_programme, make_agency, make_membership, make_programme
from tests.web.conftest import Client, SignIn

AGENCIES = "/administration/agencies"


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in(Role.ADMINISTRATOR)


def add(admin: Client, **fields: Any) -> Any:
    values = {
        "name": "Northtown Council",
        "kind_code": "council",
        "parent_id": "",
        "joined_on": "",
    }
    return admin.submit(f"{AGENCIES}/new", {**values, **fields}, page=f"{AGENCIES}/new")


def change(admin: Client, agency: Agency, **fields: Any) -> Any:
    values = {
        "name": agency.name, "kind_code": agency.kind_code, "parent_id": agency.parent_id or "",
        "version": agency.version, "reason": "As told by its clerk",
    }  # fmt: skip
    return admin.submit(f"{AGENCIES}/{agency.id}/edit", {**values, **fields}, page="/account")


def test_an_agency_is_added(admin: Client, session: Session) -> None:
    above = make_agency(session)
    response = add(admin, name="  Fire   & Rescue ", kind_code="fire", parent_id=above.id, joined_on="2010-04-01")
    assert response.status_code == 302
    made = session.scalars(select(Agency).where(Agency.name == "Fire & Rescue")).one()
    assert (made.code, made.parent_id) == ("fire-rescue", above.id)
    [stay] = list_stays_of(session, made)
    assert (stay.programme_id, stay.joined_on, stay.left_on) == (first_programme(session).id, date(2010, 4, 1), None)
    page = admin.get(response.headers["Location"]).text
    assert "1 April 2010" in page
    assert "no end known" in page
    assert "Fire &amp; Rescue" in admin.get(AGENCIES).text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": " "}, "Enter the agency"),
        ({"name": "NORTHTOWN COUNCIL"}, "Another agency has this name"),
        ({"name": "New", "kind_code": "guild"}, "Not a valid choice"),
        ({"name": "New", "joined_on": "31/12/2020"}, "year-month-day"),
        ({"name": "New", "parent_id": "999999"}, "Not a valid choice"),
    ],
)
def test_something_wrong_is_shown_beside_its_field(
    admin: Client, session: Session, fields: dict[str, str], message: str
) -> None:
    make_agency(session, name="Northtown Council")
    before = len(session.scalars(select(Agency)).all())
    response = add(admin, **fields)
    assert response.status_code == 422
    assert message in response.text
    assert len(session.scalars(select(Agency)).all()) == before


def test_a_change_is_kept_with_its_reason(admin: Client, session: Session) -> None:
    agency = make_agency(session, name="Old Name", code="old-name")
    response = change(admin, agency, name="New Name", kind_code="police")
    assert response.status_code == 302
    assert (agency.name, agency.code, agency.kind_code) == ("New Name", "old-name", "police")
    event = session.scalars(select(Event).where(Event.subject_type == "agency")).one()
    assert event.changes == {
        "name": ["Old Name", "New Name"],
        "kind_code": ["council", "police"],
    }
    assert (event.reason, event.actor_id) == ("As told by its clerk", admin.user.id)
    page = admin.get(f"{AGENCIES}/{agency.id}").text
    assert "As told by its clerk" in page


def test_where_there_are_several_programmes_the_form_asks_which(admin: Client, session: Session) -> None:
    other = make_programme(session, name="Health")
    assert add(admin, name="Trust", programme_id=other.id).status_code == 302
    assert add(admin, name="Loner", programme_id="").status_code == 302
    trust, loner = (session.scalars(select(Agency).where(Agency.name == name)).one() for name in ("Trust", "Loner"))
    assert [stay.programme_id for stay in list_stays_of(session, trust)] == [other.id]
    assert list_stays_of(session, loner) == []
    assert "takes part in no programme" in admin.get(f"{AGENCIES}/{loner.id}").text


def test_a_change_without_a_reason_is_refused(admin: Client, session: Session) -> None:
    agency = make_agency(session, name="Old Name")
    assert change(admin, agency, name="New Name", reason=" ").status_code == 422
    assert agency.name == "Old Name"


def test_a_tree_has_no_circles(admin: Client, session: Session) -> None:
    above = make_agency(session)
    middle = make_agency(session, parent_id=above.id)
    below = make_agency(session, parent_id=middle.id)
    response = change(admin, above, parent_id=below.id)
    assert response.status_code == 422
    assert "to one that belongs to it" in response.text
    assert change(admin, below, parent_id=above.id).status_code == 302
    assert below.parent_id == above.id
    assert change(admin, below, parent_id="").status_code == 302
    assert below.parent_id is None


def test_whoever_comes_second_sees_both_versions(admin: Client, session: Session) -> None:
    agency = make_agency(session, name="Old Name")
    seen = agency.version
    assert change(admin, agency, name="First").status_code == 302
    response = change(admin, agency, name="Second", version=seen)
    assert response.status_code == 409
    assert "Somebody else changed this first" in response.text
    assert "First" in response.text
    assert "Second" in response.text
    assert agency.name == "First"
    assert change(admin, agency, name="Second").status_code == 302


def test_members_are_those_of_today(admin: Client, session: Session) -> None:
    agency = make_agency(session)
    held, ended = make_membership(session, agency=agency), make_membership(session, agency=agency)
    admin.submit(f"/administration/users/{ended.user_id}/roles/{ended.id}/end", {"reason": "Left"}, page="/account")
    page = admin.get(f"{AGENCIES}/{agency.id}").text
    assert f"/administration/users/{held.user_id}" in page
    assert f"/administration/users/{ended.user_id}" not in page


def test_an_agency_that_is_not_there(admin: Client) -> None:
    assert admin.get(f"{AGENCIES}/999999").status_code == 404
    assert admin.get(f"{AGENCIES}/99999999999999999999/edit").status_code == 404
