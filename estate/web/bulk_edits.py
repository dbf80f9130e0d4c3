"""Changes of many buildings: what to change, the preview, confirming, and undoing it as a whole."""

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Redirect

from estate.people.models import Role
from estate.people.permissions import Permission, can
from estate.register.edits import start
from estate.register.edits.listing import counts_of, list_rows
from estate.register.edits.perform import AT_WORK, go_on
from estate.register.edits.undo import NotUndoable, StandsInTheWay, ask_to_undo, find_obstacles
from estate.register.models import BulkEdit, EditKind, EditStatus, Verdict
from estate.web.access import requires, signed_in_identity
from estate.web.building_filters import arguments_of, building_id_from, filters_from
from estate.web.bulk_edits_forms import SameValuesForm, UndoEditForm
from estate.web.database import current_session
from estate.web.filters import counted
from estate.web.histories import field_title, shown_as, tell_changes
from estate.web.imports_forms import ButtonForm
from estate.web.names import filter_choices, names_of_codes, text_of

blueprint = Blueprint("bulk_edits", __name__, url_prefix="/buildings/changes")

Answer = str | Redirect | tuple[str, int]
SAYS = {
    EditStatus.PREPARING: "Working out what would change",
    EditStatus.APPLYING: "Changing the buildings",
    EditStatus.UNDOING: "Taking the change back",
}
OBSTACLES_SHOWN = 100


@blueprint.get("")
@requires(Permission.BULK_EDIT)
def index() -> str:
    """One's own changes of many buildings, newest first; an administrator sees all."""
    identity = signed_in_identity()
    actor_id = None if identity.roles.get(Role.ADMINISTRATOR) else identity.user_id
    return render_template("edits/index.html", edits=start.list_edits(current_session(), actor_id=actor_id))


@blueprint.get("/new")
@requires(Permission.BULK_EDIT)
def new() -> Answer:
    """What to change in the buildings that the address names: ticked ones, or all that its filters show."""
    form = SameValuesForm(formdata=None)
    form.fill_choices(current_session())
    return _new_page(form, 200)


@blueprint.post("/new")
@requires(Permission.BULK_EDIT)
def create() -> Answer:
    """Work out what would change."""
    session, form = current_session(), SameValuesForm()
    form.fill_choices(session)
    if not form.validate_on_submit():
        return _new_page(form, 422)
    ids, words = _chosen(request.args)
    actor, reason = signed_in_identity().user_id, form.reason.data or ""
    edit = start.start_same_values(session, ids, form.chosen_values(), actor=actor, reason=reason, words=words)
    go_on(session, edit)
    return redirect(url_for(".show", edit_id=edit.id))


@blueprint.get("/<int:edit_id>")
@requires(Permission.BULK_EDIT)
def show(edit_id: int) -> Answer:
    """The preview, how far the work is, or what was done."""
    session, edit = current_session(), find_own(edit_id)
    if edit.status is EditStatus.MAPPING:
        return redirect(url_for("pastes.columns", edit_id=edit_id))
    if edit.status in AT_WORK:
        return render_template("edits/progress.html", edit=edit, says=SAYS[edit.status])
    counts = counts_of(session, edit)
    verdict = _verdict(counts)
    names = names_of_codes(session)
    return render_template(
        "edits/show.html",
        edit=edit,
        counts=counts,
        verdict=verdict,
        found=list_rows(session, edit, verdict, page=request.args.get("page", 1, type=int)),
        tell=lambda row: tell_changes(row.changes, names),
        values={
            field_title(name): shown_as(name, value, names) for name, value in edit.request.get("values", {}).items()
        },
        form=ButtonForm(),
        is_pasted=edit.kind is EditKind.PASTED,
    )


@blueprint.get("/<int:edit_id>/progress")
@requires(Permission.BULK_EDIT)
def progress(edit_id: int) -> Response:
    """How far the work is, for the page's script."""
    edit = find_own(edit_id)
    message = SAYS.get(edit.status, "")
    return jsonify(is_at_work=edit.status in AT_WORK, percent=round(edit.progress * 100), message=message)


