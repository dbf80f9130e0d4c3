"""Days of one lease: month arithmetic, breaks and their notice, recurring reviews, what is past and still open."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.register.diary import DiaryKind, add_months, dues_of
from estate.register.models import Interest, Tenure

TODAY = date(2026, 3, 15)
FAR = date(2051, 3, 15)


def lease(**fields: Any) -> Interest:
    return Interest(id=1, tenure=Tenure.LEASEHOLD, version=1, **fields)


def days(interest: Interest, kind: DiaryKind | None = None, *, today: date = TODAY, until: date = FAR) -> list[date]:
    return [due.day for due in dues_of(interest, today, until) if kind in (None, due.kind)]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2028, 2, 29), -12, date(2027, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2027, 5, 31), -3, date(2027, 2, 28)),
        (date(2028, 5, 31), -3, date(2028, 2, 29)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 6, 30), 0, date(2026, 6, 30)),
    ],
)
def test_months_are_counted_by_the_calendar(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_months_land_in_the_right_month_and_never_on_a_later_day(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)


def test_a_break_comes_with_the_last_day_for_its_notice() -> None:
    found = dues_of(lease(break_on=date(2027, 8, 31), break_notice_months=6), TODAY, FAR)
    assert [(due.day, due.kind, due.key) for due in found] == [
        (date(2027, 2, 28), DiaryKind.NOTICE, "break-notice"),
        (date(2027, 8, 31), DiaryKind.BREAK, "break"),
    ]
    assert not any(due.is_past for due in found)


def test_a_notice_that_was_missed_is_past_due_while_its_break_is_to_come() -> None:
    notice, the_break = dues_of(lease(break_on=date(2026, 6, 30), break_notice_months=6), TODAY, FAR)
    assert (notice.day, notice.is_past, the_break.is_past) == (date(2025, 12, 30), True, False)
    assert "has passed" in notice.words


def test_a_notice_that_was_given_is_due_no_more() -> None:
    held = lease(break_on=date(2027, 6, 30), break_notice_months=6, notice_given_on=date(2026, 1, 5))
    assert [due.words for due in dues_of(held, TODAY, FAR)] == ["Break of the lease. Notice was given."]


def test_an_unknown_notice_is_said_and_not_taken_for_none() -> None:
    (due,) = dues_of(lease(break_on=date(2027, 6, 30)), TODAY, FAR)
    assert "unknown" in due.words
    assert "unknown" not in dues_of(lease(break_on=date(2027, 6, 30), break_notice_months=0), TODAY, FAR)[0].words


def test_a_break_that_has_passed_stands_alone_without_its_notice() -> None:
    (due,) = dues_of(lease(break_on=date(2025, 6, 30), break_notice_months=6), TODAY, FAR)
    assert (due.kind, due.is_past) == (DiaryKind.BREAK, True)


def test_a_break_that_lapsed_long_ago_asks_for_nothing_unless_notice_was_given() -> None:
    assert days(lease(break_on=date(2025, 3, 14))) == []
    assert days(lease(break_on=date(2025, 3, 15))) == [date(2025, 3, 15)]
    (due,) = dues_of(lease(break_on=date(2015, 6, 30), notice_given_on=date(2015, 1, 1)), TODAY, FAR)
    assert (due.is_past, due.words) == (True, "Break of the lease. Notice was given. Say that the interest ended.")


def test_a_rolling_break_has_its_first_and_last_day() -> None:
    held = lease(break_earliest_on=date(2027, 1, 1), break_last_on=date(2028, 1, 1), break_notice_months=3)
    assert days(held, DiaryKind.BREAK) == [date(2027, 1, 1), date(2028, 1, 1)]
    assert days(held, DiaryKind.NOTICE) == [date(2026, 10, 1), date(2027, 10, 1)]
    running = lease(break_earliest_on=date(2025, 1, 1), break_last_on=date(2028, 1, 1))
    assert days(running, DiaryKind.BREAK) == [date(2028, 1, 1)]
    assert days(lease(break_on=date(2027, 5, 1), break_earliest_on=date(2027, 1, 1))) == [date(2027, 5, 1)]


def test_reviews_recur_across_year_ends_and_stop_before_the_lease_does() -> None:
    held = lease(review_on=date(2026, 12, 31), review_every_months=18, lease_end_on=date(2032, 12, 31))
    reviews = [date(2026, 12, 31), date(2028, 6, 30), date(2029, 12, 31), date(2031, 6, 30)]
    assert days(held, DiaryKind.REVIEW) == reviews
    assert days(held, DiaryKind.EXPIRY) == [date(2032, 12, 31)]


def test_reviews_are_counted_from_the_first_day_not_from_the_shortened_one() -> None:
    held = lease(review_on=date(2026, 3, 31), review_every_months=1)
    found = days(held, DiaryKind.REVIEW, until=date(2026, 7, 31))
    assert found == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)]


def test_a_leap_day_review_comes_back_on_leap_days() -> None:
    held = lease(review_on=date(2024, 2, 29), review_every_months=12)
    found = days(held, DiaryKind.REVIEW, today=date(2024, 1, 1), until=date(2028, 3, 1))
    assert found == [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]


def test_of_reviews_that_have_passed_the_latest_is_open() -> None:
    held = lease(review_on=date(2010, 3, 25), review_every_months=60)
    found = dues_of(held, TODAY, date(2031, 1, 1))
    assert [(due.day, due.is_past, due.key) for due in found] == [
        (date(2025, 3, 25), True, "review-3"),
        (date(2030, 3, 25), False, "review-4"),
    ]


def test_a_review_without_a_frequency_comes_once() -> None:
    assert days(lease(review_on=date(2027, 3, 25))) == [date(2027, 3, 25)]
    assert days(lease(review_every_months=60)) == []


def test_on_its_day_a_date_is_not_past() -> None:
    (due,) = dues_of(lease(lease_end_on=TODAY), TODAY, FAR)
    assert not due.is_past
    (due,) = dues_of(lease(lease_end_on=TODAY - timedelta(days=1)), TODAY, FAR)
    assert due.is_past


def test_an_interest_that_ended_asks_for_nothing() -> None:
    held = lease(lease_end_on=date(2027, 1, 1), ended_on=date(2026, 1, 1), ended_reason="Surrendered")
    assert dues_of(held, TODAY, FAR) == []
