"""What must hold when two things happen at once, in two transactions of their own."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.cli import main
from estate.errors import InvalidInput
from estate.people import second_factors, users
from estate.people.models import Membership, Role, SecondFactor, User
from estate.people.password_links import create_link, get_link, use_link
from estate.people.sealing import SealBroken, seal, unseal
from estate.web.sign_in_limits import FAILURES_PER_EMAIL, TooManyAttempts, check_limits, count_attempt
from tests.factories import make_agency, make_membership, make_user

KEY = "only for tests"


def at_once(engine: Engine, action: Callable[[Session], Any], count: int = 2) -> list[Any]:
    """What `action` gives or raises in each of `count` transactions that start together."""
    gate, results = threading.Barrier(count), []

    def run() -> None:
        with Session(engine) as session:
            gate.wait()
            try:
                results.append(action(session))
                session.commit()
            except Exception as error:
                results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def enrol(session: Session, user: User) -> tuple[str, list[str]]:
    factor = second_factors.start_enrolment(session, user, secret_key=KEY)
    secret, at = second_factors.secret_of(factor, KEY), datetime.now(UTC) - timedelta(minutes=5)
    return secret, second_factors.confirm_enrolment(session, user, pyotp.TOTP(secret).at(at), secret_key=KEY, at=at)


def test_one_code_sent_several_times_at_once_is_right_once(committed: Engine) -> None:
    with Session(committed) as session:
        user = make_user(session)
        secret, codes = enrol(session, user)
        user_id = user.id
        session.commit()
    for code in (pyotp.TOTP(secret).now(), codes[0]):

        def try_code(session: Session, code: str = code) -> bool:
            return second_factors.verify_code(session, session.get_one(User, user_id), code, secret_key=KEY)

        assert sorted(at_once(committed, try_code, 4)) == [False, False, False, True]


def test_two_administrators_can_not_remove_each_other(committed: Engine) -> None:
    with Session(committed) as session:
        agency = make_agency(session)
        roles = [make_membership(session, agency=agency, role=Role.ADMINISTRATOR).id for _ in range(2)]
        session.commit()
    left = iter(roles)

    def remove(session: Session) -> None:
        users.end_role(session, session.get_one(Membership, next(left)), actor=None, reason="Tidying")

    results = at_once(committed, remove)
    assert sorted(type(result).__name__ for result in results) == ["LastAdministrator", "NoneType"]


def test_one_link_used_twice_at_once_sets_one_password(committed: Engine) -> None:
    with Session(committed) as session:
        token = create_link(session, make_user(session), actor=None)
        session.commit()
    names = iter(["hers, a pass phrase", "theirs, a pass phrase"])

    def use(session: Session) -> None:
        link = get_link(session, token)
        use_link(session, link, next(names))

    results = at_once(committed, use)
    assert sorted(type(result).__name__ for result in results) == ["LinkDead", "NoneType"]


def test_the_limit_holds_for_tries_at_once(committed: Engine) -> None:
    def fail(session: Session) -> None:
        check_limits(session, "ada@example.org", "192.0.2.1")
        count_attempt(session, "ada@example.org", "192.0.2.1", was_successful=False)

    results = at_once(committed, fail, FAILURES_PER_EMAIL + 3)
    assert sum(isinstance(result, TooManyAttempts) for result in results) == 3


def test_a_phone_may_be_half_a_minute_off(session: Session) -> None:
    user = make_user(session)
    secret, _ = enrol(session, user)
    now = datetime.now(UTC)
    app = pyotp.TOTP(secret)

    def is_right(seconds: int) -> bool:
        code = app.at(now + timedelta(seconds=seconds))
        return second_factors.verify_code(session, user, code, secret_key=KEY, at=now)

    assert not is_right(-90)
    assert is_right(-30)
    assert not is_right(-30)
    assert is_right(30)
    assert not is_right(0), "a later code was used already"


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "abcdef", "１２３４５６", "-1 234", "0" * 200])
def test_what_is_no_code_is_wrong(session: Session, code: str) -> None:
    user = make_user(session)
    enrol(session, user)
    assert not second_factors.verify_code(session, user, code, secret_key=KEY)


def test_a_user_without_one_has_no_right_code(session: Session) -> None:
    assert not second_factors.verify_code(session, make_user(session), "123456", secret_key=KEY)


def test_a_reset_needs_a_reason_and_leaves_the_row(session: Session) -> None:
    user = make_user(session)
    enrol(session, user)
    with pytest.raises(InvalidInput):
        second_factors.reset_second_factor(session, user, actor=None, reason=" ")
    second_factors.reset_second_factor(session, user, actor=None, reason="Lost")
    session.expire_all()
    assert session.scalars(select(SecondFactor)).one().ended_at is not None
    assert second_factors.find_second_factor(session, user) is None


def test_the_operator_forgets_the_phone_of_the_only_administrator(committed: Engine) -> None:
    with Session(committed) as session:
        user = make_membership(session, role=Role.ADMINISTRATOR).user
        enrol(session, user)
        email, user_id = user.email, user.id
        session.commit()
    command = ["user", "reset-second-factor", email]
    assert CliRunner().invoke(main, command).exit_code == 2, "it asks for a reason"
    assert "is reset" in CliRunner().invoke(main, [*command, "--reason", "Phone lost"]).output
    assert "No user has" in CliRunner().invoke(main, ["user", "reset-second-factor", "x@y", "--reason", "x"]).output
    with Session(committed) as session:
        assert second_factors.find_second_factor(session, session.get_one(User, user_id)) is None
        event = session.scalars(select(Event).where(Event.action == "reset second factor")).one()
        assert (event.reason, event.actor_id) == ("Phone lost", None)


def test_a_sealed_secret_opens_under_its_key_alone() -> None:
    sealed = seal("JBSWY3DPEHPK3PXP", "one key")
    assert b"JBSWY3DPEHPK3PXP" not in sealed
    assert unseal(sealed, "one key") == "JBSWY3DPEHPK3PXP"
    with pytest.raises(SealBroken):
        unseal(sealed, "another key")
    with pytest.raises(SealBroken):
        unseal(sealed[:-1] + b"A", "one key")
