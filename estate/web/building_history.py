"""The whole history of one building: who changed what, when, why and from which file."""

from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, render_template, request

from estate.people.permissions import Permission
from estate.register.happenings import SYSTEM, EventFilters, Kind, list_actors, list_happenings
from estate.web.access import requires
from estate.web.as_at import end_of, shows_past
from estate.web.building_filters import UnknownFilter
from estate.web.database import current_session
from estate.web.filters import LOCAL_TIME
from estate.web.histories import tell
from estate.web.names import names_of_codes
from estate.web.programmes import get_seen_building

blueprint = Blueprint("building_history", __name__)

KINDS = {
    Kind.FACTS: "Facts of the building",
    Kind.INTERESTS: "Interests",
    Kind.TEAMS: "Teams",
    Kind.COSTS: "Running costs",
    Kind.COUNTS: "Counts of people",
    Kind.FILES: "Imported files",
}


@blueprint.get("/buildings/<int:building_id>/history")
@requires(Permission.READ_REGISTER)
@shows_past
def show(building_id: int) -> str:
    """The building's events, filtered, page by page."""
    session = current_session()
    building = get_seen_building(building_id)
    filters, arguments = _filters()
    found = list_happenings(session, building, filters, page=request.args.get("page", 1, type=int))
    names = names_of_codes(session)
    return render_template(
        "buildings/whole_history.html",
        building=building,
        found=found,
        stories=[tell(happening, names) for happening in found.rows],
        arguments={**arguments, "building_id": building_id},
        chosen=arguments,
        kinds=[(kind.value, text) for kind, text in KINDS.items()],
        actors=[(str(actor_id), name or "The system") for actor_id, name in list_actors(session, building)],
    )


def _filters() -> tuple[EventFilters, dict[str, Any]]:
    """The filters in the address, and the same as its arguments. Raises `UnknownFilter` for what is none."""
    texts = {name: request.args.get(name, "").strip() for name in ("what", "who", "since", "until")}
    try:
        since = date.fromisoformat(texts["since"]) if texts["since"] else None
        until = date.fromisoformat(texts["until"]) if texts["until"] else None
        filters = EventFilters(
            kind=Kind(texts["what"]) if texts["what"] else None,
            actor_id=_actor(texts["who"]) if texts["who"] else None,
            since=datetime.combine(since, time(), LOCAL_TIME) if since else None,
            until=end_of(until) if until else None,
        )
    except (ValueError, OverflowError) as error:
        raise UnknownFilter from error
    return filters, {name: text for name, text in texts.items() if text}


def _actor(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not SYSTEM <= number < 2**31:
        raise ValueError(text)
    return number
