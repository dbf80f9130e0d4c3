"""The browsers in which a user is signed in."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from estate.people.models import LoginSession, User


def list_sessions(session: Session, user: User) -> Sequence[LoginSession]:
    """The user's living sessions, the newest first; without those that still wait for the second factor."""
    living = (LoginSession.ended_at.is_(None), LoginSession.expires_at > datetime.now(UTC), ~LoginSession.is_waiting)
    query = select(LoginSession).where(LoginSession.user_id == user.id, *living)
    return session.scalars(query.order_by(LoginSession.id.desc())).unique().all()


def end_sessions(session: Session, user: User) -> None:
    """Sign the user out everywhere, and forget sign-ins that are half done."""
    ending = update(LoginSession).where(LoginSession.user_id == user.id, LoginSession.ended_at.is_(None))
    session.execute(ending.values(ended_at=datetime.now(UTC)))
