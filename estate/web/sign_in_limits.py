"""Limits on tries to sign in, counted in the database, so that they hold across processes and restarts."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from estate.errors import EstateError
from estate.people.models import LoginAttempt

WINDOW = timedelta(minutes=15)
FAILURES_PER_EMAIL = 8
FAILURES_PER_ADDRESS = 40


class TooManyAttempts(EstateError):
    """Too many tries to sign in with this email address or from this network. Wait 15 minutes, then try again."""


def check_limits(session: Session, email: str, address: str) -> None:
    """Raise `TooManyAttempts` when `email`, or the network `address`, failed too often of late.

    Tries for one email wait for one another until their transaction ends, so that many at once count as many.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:email, 7))"), {"email": email})
    since = datetime.now(UTC) - WINDOW
    last_success = (
        select(func.max(LoginAttempt.at))
        .where(LoginAttempt.email == email, LoginAttempt.was_successful)
        .scalar_subquery()
    )
    failures = select(func.count()).where(~LoginAttempt.was_successful, LoginAttempt.at > since)
    of_email = failures.where(
        LoginAttempt.email == email, LoginAttempt.at > func.coalesce(last_success, datetime(1970, 1, 1, tzinfo=UTC))
    )
    of_address = failures.where(LoginAttempt.address == address)
    if (session.scalar(of_email) or 0) >= FAILURES_PER_EMAIL or (
        session.scalar(of_address) or 0
    ) >= FAILURES_PER_ADDRESS:
        raise TooManyAttempts


def count_attempt(session: Session, email: str, address: str, *, was_successful: bool) -> None:
    """Remember one try."""
    session.add(LoginAttempt(email=email, address=address, at=datetime.now(UTC), was_successful=was_successful))
    session.flush()
