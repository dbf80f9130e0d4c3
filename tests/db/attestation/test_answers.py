"""Confirming records: what makes an answer stale, who is left out, what a closed round keeps."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import InvalidInput
from estate.people.models import Agency, User
from estate.register.attestation.answers import (
    NotOfThisAgency,
    answers_of,
    confirm,
    confirm_sound,
    count_sound,
    list_records,
    report_wrong,
    states_of,
    take_back,
)
from estate.register.attestation.progress import Answered, Progress, agency_progress, whole_progress
from estate.register.attestation.rounds import (
    RoundIsClosed,
    RoundIsOpen,
    change_round,
    close_round,
    find_open_round,
    list_rounds,
    newest_event_id,
    open_round,
)
from estate.register.changes import change_building, retire_building
from estate.register.matches.decide import Said, decide
from estate.register.matches.overrides import choose_value
from estate.register.models import (
    Attestation,
    AttestationRound,
    AttestationVerdict,
    Building,
    MatchVerdict,
    QualityRule,
)
from estate.register.part_changes import add_cost
from estate.register.rules import ChangedMeanwhile
from tests.db.attestation.conftest import TODAY
from tests.factories import make_agency, make_building


def progress_of(session: Session, opened: AttestationRound, agency: Agency) -> Progress:
    return next(row for row in agency_progress(session, opened) if row.agency_id == agency.id)


def state_of(session: Session, opened: AttestationRound, record: Building) -> Answered:
    return states_of(session, opened, [record.id])[record.id][0]


def say_right(session: Session, opened: AttestationRound, manager: User, *records: Building) -> int:
    ids, agency_id = [record.id for record in records], records[0].agency_id
    seen = newest_event_id(session)
    return confirm(session, opened, agency_id, ids, actor=manager.id, seen=seen).count


def edit(session: Session, record: Building, **fields: object) -> None:
    change_building(session, record, version=record.version, actor=None, reason="Survey", **fields)


def test_a_confirmation_keeps_who_which_version_and_an_event(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    record = make_building(session, agency=agency)
    assert say_right(session, opened, manager, record) == 1
    (answer,) = answers_of(session, record.id)
    assert (answer.verdict, answer.actor_id, answer.record_version) == (AttestationVerdict.CONFIRMED, manager.id, 1)
    event = audit.history(session, "attestation_round", opened.id)[0]
    assert (event.action, event.actor_id, event.changes["records"][1]) == ("confirm_records", manager.id, [record.id])
    assert audit.first_broken(session) is None
    assert progress_of(session, opened, agency) == Progress(agency.id, agency.name, 1, 1, 0, 0, 0)


def test_a_later_edit_of_the_facts_makes_it_stale_and_confirming_again_corrected(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    record = make_building(session, agency=agency)
    say_right(session, opened, manager, record)
    edit(session, record, built_year=1970)
    assert state_of(session, opened, record) is Answered.STALE
    assert progress_of(session, opened, agency).open == 1
    say_right(session, opened, manager, record)
    assert state_of(session, opened, record) is Answered.CORRECTED
    newer, older = answers_of(session, record.id)
    assert (newer.record_version, older.record_version) == (2, 1)
    assert older.superseded_by_id == manager.id


def test_an_edit_of_a_part_makes_it_stale_and_what_is_said_about_it_does_not(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    record, other = make_building(session, agency=agency), make_building(session, agency=agency)
    say_right(session, opened, manager, record, other)
    decide(session, record, other, Said(MatchVerdict.DIFFERENT, "Two doors", None))
    choose_value(session, record, "built_year", 1970, actor=None, reason="The plaque", seen=None)
    assert state_of(session, opened, record) is Answered.CONFIRMED
    add_cost(
        session,
        record,
        actor=None,
        reason="Bill",
        agency_id=agency.id,
        category_code="energy",
        year_start=2024,
        amount=Decimal(1),
        is_estimate=False,
        source="Bill",
    )
    assert state_of(session, opened, record) is Answered.STALE
    assert state_of(session, opened, other) is Answered.CONFIRMED


def test_what_changed_after_the_page_was_opened_is_left_out(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    changed, same = make_building(session, agency=agency), make_building(session, agency=agency)
    seen = newest_event_id(session)
    edit(session, changed, note="Now let")
    done = confirm(session, opened, agency.id, [changed.id, same.id], actor=manager.id, seen=seen)
    assert (done.confirmed, done.corrected, done.skipped) == (1, 0, 1)
    assert state_of(session, opened, changed) is Answered.OPEN
    # A number from the future does not help: what is edited next still makes the answer stale.
    confirm(session, opened, agency.id, [changed.id], actor=manager.id, seen=10**12)
    edit(session, changed, note="Empty again")
    assert state_of(session, opened, changed) is Answered.STALE


def test_confirming_twice_is_one_answer(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    record = make_building(session, agency=agency)
    assert say_right(session, opened, manager, record) == 1
    assert say_right(session, opened, manager, record) == 0
    assert len(answers_of(session, record.id)) == 1
    stored = session.scalars(select(Attestation)).one()
    fields = ("round_id", "building_id", "agency_id", "verdict", "record_version", "event_id", "actor_id")
    again = Attestation(**{name: getattr(stored, name) for name in fields})
    session.add(again)
    with pytest.raises(IntegrityError, match="uq_attestation_live"):
        session.flush()


def test_records_of_others_retired_and_unknown_ones_are_refused_whole(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    own, other, retired = (
        make_building(session, agency=agency),
        make_building(session),
        make_building(session, agency=agency),
    )
    retire_building(session, retired, version=1, actor=None, reason="Twice")
    for wrong in (other.id, retired.id, 999_999):
        with pytest.raises(NotOfThisAgency):
            confirm(session, opened, agency.id, [own.id, wrong], actor=manager.id, seen=newest_event_id(session))
    assert state_of(session, opened, own) is Answered.OPEN
    assert progress_of(session, opened, agency).total == 1


def test_all_without_a_problem_are_confirmed_at_once(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    session.execute(update(QualityRule).values(is_on=QualityRule.code == "uprn"))
    session.expire_all()
    good = [make_building(session, agency=agency, uprn=str(number)) for number in range(1, 4)]
    bad, foreign = make_building(session, agency=agency), make_building(session, uprn="9")
    say_right(session, opened, manager, good[0])
    assert count_sound(session, opened, agency.id) == 2
    seen = newest_event_id(session)
    edit(session, good[2], built_year=1999)
    done = confirm_sound(session, opened, agency.id, actor=manager.id, seen=seen)
    assert (done.count, done.skipped) == (1, 1)
    assert state_of(session, opened, bad) is Answered.OPEN
    assert state_of(session, opened, foreign) is Answered.OPEN
    page = list_records(session, opened, agency.id, state=Answered.OPEN)
    assert {row.building.id: row.gaps for row in page.rows} == {good[2].id: [], bad.id: ["No UPRN"]}


def test_wrong_needs_its_words_and_is_put_right_by_confirming_after_a_change(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    record = make_building(session, agency=agency)
    with pytest.raises(InvalidInput):
        report_wrong(session, opened, record, actor=manager.id, note="  ")
    report_wrong(session, opened, record, actor=manager.id, note="Sold in May")
    assert state_of(session, opened, record) is Answered.WRONG
    assert say_right(session, opened, manager, record) == 0
    take_back(session, opened, record, actor=manager.id)
    assert state_of(session, opened, record) is Answered.OPEN
    assert say_right(session, opened, manager, record) == 1
    assert [answer.note for answer in answers_of(session, record.id)] == ["", "Sold in May"]


def test_pages_by_answer(session: Session, opened: AttestationRound, agency: Agency, manager: User) -> None:
    records = [make_building(session, agency=agency, name=f"House {number:02d}") for number in range(32)]
    say_right(session, opened, manager, *records[:31])
    assert [row.building.id for row in list_records(session, opened, agency.id, state=Answered.OPEN).rows] == [
        records[31].id
    ]
    confirmed = list_records(session, opened, agency.id, state=Answered.CONFIRMED, page=99)
    assert (confirmed.count, confirmed.page, confirmed.page_count, len(confirmed.rows)) == (31, 2, 2, 1)
    assert list_records(session, opened, agency.id).count == 32


def test_a_closed_round_keeps_its_figures_and_refuses_answers(
    session: Session, opened: AttestationRound, agency: Agency, manager: User
) -> None:
    record, second = make_building(session, agency=agency), make_building(session, agency=agency)
    say_right(session, opened, manager, record)
    close_round(session, opened, version=1, actor=None, reason="The year is over")
    kept = whole_progress(agency_progress(session, opened))
    edit(session, record, built_year=1900)
    retire_building(session, second, version=1, actor=None, reason="Gone")
    session.expire_all()
    assert whole_progress(agency_progress(session, opened)) == kept
    assert (kept.total, kept.confirmed, kept.open) == (2, 1, 1)
    for act in (
        lambda: say_right(session, opened, manager, record),
        lambda: report_wrong(session, opened, record, actor=manager.id, note="x"),
        lambda: take_back(session, opened, record, actor=manager.id),
        lambda: close_round(session, opened, version=2, actor=None, reason="again"),
    ):
        with pytest.raises(RoundIsClosed):
            act()
    newer = open_round(session, actor=None, name="Next", deadline_on=TODAY, today=TODAY)
    assert find_open_round(session) is newer
    assert list_rounds(session) == [newer, opened]
    assert state_of(session, newer, record) is Answered.OPEN


def test_one_round_at_a_time_also_for_the_database(session: Session, opened: AttestationRound) -> None:
    with pytest.raises(RoundIsOpen):
        open_round(session, actor=None, name="Another", deadline_on=TODAY, today=TODAY)
    assert session.scalar(select(func.count()).select_from(AttestationRound)) == 1
    session.add(AttestationRound(name="Another", deadline_on=TODAY, opened_event_id=0))
    with pytest.raises(IntegrityError, match="uq_attestation_round_closed_at"):
        session.flush()


def test_a_round_needs_a_name_and_a_deadline_that_can_be_met(session: Session) -> None:
    for name, deadline in (("", TODAY), ("x", None), ("x", TODAY - timedelta(days=1)), ("\x00", TODAY)):
        with pytest.raises(InvalidInput):
            open_round(session, actor=None, name=name, deadline_on=deadline, today=TODAY)


def test_a_deadline_is_changed_with_a_reason_and_the_version_that_was_read(
    session: Session, opened: AttestationRound
) -> None:
    later = opened.deadline_on + timedelta(days=7)
    told = {"actor": None, "today": TODAY, "deadline_on": later}
    with pytest.raises(InvalidInput):
        change_round(session, opened, version=1, reason="", **told)
    change_round(session, opened, version=1, reason="A strike", **told)
    event = audit.history(session, "attestation_round", opened.id)[0]
    assert event.changes == {"deadline_on": [(later - timedelta(days=7)).isoformat(), later.isoformat()]}
    with pytest.raises(ChangedMeanwhile):
        change_round(session, opened, version=1, reason="Again", **told)


def test_an_agency_of_its_own_sees_only_its_records(session: Session, opened: AttestationRound, agency: Agency) -> None:
    make_building(session, agency=make_agency(session))
    assert list_records(session, opened, agency.id).count == 0
