"""Agencies that stepped back from the programme, or will, and what of the others' work their data touch."""

from flask import Blueprint, render_template
from sqlalchemy.orm import Session

from estate.board.stepping_back import Consequences, consequences_of
from estate.people.permissions import Permission
from estate.people.programme_members import list_stays
from estate.people.programme_models import Programme, ProgrammeMember
from estate.people.programmes import list_partners, today_of
from estate.web.access import requires
from estate.web.database import current_session
from estate.web.programmes import needed_programme

blueprint = Blueprint("departures", __name__)


@blueprint.get("/departures")
@requires(Permission.READ_PROPOSAL)
def index() -> str:
    """Who steps back, and which proposals and decisions rest on their data."""
    session, programme = current_session(), needed_programme()
    found = _departures(session, programme)
    return render_template("proposals/departures.html", found=found, today=today_of(session), shown=programme)


def _departures(session: Session, programme: Programme) -> list[tuple[ProgrammeMember, Consequences]]:
    """The last stay of each agency that does not take part or will not, the latest day first."""
    today, newest = today_of(session), {}
    partners = {agency.id for agency in list_partners(session, programme.id)}
    for stay in list_stays(session, programme):
        is_over = stay.left_on is not None and (stay.left_on > today or stay.agency_id not in partners)
        if is_over and stay.agency_id not in newest:
            newest[stay.agency_id] = stay
    latest = sorted(newest.values(), key=lambda stay: stay.left_on or today, reverse=True)
    return [(stay, consequences_of(session, stay, stay.left_on or today)) for stay in latest]
