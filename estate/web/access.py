"""Who asks, and whether they may: every route declares `@requires(Permission.X)` or `@public`, or it answers 500."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, flash, g, redirect, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from estate.people.models import User
from estate.people.permissions import Identity, Permission, require
from estate.register.seen import see_as, viewer_as
from estate.web.database import SAFE_METHODS, current_session
from estate.web.sessions import find_identity, find_login
from estate.web.token_access import CHALLENGE, init_token_access, shows_token, user_of_token

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
LONG_TEXT_BYTES = 8 * 1024 * 1024


class UndeclaredRoute(Exception):
    """A route says neither `@requires(...)` nor `@public`."""


def requires(permission: Permission) -> Callable[[View], View]:
    """Open the view to signed-in users with `permission`; the view itself asks about the object, with `require`."""

    def declare(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Open the view to everybody, signed in or not."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def accepts_upload(view: View) -> View:
    """Let the view receive a file as large as the setting `maximum_upload_bytes`; every other view takes 1 MiB."""
    view.is_upload = True  # type: ignore[attr-defined]
    return view


def accepts_long_text(view: View) -> View:
    """Let the view receive a long text, such as pasted rows; every other view takes 500 kB of text."""
    view.is_long_text = True  # type: ignore[attr-defined]
    return view


def for_programs(view: View) -> View:
    """As `accepts_token`, of a view that no page links to: whoever comes without one is asked for it."""
    view.is_for_programs = True  # type: ignore[attr-defined]
    return accepts_token(view)


def accepts_token(view: View) -> View:
    """Let programs read the view with a token of their user; see `token_access`."""
    view.accepts_token = True  # type: ignore[attr-defined]
    return view


def access_of(app: Flask, endpoint: str) -> Permission | str:
    """What a route declared: a permission, or `PUBLIC`."""
    access: Permission | str | None = getattr(app.view_functions[endpoint], "access", None)
    if access is None:
        raise UndeclaredRoute(endpoint)
    return access


def current_user() -> User | None:
    """The signed-in user; None for a visitor."""
    _load()
    if "user" not in g:
        login = find_login()
        g.user = login.user if login else None
    user: User | None = g.user
    return user


def current_identity() -> Identity | None:
    """The signed-in user as permissions see them; None for a visitor."""
    _load()
    identity: Identity | None = g.identity
    return identity


def signed_in_identity() -> Identity:
    """The signed-in user's identity. Raises `Unauthorized` for a visitor."""
    identity = current_identity()
    if identity is None:
        raise Unauthorized
    return identity


def signed_in_user() -> User:
    """The signed-in user. Raises `Unauthorized` for a visitor."""
    user = current_user()
    if user is None:
        raise Unauthorized
    return user


def _load() -> None:
    if "identity" not in g:
        # Known as nobody until the token is found good: the page that refuses it asks who reads.
        g.user = g.identity = None
        login = None if shows_token() else find_login()
        g.user = user_of_token() if shows_token() else login.user if login else None
        g.identity = find_identity(g.user) if g.user else None
        if g.identity is not None:
            see_as(current_session(), viewer_as(g.identity))


def recognise(identity: Identity) -> None:
    """Let this request be that of `identity`, who is known to hold its token; the user is loaded if somebody asks.

    To be called before the request's database session opens.
    """
    g.identity = identity
    g.viewer = viewer_as(identity)


def init_access(app: Flask) -> None:
    """Check each request against its route's declaration before anything else runs."""
    public(app.view_functions["static"])
    app.before_request(_check)
    init_token_access(app)


def _check() -> Response | None:
    if request.endpoint is None:
        return None
    access = access_of(current_app, request.endpoint)
    if getattr(current_app.view_functions[request.endpoint], "is_upload", False):
        request.max_content_length = current_app.config["UPLOAD_LIMIT"]
    if getattr(current_app.view_functions[request.endpoint], "is_long_text", False):
        request.max_content_length = request.max_form_memory_size = LONG_TEXT_BYTES
    if access == PUBLIC:
        return None
    identity = current_identity()
    if identity is None:
        return _send_to_sign_in()
    if isinstance(access, Permission):
        require(identity, access)
    return None


def _send_to_sign_in() -> Response:
    if request.method not in SAFE_METHODS:
        raise Unauthorized
    if getattr(current_app.view_functions[request.endpoint or ""], "is_for_programs", False):
        raise Unauthorized(www_authenticate=CHALLENGE)
    if request.path != "/":
        flash("Sign in to see this page.", "notice")
    return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))
