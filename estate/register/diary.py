"""The days on which a lease asks for something: breaks, the notice they need, rent reviews, the end. Pure.

A month before 31 May is 30 April: where a month lacks the day, its last day counts.
"""

import enum
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from estate.register.models import Interest

MONTHS = 12
LAPSED_MONTHS = 12
"""How long a break that was not used is shown as past due."""


class DiaryKind(enum.Enum):
    """What is due."""

    NOTICE = "notice"
    """The last day on which notice of a break can be given."""
    BREAK = "break"
    REVIEW = "review"
    EXPIRY = "expiry"


@dataclass(frozen=True)
class Due:
    """One day of one lease."""

    day: date
    kind: DiaryKind
    key: str
    """Names this day within its lease for good, also where the day itself moves: `break`, `review-3`."""
    words: str
    """What there is to do, as a sentence."""
    is_past: bool


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or earlier for a negative number; the month's last day where it lacks it."""
    count = day.year * MONTHS + day.month - 1 + months
    year, month = divmod(count, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def dues_of(interest: Interest, today: date, until: date) -> list[Due]:
    """What is due of one interest up to `until`, the earliest first; what is past and still open comes with it.

    Past is what lies before `today` while nobody has said that the interest ended, or set the next date. Nothing of an
    interest that ended.
    """
    if interest.ended_on is not None:
        return []
    found = [*_breaks(interest, today), *_reviews(interest, today, until), *_expiry(interest, today)]
    return sorted((due for due in found if due.day <= until), key=lambda due: (due.day, due.kind.value, due.key))


def _breaks(interest: Interest, today: date) -> Iterator[Due]:
    """The fixed break; without one, the first and the last day of a rolling break. Each with its notice."""
    if interest.break_on is not None:
        yield from _break(interest, interest.break_on, "break", "Break of the lease", today)
        return
    if interest.break_earliest_on is not None and (interest.break_last_on is None or today <= interest.break_last_on):
        yield from _break(interest, interest.break_earliest_on, "break-earliest", "First day of a rolling break", today)
    if interest.break_last_on is not None and interest.break_last_on != interest.break_earliest_on:
        yield from _break(interest, interest.break_last_on, "break-last", "Last day of a rolling break", today)


def _break(interest: Interest, day: date, key: str, title: str, today: date) -> Iterator[Due]:
    months, given = interest.break_notice_months, interest.notice_given_on
    is_past = day < today
    if is_past and (key == "break-earliest" or (given is None and day < add_months(today, -LAPSED_MONTHS))):
        # A rolling break that can be used already was not missed; one that lapsed long ago asks for nothing.
        return
    if given is not None:
        rest = "Notice was given. Say that the interest ended." if is_past else "Notice was given."
    elif is_past:
        rest = "It has passed and no notice is on record. Enter the next break, if there is one."
    elif months is None:
        rest = "How much notice it needs is unknown."
    else:
        rest = "No notice is on record yet."
    yield Due(day, DiaryKind.BREAK, key, f"{title}. {rest}", is_past)
    if months and given is None and not is_past:
        deadline = add_months(day, -months)
        yield Due(
            deadline, DiaryKind.NOTICE, f"{key}-notice", _notice_words(months, deadline < today), deadline < today
        )


def _notice_words(months: int, is_past: bool) -> str:
    notice = f"{months} month{'' if months == 1 else 's'} of notice"
    if is_past:
        return f"The last day for {notice} has passed, and none is on record. Ask the landlord, or enter the notice."
    return f"Last day to give {notice} of the break."


def _reviews(interest: Interest, today: date, until: date) -> Iterator[Due]:
    """The review on record and those after it. Of several that have passed, the latest alone."""
    first, months, end = interest.review_on, interest.review_every_months, interest.lease_end_on
    if first is None:
        return
    last = min(until, end) if end is not None else until
    start = _latest_before(first, months, min(today, last)) if months else 0
    for number in range(start, start + 1 if months is None else 10_000):
        day = add_months(first, number * (months or 0))
        if day > last or (number and end is not None and day >= end):
            return
        words = "Rent review. It has passed: settle it, then set the next date." if day < today else "Rent review."
        yield Due(day, DiaryKind.REVIEW, f"review-{number}", words, day < today)


def _latest_before(first: date, months: int, today: date) -> int:
    """How many reviews after `first` the latest one before `today` is; 0 where `first` itself is still to come."""
    passed = (today.year - first.year) * MONTHS + today.month - first.month
    number = max(0, passed // months)
    while number and add_months(first, number * months) >= today:
        number -= 1
    return number


def _expiry(interest: Interest, today: date) -> Iterator[Due]:
    day = interest.lease_end_on
    if day is not None:
        is_past = day < today
        rest = " It has passed: renew it, or say that the interest ended." if is_past else ""
        yield Due(day, DiaryKind.EXPIRY, "expiry", f"The lease ends.{rest}", is_past)
