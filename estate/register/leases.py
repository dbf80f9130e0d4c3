"""Leases that end or have ended, by the dates on record: the same rule in Python for a page, in SQL for a filter."""

import enum
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, cast, exists, func, or_, select, text

from estate.register.as_at import day_of_reading
from estate.register.models import Building, BuildingListed, Interest


class LeaseState(enum.Enum):
    """What the dates of an interest that is still held say today."""

    ENDED = "ended"
    """The lease is past its end, yet nobody has told that the interest ended or was renewed."""
    ENDING = "ending"
    """The next break or end that is still to come lies within a year."""


def lease_state(interest: Interest, today: date) -> LeaseState | None:
    """The state of one interest; None where nothing presses, or the interest has ended."""
    if interest.ended_on is not None:
        return None
    if interest.lease_end_on is not None and interest.lease_end_on < today:
        return LeaseState.ENDED
    to_come = [day for day in (interest.break_on, interest.lease_end_on) if day is not None and day >= today]
    return LeaseState.ENDING if to_come and min(to_come) <= _in_a_year(today) else None


def has_lease(state: LeaseState) -> ColumnElement[bool]:
    """The buildings with an interest in this state, as a condition on `Building`."""
    until = day_of_reading() + text("interval '1 year'")
    has_ended = func.coalesce(Interest.lease_end_on < day_of_reading(), False)
    # The next of two dates lies within the year exactly where one of them does.
    comes_soon = or_(*(day.between(day_of_reading(), until) for day in (Interest.break_on, Interest.lease_end_on)))
    wanted = has_ended if state is LeaseState.ENDED else and_(~has_ended, comes_soon)
    return exists().where(Interest.building_id == Building.id, Interest.ended_on.is_(None), wanted)


def has_listed_lease(state: LeaseState) -> ColumnElement[bool]:
    """The same of buildings in the list, by the dates that it keeps.

    A lease that ends within the year has not ended, and neither has one whose break is still to come: so the dates of
    all leases together tell what each would.
    """
    day, dates = day_of_reading(), BuildingListed.lease_dates
    if state is LeaseState.ENDED:
        # Said of the first date as well, for that is what the list's index holds.
        return and_(dates[1] < day, BuildingListed.lease_end_first < day)
    until = cast(day + text("interval '1 year'"), Date)
    # Worked out once, not once a building. The dates are in order, and rarely more than two.
    year: Any = [select(limit).scalar_subquery() for limit in (day, until)]
    later = func.cardinality(dates) > 2, exists().where(_day_of(dates).c.day.between(*year))
    return and_(dates[1] <= until, or_(*(dates[at].between(*year) for at in (1, 2)), and_(*later)))


def _day_of(dates: Any) -> Any:
    return func.unnest(dates).table_valued("day").render_derived(name="lease_day")


def _in_a_year(day: date) -> date:
    """The same day next year; 28 February for a leap day, as the database counts."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if is_leap_day else day.day)
