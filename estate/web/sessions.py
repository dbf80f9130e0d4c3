"""Signed-in browsers. The cookie holds a random token, the database its hash: signing out ends every copy."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from flask import current_app, session
from sqlalchemy import select, update

from estate.board.models import BoardMember
from estate.people.models import LoginSession, User
from estate.people.permissions import Identity, identity_of
from estate.web.database import current_session

TOKEN = "token"  # noqa: S105  (the name of a cookie field)


def start_login(user: User) -> None:
    """Sign `user` in under a new token. What the cookie held before is dropped, so a planted one is worth nothing."""
    end_login()
    token = secrets.token_urlsafe(32)
    expires_at = datetime.now(UTC) + timedelta(hours=current_app.config["SESSION_HOURS"])
    current_session().add(LoginSession(token_hash=_hash(token), user_id=user.id, expires_at=expires_at))
    session[TOKEN] = token


def find_login() -> LoginSession | None:
    """The living login session of this request's cookie, of an active user; None where there is none."""
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    query = (
        select(LoginSession)
        .join(LoginSession.user)
        .where(
            LoginSession.token_hash == _hash(token),
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > datetime.now(UTC),
            User.is_active,
        )
    )
    return current_session().scalars(query).unique().one_or_none()


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
    """The identity of `user`, with the boards they sit on today."""
    query = select(BoardMember).where(BoardMember.user_id == user.id, BoardMember.left_at.is_(None))
    seats = current_session().scalars(query).all()
    chaired = {seat.board_id for seat in seats if seat.is_chair}
    return identity_of(user, board_ids={seat.board_id for seat in seats}, chaired_board_ids=chaired)


def _end(*conditions: object) -> None:
    ending = update(LoginSession).where(*conditions, LoginSession.ended_at.is_(None))  # type: ignore[arg-type]
    current_session().execute(ending.values(ended_at=datetime.now(UTC)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
