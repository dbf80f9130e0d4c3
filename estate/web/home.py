"""The home page."""

from flask import Blueprint, render_template

from estate.people.permissions import Permission
from estate.web.access import requires

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@requires(Permission.READ_REGISTER)
def index() -> str:
    """What the register holds, what to do next, and what changed last."""
    return render_template("home/index.html")
