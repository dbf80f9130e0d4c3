"""Administering users: finding them, ending and giving back what they may do. Nothing is deleted."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, InvalidInput, NotFound
from estate.people.access_tokens import end_tokens
from estate.people.accounts import is_administrator
from estate.people.models import Membership, Role, User
from estate.people.password_links import end_links
from estate.people.signed_in import end_sessions

LAST_ADMINISTRATOR_LOCK = 0x45535442


class NoSuchUser(NotFound):
    """There is no such user."""


class NoSuchRole(NotFound):
    """This user has no such role."""


class RoleHasEnded(Conflict):
    """This role has ended already."""


class LastAdministrator(Conflict):
    """This is the last administrator. Make somebody else an administrator first."""


class IsYourself(Conflict):
    """You can't do this to your own account. Ask another administrator."""


class ReasonNeeded(InvalidInput):
    """Say why: the reason is kept with the change."""


class ActivityUnchanged(Conflict):
    """This account is in that state already."""


def list_users(session: Session, *, words: str = "", is_active: bool | None = True) -> Sequence[User]:
    """Users by name; `words` are looked for in name and e-mail. `is_active` None: everybody there ever was."""
    query = select(User).order_by(func.lower(User.name), User.id)
    if is_active is not None:
        query = query.where(User.is_active.is_(is_active))
    for word in words.split():
        query = query.where(
            or_(User.name.icontains(word, autoescape=True), User.email.icontains(word, autoescape=True))
        )
    return session.scalars(query).all()


def get_user(session: Session, user_id: int) -> User:
    """The user. Raises `NoSuchUser`."""
    user = session.get(User, user_id) if 0 < user_id < 2**63 else None
    if user is None:
        raise NoSuchUser
    return user


def list_roles(session: Session, user: User) -> Sequence[Membership]:
    """Every role the user has or had, those held today first."""
    query = select(Membership).where(Membership.user_id == user.id)
    newest_first = (Membership.ended_at.is_not(None), Membership.ended_at.desc(), Membership.id.desc())
    return session.scalars(query.order_by(*newest_first)).unique().all()


def get_role(session: Session, user: User, role_id: int) -> Membership:
    """A role of this user, held today or not. Raises `NoSuchRole`."""
    membership = session.get(Membership, role_id) if 0 < role_id < 2**63 else None
    if membership is None or membership.user_id != user.id:
        raise NoSuchRole
    return membership


def end_role(session: Session, membership: Membership, *, actor: int | None, reason: str) -> None:
    """Take the role away from now on; it and what was done with it stay on record."""
    reason = _required(reason)
    if membership.role is Role.ADMINISTRATOR:
        _require_another_administrator(session, Membership.id != membership.id)
    session.refresh(membership, ["ended_at"], with_for_update={"of": Membership})
    if membership.ended_at is not None:
        raise RoleHasEnded
    membership.ended_at = datetime.now(UTC)
    session.flush()
    session.expire(membership.user, ["memberships"])
    if not membership.user.memberships:
        end_tokens(session, membership.user, actor=actor)
    changes = {"role": [membership.role.value, None], "agency": [membership.agency.name, None]}
    _record(session, membership.user, "end role", actor, reason, changes)


def deactivate_user(session: Session, user: User, *, actor: int | None, reason: str) -> None:
    """Close the account: nobody can sign in with it, whoever is signed in is out, links to set a password are dead."""
    reason = _required(reason)
    if user.id == actor:
        raise IsYourself
    if is_administrator(user):
        _require_another_administrator(session, Membership.user_id != user.id)
    _set_active(session, user, is_active=False)
    end_sessions(session, user)
    end_tokens(session, user, actor=actor)
    end_links(session, user)
    _record(session, user, "deactivate", actor, reason, {"is_active": [True, False]})


def reactivate_user(session: Session, user: User, *, actor: int | None, reason: str) -> None:
    """Open the account again, with the roles it holds."""
    reason = _required(reason)
    _set_active(session, user, is_active=True)
    _record(session, user, "reactivate", actor, reason, {"is_active": [False, True]})


def sign_out_everywhere(session: Session, user: User, *, actor: int | None) -> None:
    """End every session of the user, and every token that programs of theirs hold."""
    end_sessions(session, user)
    end_tokens(session, user, actor=actor)
    _record(session, user, "end sessions", actor, "", {})


def _set_active(session: Session, user: User, *, is_active: bool) -> None:
    session.refresh(user, ["is_active"], with_for_update={"of": User})
    if user.is_active == is_active:
        raise ActivityUnchanged
    user.is_active = is_active
    session.flush()


def _require_another_administrator(session: Session, *others: Any) -> None:
    """Raise `LastAdministrator` unless an active administrator is among `others`.

    Whoever takes an administrator away waits for one another, so that the last two can't remove each other.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LAST_ADMINISTRATOR_LOCK})
    held = (Membership.role == Role.ADMINISTRATOR, Membership.ended_at.is_(None), User.is_active)
    if session.scalar(select(Membership.id).join(Membership.user).where(*held, *others).limit(1)) is None:
        raise LastAdministrator


def _required(reason: str) -> str:
    if not reason.strip():
        raise ReasonNeeded(fields={"reason": "Say why"})
    return reason.strip()


def _record(session: Session, user: User, action: str, actor: int | None, reason: str, changes: dict[str, Any]) -> None:
    subject: dict[str, Any] = {"subject_type": "user_account", "subject_id": user.id}
    audit.record(session, actor=actor, action=action, reason=reason, changes=changes, **subject)
