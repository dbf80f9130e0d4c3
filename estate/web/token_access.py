"""Who a program reads as: the token in its `Authorization` header, as `Bearer`, or as the password of `Basic`.

A token is never taken from an address: addresses end up in logs, histories and screenshots. What is remembered of a
use, or of a wrong token, is written after the answer in a transaction of its own: that of a GET is read-only.
"""

from datetime import UTC, datetime

from flask import Flask, Response, current_app, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from estate.people import access_tokens
from estate.people.models import AttemptKind, LoginAttempt, User
from estate.web.database import EXTENSION, SAFE_METHODS, current_session
from estate.web.sign_in_limits import WINDOW, check_network, count_attempt, network_of

LONGEST_TOKEN = 200
CHALLENGE = WWWAuthenticate("basic", {"realm": "Estate", "charset": "UTF-8"})


class TokenRefused(Unauthorized):
    """The token is unknown, has expired or was revoked. Make a new one on your account page in Estate."""

    def __init__(self) -> None:
        super().__init__(self.__doc__, www_authenticate=CHALLENGE)


def shows_token() -> bool:
    """True where this request comes with a token: what the cookie says no longer counts."""
    is_open = getattr(current_app.view_functions.get(request.endpoint or ""), "accepts_token", False)
    return bool(is_open and request.method in SAFE_METHODS and "Authorization" in request.headers)


def user_of_token() -> User:
    """The user whose living token this request shows.

    Raises `TokenRefused`, and `TooManyAttempts` where too many different wrong ones came from this network: the same
    one again, such as that of a program whose token has expired, is no guess.
    """
    session, token = current_session(), _token()
    check_network(session, request.remote_addr or "", AttemptKind.TOKEN)
    found = access_tokens.find_token(session, token)
    if found is None:
        _note_wrong(session, token)
        raise TokenRefused
    if not access_tokens.is_living(found):
        raise TokenRefused
    if access_tokens.needs_marking(found):
        g.used_token_id = found.id
    return found.user


def init_token_access(app: Flask) -> None:
    """Write down uses and wrong tokens after each answer. To be called before `init_database`: it ends first."""
    app.after_request(_write_down)


def _token() -> str:
    shown = request.authorization
    token = (shown.token if shown.type == "bearer" else shown.password) if shown else None
    if not token or len(token) > LONGEST_TOKEN:
        raise TokenRefused
    return token


def _note_wrong(session: Session, token: str) -> None:
    """Count the wrong token, once."""
    mark = f"token:{access_tokens.hash_of(token)[:16]}"
    same = (LoginAttempt.email == mark, LoginAttempt.address == network_of(request.remote_addr or ""))
    recent = LoginAttempt.at > datetime.now(UTC) - WINDOW
    if session.scalar(select(LoginAttempt.id).where(*same, recent).limit(1)) is None:
        g.wrong_token = mark


def _write_down(response: Response) -> Response:
    used_id, mark = g.pop("used_token_id", None), g.pop("wrong_token", None)
    if used_id is None and mark is None:
        return response
    with current_app.extensions[EXTENSION].begin() as session:
        if used_id is not None:
            access_tokens.mark_used(session, used_id)
        if mark is not None:
            address = request.remote_addr or ""
            count_attempt(session, mark, address, was_successful=False, kind=AttemptKind.TOKEN)
    return response
