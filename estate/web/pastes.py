"""Pasting rows from a spreadsheet: the rows, what their columns mean, and on to the preview."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.errors import InvalidInput
from estate.people.permissions import Permission
from estate.register.edits import paste, start
from estate.register.edits.perform import go_on
from estate.register.models import BulkEdit, EditKind, EditStatus
from estate.web.access import accepts_long_text, requires, signed_in_identity
from estate.web.bulk_edits import find_own
from estate.web.bulk_edits_forms import MeaningForm, PasteForm
from estate.web.database import current_session

blueprint = Blueprint("pastes", __name__, url_prefix="/buildings/changes")

Answer = str | Response | tuple[str, int]
SAMPLES = 3


@blueprint.get("/paste")
@requires(Permission.BULK_EDIT)
def new() -> Answer:
    """A box to paste into."""
    return render_template("edits/paste.html", form=PasteForm())


@blueprint.post("/paste")
@accepts_long_text
@requires(Permission.BULK_EDIT)
def create() -> Answer:
    """Read the rows; go on to the preview, or first ask what the columns mean."""
    session, form = current_session(), PasteForm()
    if form.validate_on_submit():
        try:
            pasted = paste.read_pasted(form.text.data or "")
        except InvalidInput as error:
            form.add_errors({"text": error.message})
            return render_template("edits/paste.html", form=form), 422
        guessed = paste.guess(pasted)
        request = paste.request_of(pasted, paste.suggest(pasted, guessed), is_clearing=form.empty.data == "clear")
        actor, reason, is_asked = signed_in_identity().user_id, form.reason.data or "", paste.needs_mapping(guessed)
        edit = start.start_pasted(session, request, needs_mapping=is_asked, actor=actor, reason=reason)
        if not is_asked:
            go_on(session, edit)
        return redirect(url_for("bulk_edits.show", edit_id=edit.id))
    return render_template("edits/paste.html", form=form), 422


@blueprint.get("/<int:edit_id>/columns")
@requires(Permission.BULK_EDIT)
def columns(edit_id: int) -> Answer:
    """Ask what the columns mean."""
    edit = _open_edit(edit_id)
    return _columns_page(edit, MeaningForm.of(edit.request["header"], edit.request["meanings"]))


@blueprint.post("/<int:edit_id>/columns")
@requires(Permission.BULK_EDIT)
def choose_columns(edit_id: int) -> Answer:
    """Go on to the preview with these meanings."""
    session, edit = current_session(), _open_edit(edit_id)
    form = MeaningForm.of(edit.request["header"], edit.request["meanings"])
    if not form.validate_on_submit():
        return _columns_page(edit, form), 422
    meanings = [field.data for field in form.meanings]
    try:
        paste.require_meanings(meanings)
    except InvalidInput as error:
        form.add_errors({"": error.message})
        return _columns_page(edit, form), 422
    start.require_status(session, edit, EditStatus.MAPPING, EditStatus.READY, EditStatus.FAILED)
    edit.request = {**edit.request, "meanings": meanings}
    edit.status, edit.progress = EditStatus.PREPARING, 0.0
    go_on(session, edit)
    return redirect(url_for("bulk_edits.show", edit_id=edit_id))


def _open_edit(edit_id: int) -> BulkEdit:
    edit = find_own(edit_id)
    if edit.kind is not EditKind.PASTED or edit.status not in start.OPEN:
        raise start.EditNotFound
    return edit


def _columns_page(edit: BulkEdit, form: MeaningForm) -> str:
    pasted = paste.pasted_of(edit.request)
    samples = [[row[place] for row in pasted.rows if row[place]][:SAMPLES] for place, _ in enumerate(pasted.header)]
    return render_template("edits/columns.html", edit=edit, form=form, samples=samples, count=len(pasted.rows))