@blueprint.post("/<int:edit_id>/confirm")
@requires(Permission.BULK_EDIT)
def confirm(edit_id: int) -> Redirect:
    """Change what the preview shows."""
    session, edit = current_session(), find_own(edit_id)
    if ButtonForm().validate_on_submit():
        start.confirm_edit(session, edit)
        go_on(session, edit)
        if edit.status is EditStatus.APPLIED:
            flash(f"{counted(counts_of(session, edit)[Verdict.CHANGE], 'building')} changed.", "success")
    return redirect(url_for(".show", edit_id=edit_id))


@blueprint.post("/<int:edit_id>/discard")
@requires(Permission.BULK_EDIT)
def discard(edit_id: int) -> Redirect:
    """Give the change up."""
    if ButtonForm().validate_on_submit():
        start.discard_edit(current_session(), find_own(edit_id))
        flash("Discarded. No building was changed.", "success")
    return redirect(url_for("buildings.index"))


@blueprint.get("/<int:edit_id>/undo")
@requires(Permission.BULK_EDIT)
def ask_undo(edit_id: int) -> Answer:
    """What undoing would do, with a form for the reason; or everything that stands in the way."""
    return _undo_page(find_own(edit_id), UndoEditForm())


@blueprint.post("/<int:edit_id>/undo")
@requires(Permission.BULK_EDIT)
def undo(edit_id: int) -> Answer:
    """Give every building its values of before."""
    session, form, edit = current_session(), UndoEditForm(), find_own(edit_id)
    if not form.validate_on_submit():
        return _undo_page(edit, form), 422
    identity, reason = signed_in_identity(), form.reason.data or ""
    try:
        ask_to_undo(session, edit, start.rights_of(identity), actor=identity.user_id, reason=reason)
    except StandsInTheWay:
        return _undo_page(edit, form), 409
    go_on(session, edit)
    if edit.status is EditStatus.UNDONE:
        flash("Undone: every building is as it was before.", "success")
    return redirect(url_for(".show", edit_id=edit_id))


def find_own(edit_id: int) -> BulkEdit:
    """The change; somebody else's is not there."""
    edit = start.get_edit(current_session(), edit_id)
    if not can(signed_in_identity(), Permission.BULK_EDIT, edit):
        raise start.EditNotFound
    return edit


def _chosen(arguments: MultiDict[str, str]) -> tuple[list[int], str]:
    """Ids of the buildings that the address names, and in words which these are."""
    session = current_session()
    if arguments.get("of") != "all":
        ids = [building_id_from(text) for text in arguments.getlist("id")]
        if not ids:
            raise start.NothingChosen
        return ids, f"{counted(len(set(ids)), 'building')}, ticked in the list"
    filters = filters_from(arguments)
    ids, choices = start.ids_of(session, filters), filter_choices(session)
    said = "; ".join(text_of(name, value, choices) for name, value in filters.chosen.items())
    return ids, f"All {counted(len(ids), 'building')} of the list: {said or 'no filter'}"


def _new_page(form: SameValuesForm, status: int) -> Answer:
    ids, words = _chosen(request.args)
    here: dict[str, Any] = {"of": "all", **arguments_of(filters_from(request.args))}
    if request.args.get("of") != "all":
        here = {"id": ids}
    page = render_template("edits/new.html", form=form, words=words, count=len(ids), here=here)
    return (page, status) if status != 200 else page


def _verdict(counts: Any) -> Verdict:
    """The rows that the address asks for; else those that change, or the first kind that has some."""
    wanted = request.args.get("rows", "")
    if wanted in {verdict.value for verdict in Verdict}:
        return Verdict(wanted)
    return next((verdict for verdict in Verdict if counts[verdict]), Verdict.CHANGE)


def _undo_page(edit: BulkEdit, form: UndoEditForm) -> str:
    if edit.status is not EditStatus.APPLIED:
        raise NotUndoable
    session = current_session()
    found = find_obstacles(session, edit, start.rights_of(signed_in_identity()))
    count = counts_of(session, edit)[Verdict.CHANGE]
    return render_template(
        "edits/undo.html", edit=edit, form=form, obstacles=found[:OBSTACLES_SHOWN], count=len(found), changed=count
    )
