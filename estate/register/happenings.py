"""The events of one building, filtered and page by page."""

import enum
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.people.models import User
from estate.register.details import Happening
from estate.register.models import Building

PAGE_SIZE = 50
SYSTEM = 0
"""Stands for the system itself where a person's id is asked for."""


class Kind(enum.Enum):
    """What an event is about."""

    FACTS = "facts"
    INTERESTS = "interests"
    TEAMS = "teams"
    COSTS = "costs"
    COUNTS = "counts"
    FILES = "files"


@dataclass(frozen=True)
class EventFilters:
    """All conditions hold at once; None leaves one out."""

    kind: Kind | None = None
    actor_id: int | None = None
    """`SYSTEM` for what nobody did by hand."""
    since: datetime | None = None
    until: datetime | None = None
    """The last moment that counts."""


@dataclass(frozen=True)
class HappeningPage:
    """One page of a building's history, newest first, and how many there are in all."""

    rows: list[Happening]
    count: int
    page: int
    page_count: int


def list_happenings(session: Session, building: Building, filters: EventFilters, *, page: int = 1) -> HappeningPage:
    """One page of what happened to `building`; a page beyond the last gives the last."""
    wanted = [*_of_building(building), *_conditions(filters)]
    count = session.scalar(select(func.count()).select_from(Event).where(*wanted)) or 0
    page_count = max(1, -(-count // PAGE_SIZE))
    page = min(max(page, 1), page_count)
    query = (
        select(Event, User.name)
        .outerjoin(User, User.id == Event.actor_id)
        .where(*wanted)
        .order_by(Event.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return HappeningPage([Happening(event, name) for event, name in session.execute(query)], count, page, page_count)


def list_actors(session: Session, building: Building) -> list[tuple[int, str | None]]:
    """Who changed `building`, by name: id and name; `SYSTEM` and None for the system, last."""
    query = (
        select(Event.actor_id, User.name)
        .outerjoin(User, User.id == Event.actor_id)
        .where(*_of_building(building))
        .distinct()
        .order_by(User.name.nulls_last())
    )
    return [(actor_id or SYSTEM, name) for actor_id, name in session.execute(query)]


def _of_building(building: Building) -> list[ColumnElement[bool]]:
    return [Event.subject_type == "building", Event.subject_id == building.id]


def _conditions(filters: EventFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.kind is not None:
        found.append(_is_about(filters.kind))
    if filters.actor_id is not None:
        found.append(Event.actor_id.is_(None) if filters.actor_id == SYSTEM else Event.actor_id == filters.actor_id)
    if filters.since is not None:
        found.append(Event.at >= filters.since)
    if filters.until is not None:
        found.append(Event.at <= filters.until)
    return found


def _is_about(kind: Kind) -> ColumnElement[bool]:
    by_file = Event.group_id.regexp_match("^(import|undo):[0-9]")
    if kind is Kind.FILES:
        return by_file
    ends = {
        Kind.FACTS: "building",
        Kind.INTERESTS: "interest",
        Kind.TEAMS: "occupation",
        Kind.COSTS: "cost",
        Kind.COUNTS: "count",
    }
    about = Event.action.endswith(f"_{ends[kind]}", autoescape=True)
    if kind is Kind.COSTS:
        about = or_(about, Event.action.endswith("_plan", autoescape=True))
    return about & func.coalesce(~by_file, True)
