"""Every route, asked by every role for their own and others' things: each cell of the table is driven."""

from collections.abc import Iterator
from contextlib import contextmanager

import flask.templating
import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.web.conftest import Client, SignIn
from tests.web.permission_scene import Scene, make_scene
from tests.web.permission_table import COLUMNS, DOCUMENT, NOT_DRIVEN, OWN, document, routes
from tests.web.routes import MAY, ROUTES

ROLES = {"viewer", "board member", "asset manager", "administrator"}


def methods_of(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def test_the_table_is_complete(app: Flask) -> None:
    told = [route for route, _ in routes()]
    there = {f"{method} {rule.endpoint}" for rule in app.url_map.iter_rules() for method in methods_of(rule)}
    assert sorted(told) == sorted(there), "add the route to a group of tests/web/permission_table.py"


def test_the_table_agrees_with_the_roles_of_each_permission() -> None:
    """Who has the permission of a route gets some answer of it; who has not is refused."""
    wrong = []
    for route, group in routes():
        permission = ROUTES[route.partition(" ")[2]]
        for who in ROLES if not isinstance(permission, str) else ():
            may = who.replace(" ", "_") in MAY[permission]
            if may != (group.outcome(who, OWN) == "yes"):
                wrong.append(f"{who}: {route}")
    assert not wrong


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(), "run: python -m tests.web.permission_table"


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


@pytest.fixture
def browsers(app: Flask, scene: Scene, sign_in: SignIn) -> dict[str, tuple[Client, str]]:
    """Everybody's browser, with the token of its forms."""
    found: dict[str, Client] = {who: sign_in(user=user) for who, user in scene.users.items()}
    found["anonymous"] = app.test_client()  # type: ignore[assignment]
    page = {"anonymous": "/sign-in"}
    return {who: (browser, browser.csrf_token(page.get(who, "/account"))) for who, browser in found.items()}


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Take back what a request stored: the next one finds everything as it was."""
    nested = session.connection().begin_nested()
    try:
        yield
    finally:
        nested.rollback()
        session.expire_all()


def outcome(answer: TestResponse) -> str:
    if answer.status_code == 401 or answer.headers.get("Location", "").startswith("/sign-in"):
        return "sign in"
    return {403: "refused", 404: "not there"}.get(answer.status_code, "yes")


def test_every_cell_is_as_the_table_says(
    app: Flask,
    session: Session,
    scene: Scene,
    browsers: dict[str, tuple[Client, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What a page looks like is the business of other tests, and most of its time.
    monkeypatch.setattr(flask.templating, "_render", lambda app, template, context: "a page")
    declared, wrong, asked = dict(routes()), [], 0
    for rule in app.url_map.iter_rules():
        names_thing = any(name.endswith("_id") for name in rule.arguments)
        for method in methods_of(rule):
            route = f"{method} {rule.endpoint}"
            for who, whose in COLUMNS:
                if route in NOT_DRIVEN or (whose != OWN and not names_thing):
                    continue
                browser, token = browsers[who]
                path, data = scene.path(rule, who, whose), {"csrf_token": token, **scene.form(rule, who)}
                with undone(session):
                    answer = browser.open(path, method=method, data=data if method == "POST" else None)
                assert answer.status_code < 500, f"{who}: {method} {path}"
                asked += 1
                if outcome(answer) != declared[route].outcome(who, whose):
                    wrong.append(f"{who}, {whose}: {method} {path} answered {answer.status_code}")
    assert not wrong
    assert asked > 2000
