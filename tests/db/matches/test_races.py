"""Two people at once, on two connections: one pair decided twice, a merge against an edit and a retirement, circles."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from estate.db import make_session
from estate.errors import EstateError
from estate.register.changes import change_building, retire_building
from estate.register.matches.decide import DecidedMeanwhile, PartOfItself, Said, decide
from estate.register.matches.overrides import ChosenMeanwhile, choose_value
from estate.register.models import Building, BuildingStatus, FieldOverride, MatchDecision, MatchVerdict
from estate.register.rules import Retired
from tests.factories import make_building

Work = Callable[[Session, Building, Building], object]


@pytest.fixture
def pair(committed: Engine) -> tuple[int, int]:
    with make_session.begin() as session:
        return make_building(session).id, make_building(session).id


def at_once(pair: tuple[int, int], first: Work, second: Work) -> list[str]:
    """Let `first` do its work and hold it; `second` begins, and waits; then both end. Gives what refused them."""
    refused: list[str] = []
    begun = threading.Event()

    def run() -> None:
        try:
            with make_session.begin() as session:
                one, other = (session.get_one(Building, number) for number in pair)
                begun.set()
                second(session, one, other)
        except EstateError as error:
            refused.append(type(error).__name__)

    with make_session.begin() as session:
        one, other = (session.get_one(Building, number) for number in pair)
        first(session, one, other)
        waiting = threading.Thread(target=run)
        waiting.start()
        assert begun.wait(20)
        _until_it_waits(waiting)
    waiting.join(20)
    assert not waiting.is_alive()
    return refused


def _until_it_waits(thread: threading.Thread) -> None:
    """Until the other connection waits for a lock, or has ended."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(400):
        if not thread.is_alive():
            return
        with make_session() as session:
            if session.scalar(query):
                return
        thread.join(0.05)
    raise AssertionError("the other connection neither waits nor ends")


def say(verdict: MatchVerdict, part: int | None = None, **options: int | None) -> Work:
    def work(session: Session, one: Building, other: Building) -> object:
        part_id = None if part is None else (one, other)[part].id
        return decide(session, one, other, Said(verdict, "Seen", None, part_id=part_id), **options)  # type: ignore[arg-type]

    return work


def rows(kind: type) -> list:
    with make_session() as session:
        return list(session.scalars(select(kind)).unique())


def test_of_two_verdicts_on_one_pair_the_second_is_refused(pair: tuple[int, int]) -> None:
    refused = at_once(pair, say(MatchVerdict.SAME, seen=None), say(MatchVerdict.DIFFERENT, seen=None))
    assert refused == [DecidedMeanwhile.__name__]
    assert [row.verdict for row in rows(MatchDecision)] == [MatchVerdict.SAME]
    assert {row.canonical_id for row in rows(Building)} == {pair[0]}


def test_a_merge_and_an_edit_both_hold(pair: tuple[int, int]) -> None:
    def edit(session: Session, one: Building, other: Building) -> object:
        return change_building(session, one, version=one.version, actor=None, reason="Sign", name="New name")

    assert at_once(pair, edit, say(MatchVerdict.SAME)) == []
    after = {row.id: row for row in rows(Building)}
    assert (after[pair[0]].name, after[pair[0]].canonical_id, after[pair[1]].canonical_id) == (
        "New name",
        pair[0],
        pair[0],
    )


def test_an_edit_after_a_merge_both_hold(pair: tuple[int, int]) -> None:
    def edit(session: Session, one: Building, other: Building) -> object:
        return change_building(session, one, version=one.version, actor=None, reason="Sign", name="New name")

    assert at_once(pair, say(MatchVerdict.SAME), edit) == []
    after = {row.id: row for row in rows(Building)}
    assert (after[pair[0]].name, after[pair[1]].canonical_id) == ("New name", pair[0])


def test_a_record_that_is_retired_meanwhile_is_not_merged(pair: tuple[int, int]) -> None:
    def retire(session: Session, one: Building, other: Building) -> object:
        return retire_building(session, one, version=one.version, actor=None, reason="Never was")

    assert at_once(pair, retire, say(MatchVerdict.SAME)) == [Retired.__name__]
    after = {row.id: row for row in rows(Building)}
    assert after[pair[0]].status is BuildingStatus.RETIRED
    assert {row.canonical_id for row in after.values()} == {None}


def test_a_merged_record_that_is_retired_meanwhile_leaves_its_building(pair: tuple[int, int]) -> None:
    def retire(session: Session, one: Building, other: Building) -> object:
        return retire_building(session, one, version=one.version, actor=None, reason="Never was")

    assert at_once(pair, say(MatchVerdict.SAME), retire) == []
    assert {row.canonical_id for row in rows(Building)} == {None}


def test_two_decisions_that_make_a_circle_together_are_not_both_stored(pair: tuple[int, int]) -> None:
    with make_session.begin() as session:
        third = make_building(session).id
        decide(
            session,
            session.get_one(Building, pair[1]),
            session.get_one(Building, third),
            Said(MatchVerdict.PART_OF, "Seen", None, part_id=pair[1]),
        )

    def close(session: Session, one: Building, other: Building) -> object:
        whole = session.get_one(Building, third)
        return decide(session, whole, one, Said(MatchVerdict.PART_OF, "Seen", None, part_id=third))

    assert at_once(pair, say(MatchVerdict.PART_OF, part=0), close) == [PartOfItself.__name__]


def test_of_two_choices_of_one_value_the_second_is_refused(pair: tuple[int, int]) -> None:
    def choose(name: str) -> Work:
        def work(session: Session, one: Building, other: Building) -> object:
            return choose_value(session, one, "name", name, actor=None, reason="Sign", seen=None)

        return work

    assert at_once(pair, choose("First"), choose("Second")) == [ChosenMeanwhile.__name__]
    assert [row.value for row in rows(FieldOverride)] == ["First"]
