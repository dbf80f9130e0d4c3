"""Limits on tries to sign in, counted in the database, so that they hold across processes and restarts."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from estate.errors import EstateError
from estate.people.models import AttemptKind, LoginAttempt

WINDOW = timedelta(minutes=15)
FAILURES_PER_EMAIL = 8
FAILURES_PER_ADDRESS = 40
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class TooManyAttempts(EstateError):
    """Too many tries to sign in with this email address or from this network. Wait 15 minutes, then try again."""


def check_limits(session: Session, email: str, address: str, kind: AttemptKind = AttemptKind.PASSWORD) -> None:
    """Raise `TooManyAttempts` when `email`, or the network of `address`, failed too often of late.

    Tries for one email wait for one another until their transaction ends, so that many at once count as many.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:email, :kind))"),
        {"email": email, "kind": 7 + list(AttemptKind).index(kind)},
    )
    of_kind = LoginAttempt.kind == kind
    since = datetime.now(UTC) - WINDOW
    last_success = (
        select(func.max(LoginAttempt.at))
        .where(LoginAttempt.email == email, of_kind, LoginAttempt.was_successful)
        .scalar_subquery()
    )
    failures = select(func.count()).where(~LoginAttempt.was_successful, LoginAttempt.at > since, of_kind)
    of_email = failures.where(LoginAttempt.email == email, LoginAttempt.at > func.coalesce(last_success, BEGINNING))
    of_address = failures.where(LoginAttempt.address == network_of(address))
    if (session.scalar(of_email) or 0) >= FAILURES_PER_EMAIL or (
        session.scalar(of_address) or 0
    ) >= FAILURES_PER_ADDRESS:
        raise TooManyAttempts


def check_network(session: Session, address: str, kind: AttemptKind) -> None:
    """Raise `TooManyAttempts` when the network of `address` failed too often of late, whatever it named."""
    failed = (~LoginAttempt.was_successful, LoginAttempt.kind == kind, LoginAttempt.address == network_of(address))
    query = select(func.count()).where(*failed, LoginAttempt.at > datetime.now(UTC) - WINDOW)
    if (session.scalar(query) or 0) >= FAILURES_PER_ADDRESS:
        raise TooManyAttempts


def count_attempt(
    session: Session, email: str, address: str, *, was_successful: bool, kind: AttemptKind = AttemptKind.PASSWORD
) -> None:
    """Remember one try."""
    at = datetime.now(UTC)
    tried = {"email": email, "address": network_of(address), "kind": kind}
    session.add(LoginAttempt(at=at, was_successful=was_successful, **tried))
    session.flush()


def network_of(address: str) -> str:
    """The network that one visitor may choose addresses from: an IPv4 address, or the first 64 bits of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
