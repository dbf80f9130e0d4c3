"""`/health`: 200 when this process reaches its database, for `estate run`, proxies and monitors."""

from flask import Blueprint
from sqlalchemy import text

from estate.web.access import public
from estate.web.database import current_session

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@public
def show() -> tuple[str, dict[str, str]]:
    """The word ok, as plain text; 500 where the database does not answer."""
    current_session().execute(text("SELECT 1"))
    return "ok", {"Content-Type": "text/plain"}
