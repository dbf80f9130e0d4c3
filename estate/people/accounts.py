"""Agencies, users and roles: how they come to be and change. Every change leaves an event."""

import re
import unicodedata
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, InvalidInput, NotFound
from estate.people.models import Agency, AgencyKind, Membership, Role, User
from estate.people.passwords import MINIMUM_LENGTH, hash_password
from estate.people.programme_members import join
from estate.people.programme_models import Programme
from estate.people.programmes import list_programmes, programme_for
from estate.people.signed_in import end_sessions


class AgencyUnknown(NotFound):
    """No agency has this name."""


class AgencyExists(Conflict):
    """An agency with this name is there already."""


class AgencyKindUnknown(InvalidInput):
    """This kind of agency is not in the list."""


class UserExists(Conflict):
    """A user with this e-mail address is there already."""


class PasswordTooShort(InvalidInput):
    """A password needs at least 12 characters. A few words in a row are easy to remember."""


class EmailInvalid(InvalidInput):
    """This is not an e-mail address: it needs a name, an @ and a host."""


def find_agency(session: Session, name_or_code: str) -> Agency | None:
    """The agency with this code, or this name in any case."""
    wanted = name_or_code.strip()
    query = select(Agency).where((Agency.code == wanted) | (func.lower(Agency.name) == wanted.lower()))
    return session.scalars(query).first()


def get_agency(session: Session, name_or_code: str) -> Agency:
    """As `find_agency`; raises `AgencyUnknown`, naming the agencies that are there."""
    agency = find_agency(session, name_or_code)
    if agency is None:
        names = ", ".join(session.scalars(select(Agency.name).order_by(Agency.name).limit(20)))
        raise AgencyUnknown(f"No agency is called {name_or_code!r}. Agencies here: {names or 'none yet'}.")
    return agency


def create_agency(
    session: Session,
    name: str,
    kind_code: str,
    *,
    actor: int | None,
    parent: Agency | None = None,
    code: str | None = None,
    programme: Programme | None = None,
    joined_on: date | None = None,
) -> Agency:
    """A new agency; its code is made from its name where none is given.

    It takes part in `programme`, or where none is given and there is only one, in that, from `joined_on` on.
    """
    if session.get(AgencyKind, kind_code) is None:
        kinds = ", ".join(session.scalars(select(AgencyKind.code).order_by(AgencyKind.code)))
        raise AgencyKindUnknown(f"{kind_code!r} is not a kind of agency. Kinds: {kinds}.")
    if (same := find_agency(session, name)) is not None:
        raise AgencyExists(f"An agency called {same.name} is there already.")
    code = code or _free_code(session, name)
    agency = Agency(name=name.strip(), code=code, kind_code=kind_code, parent_id=parent.id if parent else None)
    session.add(agency)
    session.flush()
    audit.record(session, actor=actor, action="create", subject_type="agency", subject_id=agency.id)
    if programme is not None or len(list_programmes(session)) < 2:
        join(session, programme_for(session, programme), agency, actor=actor, joined_on=joined_on)
    return agency


def create_user(
    session: Session, email: str, name: str, password: str | None, *, actor: int | None, reason: str = ""
) -> User:
    """A new active user without a role yet. `password` None: they can't sign in by password until they set one."""
    email = email.strip()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise EmailInvalid(f"{email!r} is not an e-mail address: it needs a name, an @ and a host.")
    if find_user(session, email) is not None:
        raise UserExists(f"A user with the e-mail address {email} is there already.")
    password_hash = None if password is None else hash_password(_checked(password))
    user = User(email=email, name=name.strip(), password_hash=password_hash)
    session.add(user)
    session.flush()
    subject: dict[str, Any] = {"subject_type": "user_account", "subject_id": user.id}
    audit.record(session, actor=actor, action="create", reason=reason, **subject)
    return user


def find_user(session: Session, email: str) -> User | None:
    """The user with this e-mail address, in any case."""
    return session.scalars(select(User).where(func.lower(User.email) == email.strip().lower())).first()


def list_active_users(session: Session) -> list[User]:
    """Everybody who can sign in, by name."""
    return list(session.scalars(select(User).where(User.is_active).order_by(func.lower(User.name), User.id)))


def grant_role(session: Session, user: User, agency: Agency, role: Role, *, actor: int | None) -> Membership:
    """Give `user` a role for `agency`; the one that is there, if it is.

    Somebody who becomes an administrator is signed out everywhere: administrators may have to sign in more strictly.
    """
    query = select(Membership).where(
        Membership.user_id == user.id,
        Membership.agency_id == agency.id,
        Membership.role == role,
        Membership.ended_at.is_(None),
    )
    membership = session.scalars(query).first()
    if membership is None:
        if role is Role.ADMINISTRATOR and not is_administrator(user):
            end_sessions(session, user)
        membership = Membership(user_id=user.id, agency_id=agency.id, role=role)
        session.add(membership)
        session.flush()
        changes = {"role": [None, role.value], "agency": [None, agency.name]}
        audit.record(
            session,
            actor=actor,
            action="grant role",
            subject_type="user_account",
            subject_id=user.id,
            changes=changes,
        )
    return membership


def is_administrator(user: User) -> bool:
    """True when the user is an administrator of some agency today."""
    return any(held.role is Role.ADMINISTRATOR and held.ended_at is None for held in user.memberships)


def change_password(session: Session, user: User, password: str, *, actor: int | None) -> None:
    """Give `user` a new password. Signing them out elsewhere is the caller's decision."""
    user.password_hash = hash_password(_checked(password))
    session.flush()
    audit.record(session, actor=actor, action="change password", subject_type="user_account", subject_id=user.id)


def _checked(password: str) -> str:
    if len(password) < MINIMUM_LENGTH:
        raise PasswordTooShort
    return password


def _free_code(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "agency"
    code, number = stem, 2
    while session.scalar(select(Agency.id).where(Agency.code == code)) is not None:
        code, number = f"{stem}-{number}", number + 1
    return code
