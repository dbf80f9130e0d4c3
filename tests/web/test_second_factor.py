"""The second factor: forced on administrators, asked of whoever has one, never accepted twice, limited in tries."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import LoginAttempt, LoginSession, RecoveryCode, Role, SecondFactor, User
from estate.people.second_factors import confirm_enrolment, secret_of, start_enrolment
from estate.people.users import end_role
from estate.web.configuration import EXTENSION
from estate.web.sign_in_limits import FAILURES_PER_EMAIL
from tests.factories import make_membership, make_place, make_user
from tests.web.conftest import PASSWORD, Client

KEY = "only for tests"


@pytest.fixture(autouse=True)
def strict(app: Flask) -> None:
    """Administrators need a second factor, as everywhere but in a demo place."""
    set_policy(app, None)


def set_policy(app: Flask, value: bool | None) -> None:
    settings = app.extensions[EXTENSION].model_copy(update={"second_factor_for_administrators": value})
    app.extensions[EXTENSION] = settings


@pytest.fixture
def admin(session: Session) -> User:
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=Role.ADMINISTRATOR)
    return user


def code_of(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30 * steps))


def enrol(session: Session, user: User) -> tuple[str, list[str]]:
    """Set a second factor up some minutes ago: its secret and its recovery codes."""
    factor = start_enrolment(session, user, secret_key=KEY)
    secret, at = secret_of(factor, KEY), datetime.now(UTC) - timedelta(minutes=5)
    return secret, confirm_enrolment(session, user, pyotp.TOTP(secret).at(at), secret_key=KEY, at=at)


def first_step(client: Client, user: User, next_address: str = "") -> Any:
    data = {"email": user.email, "password": PASSWORD, "next": next_address}
    return client.submit("/sign-in", data, page="/sign-in")


def second_step(client: Client, code: str) -> Any:
    return client.submit("/sign-in/second-factor", {"code": code}, page="/sign-in/second-factor")


def shown_secret(page: str) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found, page
    return found[1].replace(" ", "")


def shown_codes(page: str) -> list[str]:
    return re.findall(r"<li><code>([^<]+)</code></li>", page)


def is_signed_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def test_an_administrator_must_set_it_up_before_anything_opens(client: Client, session: Session, admin: User) -> None:
    response = first_step(client, admin, "/buildings")
    assert response.headers["Location"] == "/sign-in/second-factor"
    assert client.get("/").status_code == 302
    page = client.get("/sign-in/second-factor").text
    assert "<svg" in page
    assert " style=" not in page
    secret = shown_secret(page)
    answer = second_step(client, code_of(secret))
    assert answer.status_code == 200
    codes = shown_codes(answer.text)
    assert len(set(codes)) == 10
    assert 'href="/buildings"' in answer.text
    assert client.get("/buildings").status_code == 200
    stored = session.scalars(select(RecoveryCode.code_hash)).all()
    assert not set(codes) & set(stored)
    assert secret.encode() not in session.scalars(select(SecondFactor)).one().sealed_secret
    assert session.scalars(select(Event.action)).all() == ["set up second factor"]


def test_a_wrong_first_code_sets_nothing_up(client: Client, session: Session, admin: User) -> None:
    first_step(client, admin)
    assert second_step(client, "000000").status_code == 422
    assert session.scalars(select(SecondFactor)).one().confirmed_at is None
    assert not is_signed_in(client)


def test_a_picture_seen_before_is_worth_nothing_at_the_next_try(client: Client, admin: User) -> None:
    first_step(client, admin)
    seen = shown_secret(client.get("/sign-in/second-factor").text)
    first_step(client, admin)
    assert shown_secret(client.get("/sign-in/second-factor").text) != seen
    assert second_step(client, code_of(seen)).status_code == 422


def test_whoever_has_one_is_asked(client: Client, session: Session) -> None:
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=Role.VIEWER)
    secret, _ = enrol(session, user)
    first_step(client, user, "/buildings")
    assert not is_signed_in(client)
    page = client.get("/sign-in/second-factor").text
    assert "Enter your code" in page
    assert '<svg class="segno"' not in page
    assert second_step(client, code_of(secret)).headers["Location"] == "/buildings"
    assert is_signed_in(client)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ASSET_MANAGER, Role.BOARD_MEMBER])
def test_others_may_do_without(client: Client, session: Session, role: Role) -> None:
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=role)
    first_step(client, user)
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("is_synthetic", "policy", "is_free"),
    [(True, None, True), (True, True, False), (False, None, False), (False, False, True)],
)
def test_the_demo_forces_nobody_unless_told(
    app: Flask, client: Client, session: Session, admin: User, is_synthetic: bool, policy: bool | None, is_free: bool
) -> None:
    make_place(session, is_synthetic=is_synthetic)
    set_policy(app, policy)
    first_step(client, admin)
    assert is_signed_in(client) == is_free


def test_a_code_is_right_once(app: Flask, client: Client, session: Session, admin: User) -> None:
    secret, _ = enrol(session, admin)
    code = code_of(secret)
    first_step(client, admin)
    assert second_step(client, code).status_code == 302
    other = app.test_client()
    first_step(other, admin)
    response = second_step(other, code)
    assert response.status_code == 422
    assert "was used before" in response.text
    assert not is_signed_in(other)


def test_codes_before_the_last_used_one_are_refused(app: Flask, client: Client, session: Session, admin: User) -> None:
    secret, _ = enrol(session, admin)
    early, late = code_of(secret, -1), code_of(secret)
    first_step(client, admin)
    assert second_step(client, late).status_code == 302
    other = app.test_client()
    first_step(other, admin)
    assert second_step(other, early).status_code == 422


@pytest.mark.parametrize("steps", [-3, 3, 20])
def test_a_code_of_another_time_is_refused(client: Client, session: Session, admin: User, steps: int) -> None:
    secret, _ = enrol(session, admin)
    first_step(client, admin)
    assert second_step(client, code_of(secret, steps)).status_code == 422


def test_a_recovery_code_works_once(app: Flask, client: Client, session: Session, admin: User) -> None:
    _, codes = enrol(session, admin)
    first_step(client, admin)
    assert second_step(client, f" {codes[3].upper()} ").status_code == 302
    other = app.test_client()
    first_step(other, admin)
    assert second_step(other, codes[3]).status_code == 422
    assert second_step(other, codes[4]).status_code == 302
    assert "8 of your recovery codes are left" in other.get("/account/second-factor").text
    used = session.scalars(select(Event).where(Event.action == "use recovery code")).all()
    assert [event.subject_id for event in used] == [admin.id, admin.id]


def test_a_recovery_code_of_somebody_else_is_refused(client: Client, session: Session, admin: User) -> None:
    enrol(session, admin)
    _, codes = enrol(session, make_user(session))
    first_step(client, admin)
    assert second_step(client, codes[0]).status_code == 422


def test_tries_are_limited_even_with_the_right_code(client: Client, session: Session, admin: User) -> None:
    secret, _ = enrol(session, admin)
    first_step(client, admin)
    for _ in range(FAILURES_PER_EMAIL):
        assert second_step(client, "000000").status_code == 422
    assert second_step(client, code_of(secret)).status_code == 429
    session.execute(update(LoginAttempt).values(at=datetime.now(UTC) - timedelta(minutes=16)))
    assert second_step(client, code_of(secret)).status_code == 302


def test_the_right_password_does_not_forgive_wrong_codes(client: Client, session: Session, admin: User) -> None:
    secret, _ = enrol(session, admin)
    for _ in range(FAILURES_PER_EMAIL):
        first_step(client, admin)
        assert second_step(client, "000000").status_code == 422
    first_step(client, admin)
    assert second_step(client, code_of(secret)).status_code == 429


def test_the_wait_for_the_code_ends(client: Client, session: Session, admin: User) -> None:
    secret, _ = enrol(session, admin)
    first_step(client, admin)
    token = client.csrf_token("/sign-in/second-factor")
    session.execute(update(LoginSession).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    response = client.post("/sign-in/second-factor", data={"csrf_token": token, "code": code_of(secret)})
    assert response.headers["Location"] == "/sign-in"
    assert not is_signed_in(client)


def test_the_token_changes_with_the_second_step(client: Client, session: Session, admin: User) -> None:
    secret, _ = enrol(session, admin)
    first_step(client, admin)
    waiting = client.get_cookie("estate")
    second_step(client, code_of(secret))
    assert waiting is not None
    copy = client.application.test_client()
    copy.set_cookie("estate", waiting.value)
    assert not is_signed_in(copy)
    assert is_signed_in(client)


def test_somebody_else_may_sign_in_instead(client: Client, session: Session, admin: User) -> None:
    enrol(session, admin)
    first_step(client, admin)
    assert client.submit("/sign-in/second-factor/cancel", page="/sign-in/second-factor").status_code == 302
    assert client.get("/sign-in/second-factor").headers["Location"] == "/sign-in"


def viewer_with_factor(client: Client, session: Session) -> tuple[User, str]:
    user = make_user(session, password=PASSWORD)
    make_membership(session, user=user, role=Role.VIEWER)
    secret, _ = enrol(session, user)
    first_step(client, user)
    assert second_step(client, code_of(secret, -1)).status_code == 302
    return user, secret


def test_anybody_may_set_one_up(client: Client, session: Session) -> None:
    user = make_user(session, password=PASSWORD)
    first_step(client, user)
    assert client.submit("/account/second-factor/start", {"code": ""}, page="/account").status_code == 302
    secret = shown_secret(client.get("/account/second-factor").text)
    wrong = client.submit("/account/second-factor/confirm", {"new_code": "000000"}, page="/account")
    assert wrong.status_code == 422
    right = client.submit("/account/second-factor/confirm", {"new_code": code_of(secret)}, page="/account")
    assert len(shown_codes(right.text)) == 10
    assert "Set up on" in client.get("/account").text


def test_another_phone_takes_its_place_only_with_a_code_of_the_old_one(client: Client, session: Session) -> None:
    user, old = viewer_with_factor(client, session)
    start = "/account/second-factor/start"
    assert client.submit(start, {"code": "000000"}, page="/account").status_code == 422
    assert client.submit(start, {"code": code_of(old)}, page="/account").status_code == 302
    new = shown_secret(client.get("/account/second-factor").text)
    assert (
        client.submit("/account/second-factor/confirm", {"new_code": code_of(new)}, page="/account").status_code == 200
    )
    other = client.application.test_client()
    first_step(other, user)
    assert second_step(other, code_of(old, 1)).status_code == 422
    assert second_step(other, code_of(new, 1)).status_code == 302


def test_turning_it_off_needs_a_code(client: Client, session: Session) -> None:
    user, secret = viewer_with_factor(client, session)
    assert client.submit("/account/second-factor/off", {"code": "000000"}, page="/account").status_code == 422
    assert client.submit("/account/second-factor/off", {"code": code_of(secret)}, page="/account").status_code == 302
    other = client.application.test_client()
    first_step(other, user)
    assert is_signed_in(other)


def test_an_administrator_can_not_turn_it_off(client: Client, session: Session, admin: User) -> None:
    secret, _ = enrol(session, admin)
    first_step(client, admin)
    second_step(client, code_of(secret, -1))
    assert "can be replaced but not turned off" in client.get("/account/second-factor").text
    response = client.submit("/account/second-factor/off", {"code": code_of(secret)}, page="/account")
    assert response.status_code == 403


def test_a_code_under_another_secret_key_asks_for_a_reset(
    app: Flask, client: Client, session: Session, admin: User
) -> None:
    secret, _ = enrol(session, admin)
    first_step(client, admin)
    app.extensions[EXTENSION] = app.extensions[EXTENSION].model_copy(update={"secret_key": "lost and made anew"})
    response = second_step(client, code_of(secret))
    assert response.status_code == 400
    assert "Have it reset" in unescape(response.text)


def test_a_former_administrator_is_forced_no_more(client: Client, session: Session, admin: User) -> None:
    make_membership(session, role=Role.ADMINISTRATOR)
    end_role(session, admin.memberships[0], actor=None, reason="Left the team")
    first_step(client, admin)
    assert is_signed_in(client)
