"""Who takes part in a programme: stays never overlap, end on a day, and an agency may come back."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from estate.errors import InvalidInput
from estate.people.accounts import create_agency
from estate.people.programme_members import (
    DayHasPassed,
    HasSteppedBack,
    NothingToUndo,
    TakesPartAlready,
    end_stay,
    join,
    keep_stay,
    list_stays_of,
)
from estate.people.programmes import (
    NoSuchProgramme,
    ProgrammeChanged,
    ProgrammeNeeded,
    change_programme,
    create_programme,
    get_by_slug,
    programme_for,
    programme_ids_of,
    today_of,
)
from tests.factories import first_programme, make_agency, make_programme, make_stay

A_DAY = timedelta(days=1)


def test_a_new_agency_takes_part_in_the_only_programme(session: Session) -> None:
    agency = create_agency(session, "Council", "council", actor=None)
    assert programme_ids_of(session, [agency.id]) == {programme_for(session).id}
    make_programme(session)
    assert list_stays_of(session, create_agency(session, "Another", "council", actor=None)) == []


def test_of_several_programmes_one_must_be_named(session: Session) -> None:
    first_programme(session)
    other = make_programme(session)
    with pytest.raises(ProgrammeNeeded, match=re.escape(f"{other.slug} ({other.name})")):
        programme_for(session)
    assert programme_for(session, other) is other
    assert get_by_slug(session, other.slug) is get_by_slug(session, other.name.upper()) is other
    with pytest.raises(NoSuchProgramme, match=re.escape(f"{other.slug} ({other.name})")):
        get_by_slug(session, "nowhere")


def test_one_agency_takes_part_in_several(session: Session) -> None:
    agency, other = make_agency(session), make_programme(session)
    join(session, other, agency, actor=None)
    assert programme_ids_of(session, [agency.id]) == {first_programme(session).id, other.id}


@pytest.mark.parametrize("joined_on", [None, date(2020, 1, 1)])
def test_nobody_takes_part_twice_at_a_time(session: Session, joined_on: date | None) -> None:
    agency = make_agency(session)
    with pytest.raises(TakesPartAlready):
        join(session, first_programme(session), agency, actor=None, joined_on=joined_on)


@pytest.mark.parametrize(
    ("joined_on", "left_on"), [(date(2020, 6, 1), None), (date(2019, 1, 1), date(2020, 2, 1)), (None, None)]
)
def test_the_database_refuses_overlapping_stays(session: Session, joined_on: date | None, left_on: date | None) -> None:
    agency = make_agency(session, is_partner=False)
    make_stay(session, agency, joined_on=date(2020, 1, 1), left_on=date(2021, 1, 1))
    make_stay(session, agency, make_programme(session), joined_on=date(2020, 1, 1))
    with pytest.raises(IntegrityError, match="ex_programme_member_stays"), session.begin_nested():
        make_stay(session, agency, joined_on=joined_on, left_on=left_on)
    make_stay(session, agency, joined_on=date(2021, 1, 1))


def test_an_agency_steps_back_and_comes_back(session: Session) -> None:
    agency, programme, today = make_agency(session), first_programme(session), today_of(session)
    [stay] = list_stays_of(session, agency)
    end_stay(session, stay, left_on=today, reason="Merged", actor=None)
    assert programme_ids_of(session, [agency.id]) == frozenset()
    with pytest.raises(TakesPartAlready):
        join(session, programme, agency, actor=None, joined_on=today - A_DAY)
    join(session, programme, agency, actor=None)
    assert programme_ids_of(session, [agency.id]) == {programme.id}
    assert [(one.joined_on, one.left_on) for one in list_stays_of(session, agency)] == [(today, None), (None, today)]


def test_until_the_day_nothing_changes_and_it_can_be_taken_back(session: Session) -> None:
    agency, today = make_agency(session), today_of(session)
    [stay] = list_stays_of(session, agency)
    end_stay(session, stay, left_on=today + A_DAY, reason="Merged", actor=None)
    assert programme_ids_of(session, [agency.id]) == {stay.programme_id}
    with pytest.raises(HasSteppedBack):
        end_stay(session, stay, left_on=today + 2 * A_DAY, reason="Again", actor=None)
    with pytest.raises(InvalidInput):
        keep_stay(session, stay, actor=None, reason=" ")
    keep_stay(session, stay, actor=None, reason="A mistake")
    assert (stay.left_on, stay.reason) == (None, "")
    with pytest.raises(NothingToUndo):
        keep_stay(session, stay, actor=None, reason="Twice")


def test_what_has_happened_is_not_undone(session: Session) -> None:
    [stay] = list_stays_of(session, make_agency(session))
    end_stay(session, stay, left_on=today_of(session), reason="Merged", actor=None)
    with pytest.raises(NothingToUndo):
        keep_stay(session, stay, actor=None, reason="Too late")


def test_nobody_steps_back_in_the_past_or_without_a_reason(session: Session) -> None:
    agency, today = make_agency(session, is_partner=False), today_of(session)
    stay = make_stay(session, agency, joined_on=today)
    with pytest.raises(DayHasPassed):
        end_stay(session, stay, left_on=today - A_DAY, reason="Merged", actor=None)
    with pytest.raises(InvalidInput) as refused:
        end_stay(session, stay, left_on=today, reason="Merged", actor=None)
    assert refused.value.fields == {"left_on": "Choose a day after the agency joined"}
    with pytest.raises(InvalidInput):
        end_stay(session, stay, left_on=today + A_DAY, reason="  ", actor=None)
    assert stay.left_on is None


def test_a_programme_s_fields_are_checked(session: Session) -> None:
    programme = create_programme(session, actor=None, name="  Health   and care ", description="x", horizon_years=15)
    assert (programme.name, programme.slug) == ("Health and care", "health-and-care")
    again = create_programme(session, actor=None, name="Health & care")
    assert again.slug == "health-care"
    for fields in ({"name": "HEALTH AND CARE"}, {"name": " "}, {"name": "New", "horizon_years": 0}):
        with pytest.raises(InvalidInput):
            create_programme(session, actor=None, **fields)  # type: ignore[arg-type]
    with pytest.raises(ProgrammeChanged):
        change_programme(session, programme, version=7, actor=None, reason="x", name="New")
    with pytest.raises(InvalidInput):
        change_programme(session, programme, version=1, actor=None, reason="", name="New")
    change_programme(session, programme, version=1, actor=None, reason="Renamed", name="Care")
    assert (programme.name, programme.slug, programme.description) == ("Care", "health-and-care", "x")
