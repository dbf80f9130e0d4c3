"""Users who sign in with another organisation's account: found by their e-mail, added only where settings say so."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.errors import NotAllowed
from estate.people.accounts import create_user, find_user, get_agency, grant_role
from estate.people.models import Role, User


class NobodyKnown(NotAllowed):
    """Nobody is registered here with this e-mail address."""


class AccountDeactivated(NotAllowed):
    """Your account here is deactivated. Ask an administrator of your agency to open it again."""


def get_known_user(session: Session, email: str) -> User:
    """The active user with this verified e-mail address. Raises `NobodyKnown` or `AccountDeactivated`."""
    user = find_user(session, email)
    if user is None:
        raise NobodyKnown
    if not user.is_active:
        raise AccountDeactivated
    return user


def get_or_add_user(session: Session, email: str, name: str, *, agency: str, role: Role, provider: str) -> User:
    """As `get_known_user`; adds somebody unknown, without a password, with `role` for the agency of this code."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(email.lower(), 11))))
    try:
        return get_known_user(session, email)
    except NobodyKnown:
        reason = f"First sign-in with {provider}"
        user = create_user(session, email, name[:200], None, actor=None, reason=reason)
        grant_role(session, user, get_agency(session, agency), role, actor=None)
        session.refresh(user, ["memberships"])
        return user
