"""What was done to an account or an agency, in words."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import history
from estate.people.agencies import list_kinds
from estate.people.models import User
from estate.register.details import Happening
from estate.web.filters import UNKNOWN, day
from estate.web.histories import Change, Story, tell
from estate.web.names import names_of_codes

SAID = ("deactivate", "reactivate")


def account_stories(session: Session, subject_type: str, subject_id: int) -> list[Story]:
    """The events of a user account or an agency, the newest first."""
    events = history(session, subject_type, subject_id)
    ids = {event.actor_id for event in events if event.actor_id}
    query = select(User.id, User.name).where(User.id.in_(ids))
    actors: dict[int, str] = {row[0]: row[1] for row in session.execute(query)}
    codes = names_of_codes(session)
    kinds = {kind.code: kind.name for kind in list_kinds(session)}
    names = {**codes, "parent_id": codes["agency_id"], "kind_code": kinds}
    told = [tell(Happening(event, actors.get(event.actor_id or 0)), names) for event in events]
    return [replace(story, changes=_plain_changes(story)) for story in told]


def _plain_changes(story: Story) -> list[Change]:
    """The changes that the title does not say already."""
    action = story.event.action
    return [] if action in SAID else [_plain(change, action) for change in story.changes]


def _plain(change: Change, action: str) -> Change:
    """The change without "unknown": a role given or ended has no other side, and a date taken out is none."""
    if action == "end role":
        return replace(change, after=change.before, is_new=True)
    before, after = _worded(change.before), _worded(change.after)
    return replace(change, before=before, after=after, is_new=change.before == UNKNOWN)


def _worded(value: Any) -> Any:
    if value == UNKNOWN:
        return "none"
    try:
        return day(date.fromisoformat(value))
    except (TypeError, ValueError):
        return value
