"""Administering users: adding with a link, roles that end at once, closing and opening accounts, who may."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import Membership, PasswordLink, Role, SecondFactor, User
from estate.people.second_factors import confirm_enrolment, secret_of, start_enrolment
from tests.factories import make_agency, make_board, make_membership, make_seat, make_user
from tests.web.conftest import PASSWORD, Client, SignIn

USERS = "/administration/users"


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in(Role.ADMINISTRATOR)


def link_of(page: str) -> str:
    found = re.search(r'value="http://localhost(/set-password/[^"]+)"', page)
    assert found, page
    return found[1]


def add_user(admin: Client, session: Session, **fields: Any) -> Any:
    agency = make_agency(session)
    values = {"name": "Grace Shuttle", "email": "grace@example.org", "role": "viewer", "agency_id": agency.id}
    return admin.submit(f"{USERS}/new", {**values, **fields}, page=f"{USERS}/new")


def set_password(client: Client, link: str, password: str = "a pass phrase of her own") -> Any:
    return client.submit(link, {"new_password": password, "repeated_password": password}, page=link)


def try_to_sign_in(client: Client, email: str, password: str) -> int:
    data = {"email": email, "password": password}
    return client.submit("/sign-in", data, page="/sign-in").status_code


def test_a_new_user_sets_their_password_by_a_link_shown_once(
    app: Flask, admin: Client, client: Client, session: Session
) -> None:
    response = add_user(admin, session)
    assert response.status_code == 200
    link = link_of(response.text)
    user = session.scalars(select(User).where(User.email == "grace@example.org")).one()
    assert "Grace Shuttle" in client.get(link).text
    assert link.rsplit("/", 1)[1] not in session.scalars(select(PasswordLink.token_hash)).all()
    assert link not in admin.get(f"{USERS}/{user.id}").text
    assert set_password(client, link).status_code == 302
    assert try_to_sign_in(client, user.email, "a pass phrase of her own") == 302
    assert client.get("/").status_code == 200
    actions = session.scalars(select(Event.action).where(Event.subject_id == user.id).order_by(Event.id)).all()
    assert actions == ["create", "grant role", "make password link", "change password"]


def test_a_link_works_once(admin: Client, app: Flask, session: Session) -> None:
    link = link_of(add_user(admin, session).text)
    first = app.test_client()
    token = first.csrf_token(link)
    assert set_password(first, link).status_code == 302
    data = {"csrf_token": token, "new_password": "taken over by them", "repeated_password": "taken over by them"}
    response = first.post(link, data=data)
    assert response.status_code == 404
    assert "Ask an administrator for a new link" in response.text


@pytest.mark.parametrize("why", ["expired", "newer", "deactivated", "unknown"])
def test_a_dead_link_opens_nothing(admin: Client, client: Client, session: Session, why: str) -> None:
    link = link_of(add_user(admin, session).text)
    user = session.scalars(select(User).where(User.email == "grace@example.org")).one()
    if why == "expired":
        session.execute(update(PasswordLink).values(expires_at=PasswordLink.created_at))
    elif why == "newer":
        admin.submit(f"{USERS}/{user.id}/password-link", page="/account")
    elif why == "deactivated":
        admin.submit(f"{USERS}/{user.id}/deactivate", {"reason": "Left"}, page="/account")
    else:
        link = "/set-password/nothing"
    assert client.get(link).status_code == 404


def test_a_password_by_link_must_be_long_and_signs_out_everywhere(
    admin: Client, client: Client, sign_in: SignIn, session: Session
) -> None:
    browser = sign_in(Role.VIEWER)
    link = link_of(admin.submit(f"{USERS}/{browser.user.id}/password-link", page="/account").text)
    assert browser.get("/account").status_code == 200
    assert set_password(client, link, "short").status_code == 422
    assert set_password(client, link).status_code == 302
    assert browser.get("/account").status_code == 302


@pytest.mark.parametrize(
    "fields", [{"name": "  "}, {"email": "nobody"}, {"role": "king"}, {"agency_id": "999999"}, {"email": "taken@x.org"}]
)
def test_a_new_user_with_something_wrong_is_not_added(admin: Client, session: Session, fields: dict[str, str]) -> None:
    make_user(session, email="Taken@x.org")
    before = len(session.scalars(select(User)).all())
    assert add_user(admin, session, **fields).status_code == 422
    assert len(session.scalars(select(User)).all()) == before


def test_a_role_given_and_ended_counts_at_the_next_request(admin: Client, sign_in: SignIn, session: Session) -> None:
    browser, agency = sign_in(), make_agency(session, name="Northtown Council")
    page = f"{USERS}/{browser.user.id}"
    assert browser.get("/buildings").status_code == 403
    given = {"agency_id": agency.id, "role": "viewer"}
    assert admin.submit(f"{page}/roles", given, page="/account").status_code == 302
    assert browser.get("/buildings").status_code == 200
    held = session.scalars(select(Membership).where(Membership.user_id == browser.user.id)).one()
    ending = f"{page}/roles/{held.id}/end"
    assert "viewer of Northtown Council" in admin.get(ending).text
    assert admin.submit(ending, {"reason": " "}, page="/account").status_code == 422
    assert admin.submit(ending, {"reason": "Moved to another team"}, page="/account").status_code == 302
    assert browser.get("/buildings").status_code == 403
    assert admin.submit(ending, {"reason": "Again"}, page="/account").status_code == 409
    assert held.ended_at is not None
    event = session.scalars(select(Event).where(Event.action == "end role")).one()
    assert (event.reason, event.actor_id) == ("Moved to another team", admin.user.id)
    assert "Moved to another team" in admin.get(page).text
    assert admin.submit(f"{page}/roles", given, page="/account").status_code == 302
    assert browser.get("/buildings").status_code == 200


def test_an_asset_manager_keeps_no_right_of_a_role_that_ended(admin: Client, sign_in: SignIn, session: Session) -> None:
    """Rights kept after leaving: the other role stays, and gives what it gives, no more."""
    browser = sign_in(Role.ASSET_MANAGER)
    make_membership(session, user=browser.user, role=Role.VIEWER)
    held = next(role for role in browser.user.memberships if role.role is Role.ASSET_MANAGER)
    assert browser.get("/buildings/new").status_code == 200
    admin.submit(f"{USERS}/{browser.user.id}/roles/{held.id}/end", {"reason": "Left"}, page="/account")
    assert browser.get("/buildings/new").status_code == 403
    assert browser.get("/buildings").status_code == 200


def test_a_board_member_without_any_role_votes_no_more(admin: Client, sign_in: SignIn, session: Session) -> None:
    browser = sign_in(Role.BOARD_MEMBER)
    make_seat(session, make_board(session), user=browser.user, is_chair=True)
    vote = next(
        rule.rule for rule in admin.application.url_map.iter_rules() if rule.endpoint == "boards.decisions.vote"
    )
    vote = vote.replace("<int:decision_id>", "999999")
    assert browser.submit(vote, page="/account").status_code == 404
    held = browser.user.memberships[0]
    admin.submit(f"{USERS}/{browser.user.id}/roles/{held.id}/end", {"reason": "Left"}, page="/account")
    assert browser.submit(vote, page="/account").status_code == 403


def test_whoever_becomes_an_administrator_signs_in_anew(admin: Client, sign_in: SignIn, session: Session) -> None:
    browser = sign_in(Role.VIEWER)
    given = {"agency_id": make_agency(session).id, "role": "administrator"}
    admin.submit(f"{USERS}/{browser.user.id}/roles", given, page="/account")
    assert browser.get("/account").status_code == 302


def test_a_deactivated_user_is_out_and_stays_out_until_opened_again(
    admin: Client, sign_in: SignIn, client: Client
) -> None:
    browser = sign_in(Role.VIEWER)
    page = f"{USERS}/{browser.user.id}"
    assert admin.submit(f"{page}/deactivate", {"reason": ""}, page="/account").status_code == 422
    assert admin.submit(f"{page}/deactivate", {"reason": "Left the council"}, page="/account").status_code == 302
    assert browser.get("/account").status_code == 302
    assert try_to_sign_in(client, browser.user.email, PASSWORD) == 422
    assert browser.user.email not in admin.get(USERS).text
    assert browser.user.email in admin.get(f"{USERS}?shown=deactivated").text
    assert admin.submit(f"{page}/deactivate", {"reason": "Again"}, page="/account").status_code == 409
    assert admin.submit(f"{page}/reactivate", {"reason": "Came back"}, page="/account").status_code == 302
    assert browser.get("/account").status_code == 302, "an old session must not come back to life"
    assert try_to_sign_in(client, browser.user.email, PASSWORD) == 302


def test_the_last_administrator_can_not_be_taken_away(admin: Client, session: Session) -> None:
    page = f"{USERS}/{admin.user.id}"
    ending = f"{page}/roles/{admin.user.memberships[0].id}/end"
    response = admin.submit(ending, {"reason": "Tidying"}, page="/account")
    assert response.status_code == 409
    assert "last administrator" in response.text
    closed = make_membership(session, role=Role.ADMINISTRATOR)
    closed.user.is_active = False
    assert admin.submit(ending, {"reason": "Tidying"}, page="/account").status_code == 409
    make_membership(session, role=Role.ADMINISTRATOR)
    assert admin.submit(f"{page}/deactivate", {"reason": "Me"}, page="/account").status_code == 409
    assert admin.submit(ending, {"reason": "Tidying"}, page="/account").status_code == 302
    assert admin.get(USERS).status_code == 403


def test_a_lost_phone_is_forgotten(admin: Client, sign_in: SignIn, session: Session) -> None:
    import pyotp

    browser = sign_in(Role.VIEWER)
    factor = start_enrolment(session, browser.user, secret_key="only for tests")
    code = pyotp.TOTP(secret_of(factor, "only for tests")).now()
    confirm_enrolment(session, browser.user, code, secret_key="only for tests")
    reset = f"{USERS}/{browser.user.id}/second-factor/reset"
    assert admin.submit(reset, {"reason": ""}, page="/account").status_code == 422
    assert admin.submit(reset, {"reason": "Phone lost, called back"}, page="/account").status_code == 302
    assert session.scalars(select(SecondFactor)).one().ended_at is not None
    assert browser.get("/account").status_code == 302


def test_sessions_are_ended(admin: Client, sign_in: SignIn) -> None:
    browser = sign_in(Role.VIEWER)
    page = f"{USERS}/{browser.user.id}"
    assert "with a password" in admin.get(page).text
    assert admin.submit(f"{page}/sessions/end", page="/account").status_code == 302
    assert browser.get("/account").status_code == 302


def test_users_are_found_by_words(admin: Client, session: Session) -> None:
    make_user(session, name="Vera Kiln", email="vera@fire.example")
    make_user(session, name="100% Sure", email="sure@fire.example")
    assert "Vera Kiln" in admin.get(f"{USERS}?text=kil+FIRE").text
    assert "Vera Kiln" not in admin.get(f"{USERS}?text=%25").text
    assert "Nobody found" in admin.get(f"{USERS}?text=zzz").text


def test_a_role_of_somebody_else_is_not_this_users(admin: Client, session: Session) -> None:
    one, other = make_membership(session), make_membership(session)
    assert admin.get(f"{USERS}/{one.user_id}/roles/{other.id}/end").status_code == 404
    assert admin.get(f"{USERS}/99999999999999999999").status_code == 404


@pytest.mark.parametrize("role", [Role.ASSET_MANAGER, Role.BOARD_MEMBER, Role.VIEWER])
def test_others_see_no_administration(sign_in: SignIn, role: Role) -> None:
    browser = sign_in(role)
    assert "Administration" not in browser.get("/").text
    assert browser.get(USERS).status_code == 403
