"""Signing in and out: new id at login, death at logout, limits that hold, no way to another host."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import LoginAttempt, LoginSession, Role, User
from estate.web.auth import safe_address
from estate.web.sign_in_limits import FAILURES_PER_ADDRESS, FAILURES_PER_EMAIL
from tests.factories import make_membership, make_user
from tests.web.conftest import PASSWORD, Client, SignIn


@pytest.fixture
def user(session: Session) -> User:
    user = make_user(session, password=PASSWORD, email="Ada@Example.org")
    make_membership(session, user=user)
    return user


def try_to_sign_in(client: Client, email: str, password: str, **data: str) -> int:
    return client.submit("/sign-in", {"email": email, "password": password, **data}, page="/sign-in").status_code


def cookie_of(client: Client) -> str:
    cookie = client.get_cookie("estate")
    assert cookie is not None
    return cookie.value


def test_email_is_read_without_its_case(client: Client, user: User) -> None:
    assert try_to_sign_in(client, " ada@example.ORG ", PASSWORD) == 302
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(("email", "password"), [("ada@example.org", "not hers"), ("nobody@example.org", PASSWORD)])
def test_the_answer_does_not_say_which_half_was_wrong(client: Client, user: User, email: str, password: str) -> None:
    response = client.submit("/sign-in", {"email": email, "password": password}, page="/sign-in")
    assert response.status_code == 422
    assert "The email address or the password is wrong" in response.text
    assert password not in response.text


def test_a_user_without_a_password_cannot_sign_in(client: Client, session: Session) -> None:
    make_user(session, email="system@example.org")
    assert try_to_sign_in(client, "system@example.org", "None") == 422


def test_a_planted_cookie_is_worth_nothing_after_login(app: Flask, client: Client, user: User) -> None:
    client.get("/sign-in")
    planted = cookie_of(client)
    try_to_sign_in(client, user.email, PASSWORD)
    assert cookie_of(client) != planted
    attacker = app.test_client()
    attacker.set_cookie("estate", planted)
    assert attacker.get("/account").status_code == 302


def test_signing_in_again_ends_the_session_before(app: Flask, sign_in: SignIn, session: Session, user: User) -> None:
    browser = sign_in(user=user)
    before = cookie_of(browser)
    token = browser.csrf_token("/account")
    browser.post("/sign-in", data={"csrf_token": token, "email": user.email, "password": PASSWORD, "next": ""})
    copy = app.test_client()
    copy.set_cookie("estate", before)
    assert copy.get("/account").status_code == 302
    assert browser.get("/account").status_code == 200


def test_logging_out_kills_a_copied_cookie(app: Flask, sign_in: SignIn, user: User) -> None:
    browser = sign_in(user=user)
    copy = app.test_client()
    copy.set_cookie("estate", cookie_of(browser))
    assert copy.get("/account").status_code == 200
    assert browser.submit("/sign-out", page="/account").status_code == 302
    assert copy.get("/account").status_code == 302


def test_the_cookie_holds_no_name_and_the_database_no_token(app: Flask, sign_in: SignIn, session: Session) -> None:
    browser = sign_in(Role.VIEWER)
    with browser.session_transaction() as cookie:
        token = cookie["token"]
        assert "@" not in str(dict(cookie))
    hashes = session.scalars(select(LoginSession.token_hash)).all()
    assert hashes
    assert token not in hashes


def test_an_expired_session_is_over(sign_in: SignIn, session: Session, user: User) -> None:
    browser = sign_in(user=user)
    session.execute(update(LoginSession).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert browser.get("/account").status_code == 302


def test_a_deactivated_user_is_out_at_once(sign_in: SignIn, session: Session, user: User) -> None:
    browser = sign_in(user=user)
    session.execute(update(User).where(User.id == user.id).values(is_active=False))
    assert browser.get("/account").status_code == 302
    assert try_to_sign_in(browser, user.email, PASSWORD) == 422


def test_tries_for_one_email_are_limited_even_with_the_right_password(
    client: Client, session: Session, user: User
) -> None:
    for _ in range(FAILURES_PER_EMAIL):
        assert try_to_sign_in(client, user.email, "wrong") == 422
    assert try_to_sign_in(client, user.email, PASSWORD) == 429
    session.execute(update(LoginAttempt).values(at=datetime.now(UTC) - timedelta(minutes=16)))
    assert try_to_sign_in(client, user.email, PASSWORD) == 302


def test_a_login_forgives_the_failures_before(client: Client, user: User) -> None:
    for _ in range(FAILURES_PER_EMAIL - 1):
        try_to_sign_in(client, user.email, "wrong")
    assert try_to_sign_in(client, user.email, PASSWORD) == 302


def test_tries_from_one_network_are_limited(client: Client, session: Session, user: User) -> None:
    now = datetime.now(UTC)
    for number in range(FAILURES_PER_ADDRESS):
        session.add(LoginAttempt(email=f"{number}@x", address="127.0.0.1", at=now, was_successful=False))
    assert try_to_sign_in(client, user.email, PASSWORD) == 429
    assert session.scalar(select(func.count()).select_from(LoginSession)) == 0


def test_a_failed_try_is_kept(client: Client, session: Session, user: User) -> None:
    try_to_sign_in(client, user.email, "wrong")
    attempt = session.scalars(select(LoginAttempt)).one()
    assert (attempt.email, attempt.was_successful) == ("ada@example.org", False)


def test_login_goes_back_to_the_page_asked_for(client: Client, user: User) -> None:
    response = client.get("/buildings?text=hall")
    assert response.headers["Location"] == "/sign-in?next=/buildings?text%3Dhall"
    data = {"email": user.email, "password": PASSWORD, "next": "/buildings?text=hall"}
    assert client.submit("/sign-in", data, page="/sign-in").headers["Location"] == "/buildings?text=hall"


ELSEWHERE = ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"]
NO_PATH = ["", "x", "/\t/evil.example", "///evil.example", "/a\nb"]


@pytest.mark.parametrize("address", [*ELSEWHERE, *NO_PATH])
def test_nobody_is_sent_to_another_host(address: str) -> None:
    assert safe_address(address) == ""


def change_password(browser: Client, now: str, new: str, repeated: str | None = None) -> int:
    data = {"current_password": now, "new_password": new, "repeated_password": repeated or new}
    return browser.submit("/account/password", data, page="/account").status_code


def test_a_changed_password_signs_every_other_browser_out(
    app: Flask, sign_in: SignIn, session: Session, user: User
) -> None:
    here, there = sign_in(user=user), sign_in(user=user)
    assert change_password(here, PASSWORD, "a better pass phrase") == 302
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert try_to_sign_in(there, user.email, PASSWORD) == 422
    assert try_to_sign_in(there, user.email, "a better pass phrase") == 302
    event = session.scalars(select(Event).where(Event.subject_type == "user")).one()
    assert (event.action, event.actor_id, event.changes) == ("change_password", user.id, {})


@pytest.mark.parametrize(
    ("now", "new", "repeated"),
    [("wrong", "a better pass phrase", None), (PASSWORD, "short", None), (PASSWORD, "a better pass phrase", "another")],
)
def test_a_password_change_is_refused(sign_in: SignIn, user: User, now: str, new: str, repeated: str | None) -> None:
    assert change_password(sign_in(user=user), now, new, repeated) == 422
