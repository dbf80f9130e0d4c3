"""The record of what happened: chained, append-only, written in the caller's own transaction."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from estate.audit import FIRST_HASH, Event, first_broken, history, record, record_many
from estate.cli import main
from estate.db import make_session
from tests import factories


def note(session: Session, subject_id: int = 1, **changes: Any) -> None:
    record(session, actor=None, action="note", subject_type="thing", subject_id=subject_id, changes=changes)


def count(session: Session) -> int:
    return session.scalar(select(func.count(Event.id))) or 0


def test_a_chain_holds(session: Session) -> None:
    assert first_broken(session) is None
    user = factories.make_user(session).id
    for number in range(5):
        record(
            session,
            actor=user,
            action="change_building",
            subject_type="building",
            subject_id=number,
            reason="Café „Ł“ 🏛",
            changes={"cost": [Decimal("1.50"), None], "on": [date(2024, 2, 29), True]},
            group_id="import:1",
        )
    assert first_broken(session) is None
    hashes = session.scalars(select(Event.hash).order_by(Event.id)).all()
    assert len({*hashes, FIRST_HASH}) == 6


def test_history_is_newest_first_and_of_one_subject(session: Session) -> None:
    for number in (1, 2, 1):
        note(session, number, step=number)
    events = history(session, "thing", 1)
    assert [event.subject_id for event in events] == [1, 1]
    assert events[0].id > events[1].id
    assert len(history(session, "thing", 1, limit=1)) == 1


@pytest.mark.parametrize("size", [0, 1, 19, 20, 500])
def test_bulk_is_the_same_chain(session: Session, size: int) -> None:
    note(session)
    subjects = [(number, {"name": [None, f"Ünï {number}\t\\N\n"]}) for number in range(size)]
    reason = "Tab\t, line\n\r, \\N and \\\\ stay"
    record_many(session, subjects, actor=None, action="import", subject_type="building", reason=reason)
    note(session)
    assert count(session) == size + 2
    assert first_broken(session) is None
    found = session.scalars(select(Event).where(Event.action == "import").order_by(Event.id)).all()
    assert [(event.subject_id, event.changes) for event in found] == subjects
    assert {(event.reason, event.group_id, event.actor_id) for event in found} <= {(reason, None, None)}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcé", max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_whatever_changed_the_chain_holds(session: Session, value: Any) -> None:
    note(session, value=[None, value])
    assert first_broken(session) is None


@pytest.mark.parametrize("value", [-0.0, 1e16, 1e22, 1.5e300, 1e-07, 0.1 + 0.2])
def test_numbers_that_the_database_writes_differently(session: Session, value: float) -> None:
    note(session, value=value)
    assert first_broken(session) is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE event SET reason = 'x'", "DELETE FROM event", "TRUNCATE event", "UPDATE event SET id = id + 1000"],
)
def test_the_database_refuses_to_change_what_happened(session: Session, statement: str) -> None:
    note(session)
    session.flush()
    with pytest.raises(DatabaseError, match="events are append-only"), session.begin_nested():
        session.execute(text(statement))
    assert count(session) == 1


def test_what_is_rolled_back_did_not_happen(session: Session) -> None:
    note(session)
    savepoint = session.begin_nested()
    note(session, 2)
    savepoint.rollback()
    assert count(session) == 1
    assert first_broken(session) is None


def tamper(session: Session, statement: str) -> None:
    session.flush()
    session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
    session.execute(text(statement))
    session.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))
    session.expire_all()


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'something else'",
        "action = 'other'",
        "subject_id = 99",
        "subject_type = 'other'",
        "at = at + interval '1 microsecond'",
        "changes = '{\"step\": 99}'",
        "group_id = 'import:1'",
        "hash = repeat('0', 64)",
    ],
)
def test_the_first_changed_row_is_named(session: Session, change: str) -> None:
    for number in range(1, 5):
        note(session, number, step=number)
    third = session.scalars(select(Event.id).order_by(Event.id).offset(2)).first()
    tamper(session, f"UPDATE event SET {change} WHERE id = {third}")
    assert first_broken(session) == third


def test_a_removed_row_breaks_the_next(session: Session) -> None:
    for number in range(1, 5):
        note(session, number)
    ids = session.scalars(select(Event.id).order_by(Event.id)).all()
    tamper(session, f"DELETE FROM event WHERE id = {ids[1]}")
    assert first_broken(session) == ids[2]


def test_verify_command(committed: Engine) -> None:
    assert "The chain of 0 events holds." in CliRunner().invoke(main, ["audit", "verify"]).output
    with make_session.begin() as session:
        for number in range(1, 4):
            note(session, number)
    answer = CliRunner().invoke(main, ["audit", "verify"])
    assert (answer.exit_code, "The chain of 3 events holds. The last is event" in answer.output) == (0, True)
    with make_session.begin() as session:
        second = session.scalars(select(Event.id).order_by(Event.id).offset(1)).first()
        tamper(session, f"UPDATE event SET subject_id = 77 WHERE id = {second}")
    answer = CliRunner().invoke(main, ["audit", "verify"])
    assert answer.exit_code == 1
    assert f"Event {second} is broken: note of thing 77" in answer.output
