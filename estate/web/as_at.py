"""Pages of the past: a page marked `@shows_past` takes a day in its address (`as_at=2026-03-03`) and links keep it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, request, url_for

from estate.errors import InvalidInput
from estate.register.as_at import look_back
from estate.web.database import current_session
from estate.web.filters import LOCAL_TIME, day

View = TypeVar("View", bound=Callable[..., Any])
PARAMETER = "as_at"
FIRST_DAY = date(1900, 1, 1)


class NoSuchDay(InvalidInput):
    """The register can be shown as it was on any day up to today. Go back and choose one."""


def shows_past(view: View) -> View:
    """Let the view show the register as it was at the end of the day that the address names; by default as it is."""

    @wraps(view)
    def look(*arguments: Any, **named: Any) -> Any:
        g.as_at = chosen = _day_from(request.args.get(PARAMETER, "").strip())
        if chosen is not None:
            look_back(current_session(), end_of(chosen))
        return view(*arguments, **named)

    look.shows_past = True  # type: ignore[attr-defined]
    return look  # type: ignore[return-value]


def end_of(chosen: date) -> datetime:
    """The last moment of the day, in local time."""
    return datetime.combine(chosen + timedelta(days=1), time(), LOCAL_TIME) - timedelta(microseconds=1)


def today() -> date:
    """Today, in local time."""
    return datetime.now(LOCAL_TIME).date()


def as_at() -> date | None:
    """The day that this page shows; None: the register as it is now."""
    chosen: date | None = g.get("as_at")
    return chosen


def as_it_was(between: str = "") -> str:
    """`as it was on 3 March 2026` with `between` before it; empty where the page shows today."""
    chosen = as_at()
    return f"{between}as it was on {day(chosen)}" if chosen else ""


def dated_name(name: str, suffix: str) -> str:
    """A file's name, which says the day where it is not today: `buildings-as-at-2026-03-03.csv`."""
    chosen = as_at()
    return f"{name}-as-at-{chosen.isoformat()}.{suffix}" if chosen else f"{name}.{suffix}"


def address_of_today() -> str:
    """This very page, as the register is now."""
    arguments = {**request.args.to_dict(), **(request.view_args or {}), PARAMETER: None}
    return url_for(request.endpoint or "home.index", **arguments)


def init_as_at(app: Flask) -> None:
    """Carry the day along in every link to a page that can show it, and let templates ask for it."""
    app.url_defaults(_keep_day)
    app.jinja_env.globals.update(
        as_at=as_at, as_it_was=as_it_was, address_of_today=address_of_today, today=today, first_day=FIRST_DAY
    )


def _keep_day(endpoint: str, values: dict[str, Any]) -> None:
    chosen = as_at()
    if chosen and getattr(current_app.view_functions.get(endpoint), "shows_past", False):
        values.setdefault(PARAMETER, chosen.isoformat())


def _day_from(text: str) -> date | None:
    if not text:
        return None
    try:
        chosen = date.fromisoformat(text)
    except ValueError as error:
        raise NoSuchDay(fields={PARAMETER: f"has no day “{text[:40]}”"}) from error
    if not FIRST_DAY <= chosen <= today():
        raise NoSuchDay(fields={PARAMETER: "must be a day up to today"})
    return None if chosen == today() else chosen
