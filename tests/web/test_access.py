"""Every route x method x role, walked from the app's own map of routes."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from estate.people.models import Membership, Role, User
from estate.people.permissions import Permission
from estate.web.access import PUBLIC, access_of
from tests.factories import make_board, make_membership, make_seat, make_user
from tests.web.conftest import PASSWORD, Client, SignIn
from tests.web.routes import MAY, ROUTES

ROLES = ["administrator", "asset_manager", "board_member", "viewer", "without_role", "former_member"]


def paths(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and a path of every route; ids are those of nothing."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, path_of(app, rule)


def path_of(app: Flask, rule: Rule) -> str:
    values = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        kind = type(converter).__name__
        if kind == "AnyConverter":
            values[name] = sorted(converter.items)[0]
        else:
            values[name] = 999_999 if kind in ("IntegerConverter", "FloatConverter") else "nothing"
    built = rule.build(values)
    assert built, rule
    return built[1]


def test_every_route_is_written_down(app: Flask) -> None:
    declared = {rule.endpoint: access_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert declared == ROUTES


def test_every_permission_is_written_down() -> None:
    assert set(MAY) == set(Permission)


@pytest.fixture
def browser(role: str, sign_in: SignIn, session: Session) -> Client:
    """The browser of somebody with the role."""
    user = make_user(session, password=PASSWORD)
    if role == "board_member":
        make_membership(session, user=user, role=Role.BOARD_MEMBER)
        make_seat(session, make_board(session), user=user, is_chair=True)
    elif role == "former_member":
        return former_member(session, sign_in, user)
    elif role != "without_role":
        make_membership(session, user=user, role=Role(role))
    return sign_in(user=user)


def former_member(session: Session, sign_in: SignIn, user: User) -> Client:
    """Somebody who signed in with every role, and lost all of them afterwards."""
    for role in Role:
        make_membership(session, user=user, role=role)
    client = sign_in(user=user)
    session.execute(delete(Membership).where(Membership.user_id == user.id))
    return client


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_its_routes_and_no_other(app: Flask, browser: Client, role: str) -> None:
    wrong = []
    for endpoint, method, path in paths(app):
        access = ROUTES.get(endpoint, PUBLIC)
        if endpoint in ("auth.sign_out", "static") or not isinstance(access, Permission):
            continue
        status = browser.open(path, method=method).status_code
        if (status == 403) == (role in MAY[access]):
            wrong.append(f"{role}: {method} {path} answered {status}")
    assert not wrong


def test_a_visitor_reaches_public_pages_only(app: Flask, client: Client) -> None:
    wrong = []
    for endpoint, method, path in paths(app):
        response = client.open(path, method=method)
        is_public = ROUTES.get(endpoint) == PUBLIC
        sent_away = response.status_code == 401 or response.headers.get("Location", "").startswith("/sign-in?")
        if is_public == sent_away:
            wrong.append(f"{method} {path} answered {response.status_code}")
    assert not wrong


def test_head_asks_for_the_same_permission(client: Client) -> None:
    assert client.head("/buildings").status_code == 302


def test_an_undeclared_route_answers_nobody(app: Flask, client: Client) -> None:
    app.add_url_rule("/undeclared", view_func=lambda: "secret", endpoint="undeclared")
    app.testing = False
    response = client.get("/undeclared")
    assert response.status_code == 500
    assert "secret" not in response.text
