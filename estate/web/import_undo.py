"""Undoing an import: what it would do or what stands in the way, the reason, and the job that does it."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.people.permissions import Permission
from estate.proposals.uses import proposal_uses
from estate.register.imports import perform
from estate.register.imports.obstacles import find_obstacles
from estate.register.imports.undo import NotUndoable, StandsInTheWay, ask_to_undo
from estate.register.models import Import, ImportStatus
from estate.web.access import requires, signed_in_identity
from estate.web.database import current_session
from estate.web.imports import find_own
from estate.web.imports_forms import UndoForm

blueprint = Blueprint("import_undo", __name__)

OBSTACLES_SHOWN = 100


@blueprint.get("/imports/<int:import_id>/undo")
@requires(Permission.IMPORT_FILE)
def confirm(import_id: int) -> str:
    """What undoing would do, with a form for the reason; or everything that stands in the way."""
    return _page(find_own(import_id, Permission.IMPORT_FILE), UndoForm())


@blueprint.post("/imports/<int:import_id>/undo")
@requires(Permission.IMPORT_FILE)
def undo(import_id: int) -> str | Response | tuple[str, int]:
    """Put the undoing in the queue."""
    session, form = current_session(), UndoForm()
    brought = find_own(import_id, Permission.IMPORT_FILE)
    if not form.validate_on_submit():
        return _page(brought, form), 422
    actor, reason = signed_in_identity().user_id, form.reason.data or ""
    try:
        ask_to_undo(session, brought, actor=actor, reason=reason, uses=[proposal_uses])
    except StandsInTheWay:
        return _page(brought, form), 409
    perform.queue_undo(session, brought)
    return redirect(url_for("imports.show", import_id=import_id))


def _page(brought: Import, form: UndoForm) -> str:
    if brought.status is not ImportStatus.APPLIED:
        raise NotUndoable
    found = find_obstacles(current_session(), brought, [proposal_uses])
    return render_template(
        "imports/undo.html", brought=brought, form=form, obstacles=found[:OBSTACLES_SHOWN], count=len(found)
    )
