"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for a lost phone."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Any

import pyotp
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict, InvalidInput
from estate.people.models import RecoveryCode, SecondFactor, User
from estate.people.sealing import seal, unseal
from estate.people.signed_in import end_sessions

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A phone's clock may be this many steps off."""
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody mistakes for one another. Sixteen of them are 79 bits: too many to guess, so that a
plain SHA-256 keeps a recovery code as safe as a slow hash would."""


class CodeWrong(InvalidInput):
    """This code is wrong, was used before or is out of date. Enter the code that the app shows now."""


class NothingToConfirm(Conflict):
    """There is no second factor to confirm. Start again."""


def find_second_factor(session: Session, user: User) -> SecondFactor | None:
    """The user's second factor in force; None where they have none."""
    return session.scalars(_living(user, SecondFactor.confirmed_at.is_not(None))).one_or_none()


def find_enrolment(session: Session, user: User) -> SecondFactor | None:
    """The second factor that the user is about to set up; None where they are not."""
    return session.scalars(_living(user, SecondFactor.confirmed_at.is_(None))).one_or_none()


def start_enrolment(session: Session, user: User, *, secret_key: str) -> SecondFactor:
    """A new secret that waits for its first code. The one in force stays until then."""
    _end(session, user, SecondFactor.confirmed_at.is_(None))
    factor = SecondFactor(user_id=user.id, sealed_secret=seal(pyotp.random_base32(), secret_key))
    session.add(factor)
    session.flush()
    return factor


def confirm_enrolment(
    session: Session, user: User, code: str, *, secret_key: str, at: datetime | None = None
) -> list[str]:
    """Put the new secret in force by its first code. Gives recovery codes, to be shown once. Raises `CodeWrong`."""
    factor = session.scalars(_living(user, SecondFactor.confirmed_at.is_(None)).with_for_update()).one_or_none()
    if factor is None:
        raise NothingToConfirm
    step = _matching_step(factor, code, secret_key, at)
    if step is None:
        raise CodeWrong
    _end(session, user, SecondFactor.confirmed_at.is_not(None))
    factor.confirmed_at, factor.last_step = datetime.now(UTC), step
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(second_factor_id=factor.id, code_hash=_hash(recovery)) for recovery in codes)
    session.flush()
    _record(session, user, "set up second factor", user.id)
    return codes


def verify_code(session: Session, user: User, code: str, *, secret_key: str, at: datetime | None = None) -> bool:
    """True when `code` is one of the app's that was not used before, or an unused recovery code. Either is then used.

    The row is locked, so that one code sent twice at once is right once.
    """
    query = _living(user, SecondFactor.confirmed_at.is_not(None)).with_for_update()
    factor = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if factor is None:
        return False
    step = _matching_step(factor, code, secret_key, at)
    if step is not None:
        factor.last_step = step
        session.flush()
        return True
    return _use_recovery_code(session, user, factor, code)


def count_recovery_codes(session: Session, factor: SecondFactor) -> int:
    """How many recovery codes are left."""
    unused = (RecoveryCode.second_factor_id == factor.id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def turn_off(session: Session, user: User, *, actor: int | None) -> None:
    """Ask the user for no second factor any more. Whether they may is the caller's decision."""
    _end(session, user)
    _record(session, user, "turn off second factor", actor)


def reset_second_factor(session: Session, user: User, *, actor: int | None, reason: str) -> None:
    """Forget a lost phone and its recovery codes, and sign the user out everywhere: they set up a new one."""
    if not reason.strip():
        raise InvalidInput(fields={"reason": "Say why"})
    _end(session, user)
    end_sessions(session, user)
    _record(session, user, "reset second factor", actor, reason.strip())


def secret_of(factor: SecondFactor, secret_key: str) -> str:
    """The secret in base 32, for people who can't scan the picture."""
    return unseal(factor.sealed_secret, secret_key)


def address_for_app(factor: SecondFactor, user: User, *, issuer: str, secret_key: str) -> str:
    """The `otpauth:` address that the picture holds."""
    return pyotp.TOTP(secret_of(factor, secret_key)).provisioning_uri(name=user.email, issuer_name=issuer)


def _living(user: User, *conditions: Any) -> Any:
    return select(SecondFactor).where(SecondFactor.user_id == user.id, SecondFactor.ended_at.is_(None), *conditions)


def _end(session: Session, user: User, *conditions: Any) -> None:
    living = (SecondFactor.user_id == user.id, SecondFactor.ended_at.is_(None))
    session.execute(update(SecondFactor).where(*living, *conditions).values(ended_at=datetime.now(UTC)))


def _matching_step(factor: SecondFactor, code: str, secret_key: str, at: datetime | None) -> int | None:
    """The step whose code this is, later than the last one used; None where there is none."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    app = pyotp.TOTP(unseal(factor.sealed_secret, secret_key), interval=STEP_SECONDS)
    now = int((at or datetime.now(UTC)).timestamp()) // STEP_SECONDS
    first = max(now - DRIFT_STEPS, (factor.last_step or 0) + 1)
    steps = range(first, now + DRIFT_STEPS + 1)
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step), digits)), None)


def _use_recovery_code(session: Session, user: User, factor: SecondFactor, code: str) -> bool:
    wanted = (RecoveryCode.second_factor_id == factor.id, RecoveryCode.code_hash == _hash(code))
    using = update(RecoveryCode).where(*wanted, RecoveryCode.used_at.is_(None)).values(used_at=datetime.now(UTC))
    if session.scalar(using.returning(RecoveryCode.id)) is None:
        return False
    _record(session, user, "use recovery code", user.id)
    return True


def _recovery_code() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def _hash(code: str) -> str:
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).hexdigest()


def _record(session: Session, user: User, action: str, actor: int | None, reason: str = "") -> None:
    subject: dict[str, Any] = {"subject_type": "user_account", "subject_id": user.id}
    audit.record(session, actor=actor, action=action, reason=reason, **subject)
