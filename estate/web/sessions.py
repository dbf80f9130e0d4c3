"""Signed-in browsers. The cookie holds a random token, the database its hash: signing out ends every copy."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from flask import current_app, session
from sqlalchemy import ColumnElement, select, update

from estate.board.boards import held_seats
from estate.people.identities import identity_today
from estate.people.models import LoginMethod, LoginSession, User
from estate.people.permissions import Identity
from estate.web.database import current_session

TOKEN = "token"  # noqa: S105  (the name of a cookie field)
NEXT = "next"
WAITING = timedelta(minutes=10)
"""How long a sign-in waits for its second factor."""


def start_login(user: User, method: LoginMethod = LoginMethod.PASSWORD) -> None:
    """Sign `user` in under a new token. What the cookie held before is dropped, so a planted one is worth nothing."""
    _start(user, method, timedelta(hours=current_app.config["SESSION_HOURS"]))


def start_waiting(user: User, method: LoginMethod, address: str) -> None:
    """Remember that `user` passed the first step; after the second they are sent to `address`, one of our own."""
    _start(user, method, WAITING, is_waiting=True)
    session[NEXT] = address


def finish_waiting(login: LoginSession) -> str:
    """Turn the waiting sign-in into a whole one, under a new token. Gives the address to go to."""
    address = session.get(NEXT, "")
    start_login(login.user, login.method)
    return str(address)


def find_login() -> LoginSession | None:
    """The living login session of this request's cookie, of an active user; None where there is none."""
    return _find(~LoginSession.is_waiting)


def find_waiting() -> LoginSession | None:
    """The sign-in of this request's cookie that waits for its second factor; None where there is none."""
    return _find(LoginSession.is_waiting.is_(True))


def end_login() -> None:
    """Sign this browser out, and every copy of its cookie."""
    token = session.get(TOKEN)
    if isinstance(token, str):
        _end(LoginSession.token_hash == _hash(token))
    session.clear()


def end_other_logins(user: User) -> None:
    """Sign `user` out everywhere but here, as after a changed password."""
    _end(LoginSession.user_id == user.id, LoginSession.token_hash != _hash(session.get(TOKEN, "")))


def find_identity(user: User) -> Identity:
    """The identity of `user`, with the boards they sit on and the programmes in which they take part today."""
    session = current_session()
    seats = held_seats(session, user.id)
    return identity_today(
        session,
        user,
        board_ids={seat.board_id for seat in seats},
        chaired_board_ids={seat.board_id for seat in seats if seat.is_chair},
    )


def _start(user: User, method: LoginMethod, life: timedelta, *, is_waiting: bool = False) -> None:
    end_login()
    token = secrets.token_urlsafe(32)
    current_session().add(
        LoginSession(
            token_hash=_hash(token),
            user_id=user.id,
            expires_at=datetime.now(UTC) + life,
            method=method,
            is_waiting=is_waiting,
        )
    )
    session[TOKEN] = token


def token_hash() -> str | None:
    """By what the database knows the token of this request's cookie; None where it holds none."""
    token = session.get(TOKEN)
    return _hash(token) if isinstance(token, str) else None


def _find(condition: ColumnElement[bool]) -> LoginSession | None:
    hashed = token_hash()
    if hashed is None:
        return None
    living = (LoginSession.ended_at.is_(None), LoginSession.expires_at > datetime.now(UTC), User.is_active)
    query = select(LoginSession).join(LoginSession.user).where(LoginSession.token_hash == hashed, *living)
    return current_session().scalars(query.where(condition)).unique().one_or_none()


def _end(*conditions: object) -> None:
    ending = update(LoginSession).where(*conditions, LoginSession.ended_at.is_(None))  # type: ignore[arg-type]
    current_session().execute(ending.values(ended_at=datetime.now(UTC)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
