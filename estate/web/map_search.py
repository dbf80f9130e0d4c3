"""Finding a place on the map, and asking what lies near it: two small forms that lead to a view of the map."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, redirect, render_template, request, url_for
from geoalchemy2.shape import to_shape
from werkzeug.wrappers import Response as Redirect

from estate.errors import InvalidInput
from estate.people.permissions import Permission
from estate.register.models import Building
from estate.register.places import MOST_SHOWN, areas_named, buildings_named
from estate.register.regions import Point, find_point, metres_from
from estate.web.access import requires
from estate.web.as_at import shows_past
from estate.web.database import current_session
from estate.web.page import with_arguments
from estate.web.programmes import current_programme_id, current_scope

blueprint = Blueprint("map_search", __name__)

USUAL_METRES = "800"
LONGEST = 200
CLOSE_ZOOM = 17
KEPT = ("measure", "level", "year", "agency", "use", "tenure", "class", "points", "prices", "scheme", "classes")
"""What a view keeps when it is narrowed to what is near a place; not its area, which may lie elsewhere."""


@dataclass(frozen=True)
class Found:
    """One place that fits: `note` tells it from others, `address` opens it, `record` is a building's page."""

    name: str
    note: str
    address: str
    record: str = ""


@dataclass(frozen=True)
class Asked:
    """A search. `metres` None: for the place itself, else for what lies near it, as the address has it."""

    text: str
    metres: str | None
    shows: str
    kept: dict[str, str] = field(default_factory=dict)

    @property
    def is_near(self) -> bool:
        """True for what lies near a place."""
        return self.metres is not None


@dataclass(frozen=True)
class Answer:
    """What was found, in the order of the page; `problem` says in a sentence why nothing was."""

    places: list[Found]
    building_count: int = 0
    problem: str = ""


@blueprint.get("/maps/find")
@requires(Permission.READ_MAP)
@shows_past
def show() -> str | tuple[str, int] | Redirect:
    """The places that fit; at once the view of the only one."""
    asked = asked_from(request.args)
    try:
        answer = _answer(asked)
    except InvalidInput as error:
        answer = Answer([], problem=error.message)
    if len(answer.places) == 1:
        return redirect(answer.places[0].address)
    page = render_template("maps/find.html", asked=asked, answer=answer, most_shown=MOST_SHOWN)
    return (page, 422) if answer.problem else page


def asked_from(arguments: Mapping[str, str]) -> Asked:
    """The search in a query string."""
    return Asked(
        text=" ".join(arguments.get("place", "").split())[:LONGEST],
        metres=arguments.get("metres"),
        shows="areas" if arguments.get("shows") == "areas" else "buildings",
        kept={name: arguments[name] for name in KEPT if arguments.get(name)},
    )


def _answer(asked: Asked) -> Answer:
    metres = metres_from(asked.metres or USUAL_METRES)
    if not asked.text:
        return Answer([], problem="Say which place: a postcode, the name of a building, or of an area.")
    session, scope = current_session(), current_scope()
    point = find_point(session, asked.text, scope)
    if point is not None:
        return Answer([_point(asked, metres, point)])
    areas = [] if asked.is_near else areas_named(session, asked.text, current_programme_id())
    rows, count = buildings_named(session, asked.text, scope)
    places = [Found(area.name, area.level.name, url_for("maps.index", area=area.id)) for area in areas]
    places += [_building(asked, metres, row.building) for row in rows]
    if places:
        return Answer(places, count)
    what = "postcode or building" if asked.is_near else "area, postcode or building"
    return Answer([], problem=f"No {what} fits “{asked.text}”. Check the spelling, or give fewer words.")


def _point(asked: Asked, metres: int, point: Point) -> Found:
    address = _near(asked, metres, point.written) if asked.is_near else _close(asked, point.longitude, point.latitude)
    return Found(point.name, "Place", address)


def _building(asked: Asked, metres: int, building: Building) -> Found:
    """A building without a position is on no map: its record is opened."""
    note = ", ".join(part for part in (building.agency.name, building.post_town, building.postcode) if part)
    record = url_for("buildings.show", building_id=building.id)
    if building.location is None:
        return Found(building.name, f"{note}; no position, so on no map", record)
    if asked.is_near:
        return Found(building.name, note, _near(asked, metres, f"building {building.id}"), record)
    place = to_shape(building.location)
    return Found(building.name, note, _close(asked, place.x, place.y), record)


def _near(asked: Asked, metres: int, written: str) -> str:
    endpoint = "maps.index" if asked.shows == "areas" else "maps.buildings"
    return with_arguments(endpoint, asked.kept, within=f"{metres} of {written}")


def _close(asked: Asked, longitude: float, latitude: float) -> str:
    """The map of all buildings, close to a place; see `static/js/map_view.js`."""
    kept = {name: value for name, value in asked.kept.items() if name in ("points", "class")}
    return f"{with_arguments('maps.buildings', kept)}#map={CLOSE_ZOOM}/{latitude:.5f}/{longitude:.5f}"
