"""What an address of the OGC API asks for. Whatever it does not know, or can't read, is an error of the asker."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from typing import Any

from werkzeug.datastructures import MultiDict

from estate.errors import InvalidInput
from estate.gis.boxes import Box, boxes_between
from estate.register.features import FeatureQuestion, Period
from estate.register.filters import BuildingFilters
from estate.register.models import BuildingKind, BuildingStatus, Tenure

DEFAULT_LIMIT, MOST = 100, 1000
LONGEST_VALUE = 200
LARGEST_ID = 2**63 - 1
COMMON = ("f", "programme")
PAGING = ("limit", "bbox", "datetime", "after")
NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?")
OPEN = ("", "..")


class BadParameter(InvalidInput):
    """A parameter of this address can't be read. The API definition says which there are, and what they take."""


def check_known(arguments: "MultiDict[str, str]", known: Collection[str], formats: Collection[str] = ("json",)) -> None:
    """Raise `BadParameter` for a parameter that is not in `known`, comes twice, or is too long to be meant."""
    for name, values in arguments.lists():
        if name not in known:
            raise BadParameter(f"There is no parameter “{name[:40]}” here. There are: {', '.join(sorted(known))}.")
        if len(values) > 1:
            raise BadParameter(f"Give the parameter {name} once.")
        if len(values[0]) > LONGEST_VALUE or not values[0].isprintable():
            raise BadParameter(f"The parameter {name} takes at most {LONGEST_VALUE} printable characters.")
    if arguments.get("f", "json") not in formats:
        raise BadParameter(f"The parameter f is one of: {', '.join(formats)}.")


def question_of(
    arguments: Mapping[str, str], filters: BuildingFilters, filter_names: Collection[str], value_names: Collection[str]
) -> FeatureQuestion:
    """The features that the address asks for; `filters` say what the reader is shown.

    `filter_names` are those of `FILTERS` that the collection has, `value_names` its properties that can be asked for.
    """
    chosen = {name: arguments[name].strip() for name in filter_names if arguments.get(name, "").strip()}
    return FeatureQuestion(
        filters=replace(filters, **{FILTERS[name][0]: _filter(name, text) for name, text in chosen.items()}),
        boxes=_boxes(arguments["bbox"]) if "bbox" in arguments else None,
        period=_period(arguments["datetime"]) if "datetime" in arguments else None,
        values={name: arguments[name] for name in value_names if name in arguments},
        after=_whole("after", arguments["after"], 0) if "after" in arguments else 0,
        limit=min(MOST, _whole("limit", arguments["limit"], 1)) if "limit" in arguments else DEFAULT_LIMIT,
    )


FILTERS: dict[str, tuple[str, Any]] = {
    "text": ("text", str),
    "status": ("status", BuildingStatus),
    "kind": ("kind", BuildingKind),
    "tenure": ("tenure", Tenure),
    "area": ("area_id", int),
    "class": ("class_code", str),
}
"""Parameters that are filters of the list: the field of `BuildingFilters`, and what they hold."""


def choices_of(name: str) -> list[str]:
    """The values that a filter takes; empty where it takes any."""
    kind = FILTERS[name][1]
    return [member.value for member in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []


def _filter(name: str, text: str) -> Any:
    kind = FILTERS[name][1]
    if kind is int:
        return _whole(name, text, 1)
    try:
        return kind(text)
    except ValueError:
        raise BadParameter(f"The parameter {name} is one of: {', '.join(choices_of(name))}.") from None


def _whole(name: str, text: str, lowest: int) -> int:
    number = int(text) if re.fullmatch(r"[0-9]{1,19}", text) else -1
    if not lowest <= number <= LARGEST_ID:
        raise BadParameter(f"The parameter {name} is a whole number of at least {lowest}.")
    return number


def _boxes(text: str) -> tuple[Box, ...]:
    """The boxes of `bbox`: longitude and latitude of two corners, of each a height as well or not."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (4, 6) or not all(NUMBER.fullmatch(part) for part in parts):
        raise BadParameter("The parameter bbox is four numbers, or six with heights: west,south,east,north in degrees.")
    numbers = [max(-1e9, min(1e9, float(part))) for part in parts]
    (west, south), (east, north) = numbers[:2], numbers[len(parts) // 2 :][:2]
    if south > north:
        raise BadParameter("In the parameter bbox the south must not be north of the north.")
    return boxes_between(west, south, east, north)


def _period(text: str) -> Period:
    """The period of `datetime`: a moment or a day, or from one to another with `..` for an open end."""
    first, slash, last = text.partition("/")
    if not slash:
        return Period(_moment(first, is_end=False), _moment(first, is_end=True))
    found = Period(
        None if first in OPEN else _moment(first, is_end=False), None if last in OPEN else _moment(last, is_end=True)
    )
    if found.since and found.until and found.since > found.until:
        raise BadParameter("In the parameter datetime the beginning must not come after the end.")
    return found


def _moment(text: str, *, is_end: bool) -> datetime:
    """A moment of RFC 3339; of a day alone its first or last."""
    plain = text.strip().upper()
    is_day = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", plain)
    if not is_day and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{1,9})?(Z|[+-][0-9:]{5})", plain):
        raise _unread_moment()
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        raise _unread_moment() from None
    if not 1000 <= found.year <= 9000:
        raise _unread_moment()
    if not is_day:
        return found
    day = datetime.combine(found, time(), UTC)
    return day + timedelta(days=1) - timedelta(microseconds=1) if is_end else day


def _unread_moment() -> BadParameter:
    return BadParameter(
        "The parameter datetime is a moment such as 2026-03-31T12:00:00Z, a day such as 2026-03-31, or two of them "
        "with a slash between, .. for an open end."
    )
