"""Links by which a user sets a password, once: for new users, and for those who forgot theirs."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, NotFound
from estate.people.accounts import change_password
from estate.people.models import PasswordLink, User
from estate.people.signed_in import end_sessions

LIFE = timedelta(days=7)


class LinkDead(NotFound):
    """This link was used, has expired, or a newer one took its place. Ask an administrator for a new link."""


class AccountClosed(Conflict):
    """This account is deactivated. Reactivate it before you make a link to set its password."""


def create_link(session: Session, user: User, *, actor: int | None) -> str:
    """A new token that lets its holder set the user's password within seven days; older ones die.

    The token is given once: the database keeps its hash alone.
    """
    if not user.is_active:
        raise AccountClosed
    end_links(session, user)
    token = secrets.token_urlsafe(32)
    session.add(PasswordLink(token_hash=_hash(token), user_id=user.id, expires_at=datetime.now(UTC) + LIFE))
    session.flush()
    audit.record(session, actor=actor, action="make password link", subject_type="user_account", subject_id=user.id)
    return token


def get_link(session: Session, token: str) -> PasswordLink:
    """The living link with this token. Raises `LinkDead`."""
    query = select(PasswordLink).where(PasswordLink.token_hash == _hash(token))
    link = session.scalars(query).unique().one_or_none()
    if link is None or link.ended_at or link.expires_at <= datetime.now(UTC) or not link.user.is_active:
        raise LinkDead
    return link


def use_link(session: Session, link: PasswordLink, password: str) -> User:
    """Set the password, end the link and sign the user out everywhere. Raises `LinkDead` where another was faster."""
    taking = update(PasswordLink).where(PasswordLink.id == link.id, PasswordLink.ended_at.is_(None))
    taken = session.scalar(taking.values(ended_at=datetime.now(UTC)).returning(PasswordLink.id))
    if taken is None:
        raise LinkDead
    change_password(session, link.user, password, actor=link.user_id)
    end_sessions(session, link.user)
    return link.user


def end_links(session: Session, user: User) -> None:
    """Make every living link of the user worthless."""
    ending = update(PasswordLink).where(PasswordLink.user_id == user.id, PasswordLink.ended_at.is_(None))
    session.execute(ending.values(ended_at=datetime.now(UTC)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
