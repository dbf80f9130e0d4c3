"""Tokens with which a user's programs, such as QGIS, read the register as that user: made, revoked, found again.

A token is given once: the database keeps its hash alone. It never says what it opens: that is what its user may see at
the moment it is used. It opens only what the web marks as open to tokens, and nothing that changes anything.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, InvalidInput, NotFound
from estate.people.models import AccessToken, User

PREFIX = "estate_"
"""So that a person, or a program that looks for lost secrets, knows one when they see it."""
LIVES = (30, 90, 365)
"""Days, of which a user chooses."""
MOST_TOKENS = 20
LONGEST_NAME = 80
USED_EVERY = timedelta(hours=1)
"""How exactly the last use is known."""


class NoSuchToken(NotFound):
    """You have no such token. It may have been revoked before."""


class TooManyTokens(Conflict):
    """You have 20 living tokens. Revoke one that you no longer need, then make a new one."""


class TokenNameMissing(InvalidInput):
    """Say what the token is for, in at most 80 characters, such as “QGIS on my laptop”."""


class TokenLifeUnknown(InvalidInput):
    """A token lives 30, 90 or 365 days. Choose one of them."""


def create_token(session: Session, user: User, name: str, life_days: int) -> str:
    """A new token of the user, by a name of their own; it expires after `life_days`, one of `LIVES`."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise TokenNameMissing
    if life_days not in LIVES:
        raise TokenLifeUnknown
    session.refresh(user, ["is_active"], with_for_update={"of": User})
    if len(list_tokens(session, user)) >= MOST_TOKENS:
        raise TooManyTokens
    token = PREFIX + secrets.token_urlsafe(32)
    expires_at = datetime.now(UTC) + timedelta(days=life_days)
    session.add(AccessToken(token_hash=hash_of(token), user_id=user.id, name=name, expires_at=expires_at))
    session.flush()
    _record(session, user, "make access token", user.id, name)
    return token


def list_tokens(session: Session, user: User) -> Sequence[AccessToken]:
    """The user's living tokens, the newest first."""
    query = select(AccessToken).where(AccessToken.user_id == user.id, *_living()).order_by(AccessToken.id.desc())
    return session.scalars(query).unique().all()


def revoke_token(session: Session, user: User, token_id: int) -> AccessToken:
    """Make one of the user's own tokens worthless. Raises `NoSuchToken`."""
    query = select(AccessToken).where(AccessToken.id == token_id, AccessToken.user_id == user.id, *_living())
    found = session.scalars(query).unique().one_or_none() if 0 < token_id < 2**63 else None
    if found is None:
        raise NoSuchToken
    found.ended_at = datetime.now(UTC)
    session.flush()
    _record(session, user, "revoke access token", user.id, found.name)
    return found


def end_tokens(session: Session, user: User, *, actor: int | None) -> None:
    """Make every token of the user worthless, as where their account is closed or their last role ends."""
    living = list_tokens(session, user)
    for found in living:
        found.ended_at = datetime.now(UTC)
        _record(session, user, "revoke access token", actor, found.name)
    session.flush()


def find_token(session: Session, token: str) -> AccessToken | None:
    """The row of this token, living or not; None where nobody was ever given it."""
    query = select(AccessToken).where(AccessToken.token_hash == hash_of(token))
    return session.scalars(query).unique().one_or_none()


def is_living(found: AccessToken) -> bool:
    """True where the token still opens anything."""
    return found.ended_at is None and found.expires_at > datetime.now(UTC) and found.user.is_active


def mark_used(session: Session, token_id: int) -> None:
    """Remember that the token was used just now."""
    used = update(AccessToken).where(AccessToken.id == token_id).values(last_used_at=datetime.now(UTC))
    session.execute(used)


def needs_marking(found: AccessToken) -> bool:
    """True where the last use on record is no longer true to the hour."""
    return found.last_used_at is None or found.last_used_at < datetime.now(UTC) - USED_EVERY


def hash_of(token: str) -> str:
    """What the database keeps of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _living() -> tuple[ColumnElement[bool], ...]:
    return (AccessToken.ended_at.is_(None), AccessToken.expires_at > datetime.now(UTC))


def _record(session: Session, user: User, action: str, actor: int | None, name: str) -> None:
    changes = {"token": [None, name] if action.startswith("make") else [name, None]}
    subject = {"subject_type": "user_account", "subject_id": user.id}
    audit.record(session, actor=actor, action=action, changes=changes, **subject)  # type: ignore[arg-type]
