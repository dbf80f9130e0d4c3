"""What was done to an account or an agency, in words."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import history
from estate.people.agencies import list_kinds
from estate.people.models import User
from estate.register.details import Happening
from estate.web.histories import Story, tell
from estate.web.names import names_of_codes


def account_stories(session: Session, subject_type: str, subject_id: int) -> list[Story]:
    """The events of a user account or an agency, the newest first."""
    events = history(session, subject_type, subject_id)
    ids = {event.actor_id for event in events if event.actor_id}
    query = select(User.id, User.name).where(User.id.in_(ids))
    actors: dict[int, str] = {row[0]: row[1] for row in session.execute(query)}
    codes = names_of_codes(session)
    kinds = {kind.code: kind.name for kind in list_kinds(session)}
    names = {**codes, "parent_id": codes["agency_id"], "kind_code": kinds}
    return [tell(Happening(event, actors.get(event.actor_id or 0)), names) for event in events]
