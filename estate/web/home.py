"""The home page."""

from flask import Blueprint, render_template

from estate.people.permissions import Permission
from estate.register.details import latest_changes
from estate.register.filters import BuildingFilters
from estate.register.summary import register_summary
from estate.web.access import requires, signed_in_identity
from estate.web.database import current_session
from estate.web.histories import tell
from estate.web.names import names_of_codes
from estate.web.programmes import current_scope
from estate.web.tasks import open_tasks

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@requires(Permission.READ_REGISTER)
def index() -> str:
    """What the register holds, what to do next, and what changed last."""
    session = current_session()
    names, scope = names_of_codes(session), current_scope()
    return render_template(
        "home/index.html",
        summary=register_summary(session, BuildingFilters(scope=scope)),
        tasks=open_tasks(session, signed_in_identity()),
        changes=[(tell(happening, names), building) for happening, building in latest_changes(session, scope)],
    )
