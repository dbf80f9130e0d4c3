"""Maps to take away: a sheet of paper as PDF or PNG, and a file for e-mail that stands alone."""

from flask import Blueprint, Response, request

from estate.errors import InvalidInput
from estate.gis.paper import SHEETS, Sheet
from estate.people.permissions import Permission
from estate.web.access import requires
from estate.web.as_at import dated_name, shows_past
from estate.web.database import current_session
from estate.web.map_alone import alone_document
from estate.web.map_scenes import told
from estate.web.map_sheets import sheet_bytes
from estate.web.maps_forms import question_from
from estate.web.names import filter_choices

blueprint = Blueprint("map_paper", __name__)

SHOWS = ("areas", "buildings")


class UnknownSheet(InvalidInput):
    """There is no such sheet. Go back to the map and choose a size of paper there."""


@blueprint.get("/maps/sheet.pdf")
@requires(Permission.READ_MAP)
@shows_past
def pdf() -> Response:
    """The view on a sheet, to print."""
    return _sheet("pdf", "application/pdf")


@blueprint.get("/maps/sheet.png")
@requires(Permission.READ_MAP)
@shows_past
def png() -> Response:
    """The same sheet as a picture."""
    return _sheet("png", "image/png")


@blueprint.get("/maps/alone.html")
@requires(Permission.READ_MAP)
@shows_past
def alone() -> Response:
    """The view as a file for people without this system."""
    shows = _shows()
    return _file(alone_document(shows).encode(), "text/html", f"{shows}-map", "html")


def _sheet(form: str, mimetype: str) -> Response:
    shows, sheet = _shows(), _chosen_sheet()
    question = question_from(current_session(), request.args)
    content = sheet_bytes(question, filter_choices(current_session()), told(question, shows), sheet, form)
    return _file(content, mimetype, f"{shows}-map-{sheet.size.lower()}", form)


def _shows() -> str:
    chosen = request.args.get("shows", SHOWS[0])
    if chosen not in SHOWS:
        raise UnknownSheet(fields={"shows": "is neither areas nor buildings"})
    return chosen


def _chosen_sheet() -> Sheet:
    code = request.args.get("sheet") or next(iter(SHEETS))
    if code not in SHEETS:
        raise UnknownSheet(fields={"sheet": "is not a size of paper"})
    return SHEETS[code]


def _file(content: bytes, mimetype: str, name: str, suffix: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename={dated_name(name, suffix)}"
    return answer
