"""Headers, CSRF, limits and error pages."""

from html import unescape

import pytest
from flask import Flask, abort
from sqlalchemy.orm import Session

from estate.errors import Conflict, EstateError, InvalidInput, NotAllowed, NotFound
from estate.people.models import Role
from estate.web.access import public
from estate.web.errors import PAGES, status_of
from estate.web.sign_in_limits import TooManyAttempts
from tests.factories import make_building, make_place
from tests.web.conftest import Client, SignIn


@pytest.mark.parametrize("path", ["/sign-in", "/about", "/nothing-here", "/"])
def test_every_answer_carries_the_security_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"


def test_pages_hold_no_inline_script_or_style(sign_in: SignIn, session: Session) -> None:
    building = make_building(session)
    browser = sign_in(Role.ADMINISTRATOR)
    for path in ["/", "/buildings", f"/buildings/{building.id}", f"/buildings/{building.id}/edit", "/account"]:
        page = browser.get(path).text
        assert " style=" not in page, path
        assert "<style" not in page, path
        assert page.count("<script") == page.count("<script src=") + page.count('<script type="module" src='), path


def test_the_cookie_is_out_of_reach_of_scripts(client: Client) -> None:
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_static_files_with_their_hash_are_kept(client: Client) -> None:
    with client.get("/static/js/estate.js?v=1") as response:
        assert response.headers["Cache-Control"] == "public, max-age=31536000"
    assert client.get("/static/../settings.py").status_code == 404


def test_a_post_without_a_token_changes_nothing(sign_in: SignIn) -> None:
    browser = sign_in(Role.ADMINISTRATOR)
    response = browser.post("/sign-out")
    assert response.status_code == 400
    assert "reload the page" in response.text.lower()
    assert browser.get("/account").status_code == 200


def test_a_token_of_another_browser_is_refused(app: Flask, sign_in: SignIn) -> None:
    stolen = app.test_client().csrf_token("/sign-in")
    assert sign_in(Role.ADMINISTRATOR).post("/sign-out", data={"csrf_token": stolen}).status_code == 400


def test_a_field_that_the_form_does_not_have_is_refused(sign_in: SignIn) -> None:
    response = sign_in(Role.ADMINISTRATOR).submit("/account/password", {"is_administrator": "y"}, page="/account")
    assert response.status_code == 422
    assert "Is administrator" in response.text


def test_a_body_beyond_the_limit_is_refused(sign_in: SignIn) -> None:
    browser = sign_in(Role.ADMINISTRATOR)
    response = browser.submit("/account/password", {"new_password": "x" * 1_100_000}, page="/account")
    assert response.status_code == 413


@pytest.mark.parametrize("status", sorted(set(PAGES) - {500, 503}))
def test_each_status_has_a_page_that_says_what_to_do(app: Flask, client: Client, status: int) -> None:
    app.add_url_rule("/broken", endpoint="broken", view_func=public(lambda: abort(status)))
    response = client.get("/broken")
    assert response.status_code == status
    assert PAGES[status][0] in unescape(response.text)


def test_a_fault_of_ours_shows_no_trace(app: Flask, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    def view() -> str:
        raise RuntimeError("a secret of the machine room")

    app.add_url_rule("/broken", endpoint="broken", view_func=public(view))
    app.testing = False
    response = client.get("/broken")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "a secret of the machine room" in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404),
        (NotAllowed(), 403),
        (InvalidInput(), 422),
        (Conflict(), 409),
        (TooManyAttempts(), 429),
        (EstateError(), 400),
    ],
)
def test_an_error_has_the_status_of_its_nearest_class(error: EstateError, status: int) -> None:
    assert status_of(error) == status

    class Special(type(error)):  # type: ignore[misc]
        """A rule of its own."""

    assert status_of(Special()) == status


def test_a_get_cannot_write(app: Flask, sign_in: SignIn, session: Session) -> None:
    from estate.web.database import current_session
    from tests.factories import make_agency

    def view() -> str:
        make_agency(current_session())
        return "written"

    app.add_url_rule("/writes", endpoint="writes", view_func=public(view))
    app.testing = False
    assert app.test_client().get("/writes").status_code == 500


def test_every_page_says_that_the_data_is_synthetic(client: Client, session: Session) -> None:
    assert "Synthetic data" not in client.get("/sign-in").text
    make_place(session, is_synthetic=True)
    for path in ["/sign-in", "/about", "/nothing-here"]:
        assert "Synthetic data" in client.get(path).text
