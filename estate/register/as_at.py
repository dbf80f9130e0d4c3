"""The register as it was at a moment: the same queries, against the views of schema `as_at` (ADR 10).

`look_back` turns the rest of the session's transaction into a reading of the past: every table of the register that is
named without a schema is then its view, so no query has a second form. Reference rows, names of agencies and the
outlines of areas are today's.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Date, cast, func, select, text
from sqlalchemy.orm import Session

from estate.errors import InvalidInput
from estate.register.models import Building
from estate.register.seen import turn_to

SETTING = "estate.as_at"
_SET = text("SELECT set_config(:setting, :moment, true)")


class NotYet(InvalidInput):
    """Nobody knows yet what the register will say on that day. Choose a day in the past."""


def look_back(session: Session, moment: datetime) -> None:
    """Read the register as it was at `moment` (with a time zone), until the transaction ends.

    Nothing can be written to the register meanwhile. What `session` has loaded before is forgotten.
    """
    if moment.tzinfo is None:
        raise ValueError("The moment has no time zone.")
    if moment > session.execute(select(func.clock_timestamp())).scalar_one():
        raise NotYet
    session.expire_all()
    session.execute(_SET, {"setting": SETTING, "moment": moment.isoformat()})
    turn_to(session, is_past=True)


def look_at_today(session: Session) -> None:
    """End `look_back` before the transaction does."""
    session.expire_all()
    session.execute(_SET, {"setting": SETTING, "moment": ""})
    turn_to(session, is_past=False)


def is_past(session: Session) -> bool:
    """True while `look_back` holds."""
    return bool(session.scalar(select(func.current_setting(SETTING, True))))


def day_of_reading() -> ColumnElement[date]:
    """The day that a query speaks of, as SQL: today, or that of `look_back`."""
    moment = func.nullif(func.current_setting(SETTING, True), "")
    return func.coalesce(cast(cast(moment, Building.recorded_at.type), Date), func.current_date())


def begin_change_set(session: Session, name: str) -> None:
    """Let every version that is written from here on say that it belongs to `name`, such as `import:12`.

    Until `end_change_set`, or until the transaction ends.
    """
    session.flush()
    session.execute(text("SELECT set_config('estate.change_set', :name, true)"), {"name": name})


def end_change_set(session: Session) -> None:
    """Let what follows belong to nothing: a person's own changes."""
    begin_change_set(session, "")
