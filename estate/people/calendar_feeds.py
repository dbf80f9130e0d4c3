"""The secret address at which a user's calendar reads lease dates: made, renewed, revoked, found again.

The token is given once: the database keeps its hash alone. What it opens is asked anew at every request.
"""

import hashlib
import secrets
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import NotFound
from estate.people.models import CalendarFeed, User


class FeedDead(NotFound):
    """This calendar address was renewed or revoked. Its owner finds the living one under Leases, Calendar."""


def create_feed(session: Session, user: User) -> str:
    """A new token for the user's calendar; the one before dies."""
    _end(session, user)
    token = secrets.token_urlsafe(32)
    session.add(CalendarFeed(token_hash=_hash(token), user_id=user.id))
    session.flush()
    _record(session, user, "make calendar feed")
    return token


def revoke_feed(session: Session, user: User) -> bool:
    """Make the user's calendar address worthless; False where there was none."""
    was_living = _end(session, user)
    if was_living:
        _record(session, user, "revoke calendar feed")
    return was_living


def find_feed(session: Session, user: User) -> CalendarFeed | None:
    """The user's living feed."""
    query = select(CalendarFeed).where(CalendarFeed.user_id == user.id, CalendarFeed.ended_at.is_(None))
    return session.scalars(query).unique().one_or_none()


def get_reader(session: Session, token: str) -> User:
    """The user whose living feed has this token. Raises `FeedDead`, also where the account is deactivated."""
    query = select(CalendarFeed).where(CalendarFeed.token_hash == _hash(token), CalendarFeed.ended_at.is_(None))
    feed = session.scalars(query).unique().one_or_none()
    if feed is None or not feed.user.is_active:
        raise FeedDead
    return feed.user


def _end(session: Session, user: User) -> bool:
    ending = update(CalendarFeed).where(CalendarFeed.user_id == user.id, CalendarFeed.ended_at.is_(None))
    return bool(session.execute(ending.values(ended_at=datetime.now(UTC))).rowcount)  # type: ignore[attr-defined]


def _record(session: Session, user: User, action: str) -> None:
    audit.record(session, actor=user.id, action=action, subject_type="user_account", subject_id=user.id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
