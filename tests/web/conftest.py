"""Fixtures of the web tests: the app on the test's own transaction, a client that fails on lost work, signing in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from estate.people import passwords
from estate.people.models import Agency, Role, User
from estate.settings import Settings
from estate.web import create_app
from tests.factories import make_membership, make_user


class Compiled(BytecodeCache):
    """Templates compiled once a test process: every test makes an app of its own."""

    code: dict[str, bytes] = {}  # noqa: RUF012

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at its lowest cost: its strength is not what web tests are about."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    monkeypatch.setattr(passwords, "NOBODYS_HASH", cheap.hash("nobody's password"))


PASSWORD = "correct horse battery staple"


class LostWork(AssertionError):
    """A request answered below 400, but what it had written was rolled back."""


class Client(FlaskClient):
    """A client that fills in CSRF tokens and fails on work that was flushed and not committed."""

    session: Session
    flushed: list[str]

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        self.session.flush()
        self.flushed.clear()
        response = super().open(*args, **kwargs)
        self.session.expire_all()
        if self.flushed and response.status_code < 400:
            raise LostWork(f"{response.request.method} {response.request.path}: {self.flushed}")
        return response

    def submit(
        self, path: str, data: dict[str, Any] | None = None, *, page: str | None = None, **kwargs: Any
    ) -> TestResponse:
        """POST with the CSRF token of `page` (by default the sign-in or account page)."""
        return self.post(path, data={"csrf_token": self.csrf_token(page), **(data or {})}, **kwargs)

    def csrf_token(self, page: str | None = None) -> str:
        """The CSRF token that this browser's pages carry."""
        response = self.get(page or "/about")
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', response.text)
        if found is None:
            response = self.get("/sign-in")
            found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', response.text)
        assert found, f"no CSRF token on {page}"
        return found[1]


@pytest.fixture
def app(session: Session, tmp_path: Any) -> Flask:
    """The application, whose sessions live inside the test's transaction."""
    maker = sessionmaker(bind=session.get_bind(), join_transaction_mode="create_savepoint", expire_on_commit=False)
    flushed: list[str] = []
    event.listen(maker, "after_flush", lambda web, context: flushed.extend(_written(web)))
    event.listen(maker, "after_commit", lambda web: flushed.clear())
    app = create_app(
        Settings(secret_key="only for tests", var_dir=tmp_path, second_factor_for_administrators=False), maker
    )
    app.testing = True
    app.jinja_env.bytecode_cache = Compiled()
    app.test_client_class = Client
    Client.session, Client.flushed = session, flushed
    return app


def _written(web: Session) -> list[str]:
    return [type(thing).__name__ for thing in (*web.new, *web.dirty, *web.deleted)]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser."""
    return app.test_client()


SignIn = Callable[..., Client]


@pytest.fixture
def sign_in(app: Flask, session: Session) -> SignIn:
    """`sign_in(Role.VIEWER, agency)` gives the browser of a new user with that role; `sign_in(user=user)` of this."""

    def browser(role: Role | None = None, agency: Agency | None = None, *, user: User | None = None) -> Client:
        user = user or make_user(session, password=PASSWORD)
        if role is not None:
            make_membership(session, user=user, role=role, agency=agency)
        client = app.test_client()
        response = client.submit("/sign-in", {"email": user.email, "password": PASSWORD}, page="/sign-in")
        assert response.status_code == 302, response.text
        client.user = user
        return client

    return browser
