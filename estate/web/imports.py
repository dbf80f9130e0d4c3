"""Imports: upload a file, see what it would do, confirm it, and get the rejected rows back."""

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from estate.people.models import Agency, Role
from estate.people.permissions import Permission, can
from estate.register.imports import cancel, listing, perform, template, uploads
from estate.register.imports.layouts import layouts
from estate.register.imports.mapping import drafts
from estate.register.imports.reporting import vocabularies
from estate.register.models import Import, ImportStatus
from estate.web.access import accepts_upload, requires, signed_in_identity
from estate.web.building_filters import LARGEST_ID
from estate.web.database import current_session
from estate.web.imports_forms import ButtonForm, UploadForm

blueprint = Blueprint("imports", __name__)

Answer = str | AnyResponse | tuple[str, int]
AT_WORK = (ImportStatus.WAITING, ImportStatus.CHECKING, ImportStatus.APPLYING, ImportStatus.UNDOING)
SAYS = {
    ImportStatus.WAITING: "It waits for its turn.",
    ImportStatus.CHECKING: "The file is being read and checked.",
    ImportStatus.APPLYING: "The rows are being stored: all of them, or none.",
    ImportStatus.UNDOING: "What the file brought is being undone: all of it, or nothing.",
}
MIMETYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@blueprint.get("/imports")
@requires(Permission.READ_IMPORT)
def index() -> str:
    """The imports of the user's agencies, newest first."""
    identity = signed_in_identity()
    mine = None if can(identity, Permission.ADMINISTER) else identity.roles.get(Role.ASSET_MANAGER, frozenset())
    found = listing.list_imports(current_session(), agency_ids=mine, page=_page())
    return render_template("imports/index.html", found=found, layouts=layouts())


@blueprint.get("/imports/new")
@requires(Permission.IMPORT_FILE)
def new() -> str:
    """The upload form."""
    form = UploadForm()
    form.fill_choices(current_session(), signed_in_identity())
    return render_template("imports/new.html", form=form, layouts=layouts())


@blueprint.post("/imports/new")
@requires(Permission.IMPORT_FILE)
@accepts_upload
def create() -> Answer:
    """Keep the file and put its check in the queue."""
    form, session, identity = UploadForm(), current_session(), signed_in_identity()
    form.fill_choices(session, identity)
    if not form.validate_on_submit():
        return render_template("imports/new.html", form=form, layouts=layouts()), 422
    brought = uploads.start_import(
        session,
        form.file.data.read(),
        form.file.data.filename or "file",
        agency=session.get_one(Agency, form.agency_id.data),
        actor=identity.user_id,
        options=form.options(),
    )
    perform.queue_check(session, brought)
    return redirect(url_for("imports.show", import_id=brought.id))


@blueprint.get("/imports/<int:import_id>")
@requires(Permission.READ_IMPORT)
def show(import_id: int) -> Answer:
    """How far the work is, what the file would do, or what it did."""
    brought = find_own(import_id)
    if brought.status in AT_WORK:
        may_cancel = brought.status in cancel.CANCELLABLE and not brought.cancel_asked_at
        return render_template(
            "imports/progress.html", brought=brought, says=_says(brought), form=ButtonForm(), may_cancel=may_cancel
        )
    if brought.status is ImportStatus.MAPPING and can(signed_in_identity(), Permission.IMPORT_FILE, brought):
        return redirect(url_for("import_mapping.edit", import_id=import_id))
    return _outcome(brought)


def _outcome(brought: Import) -> str:
    session = current_session()
    kinds = listing.problem_kinds(session, brought)
    code = request.args.get("code")
    code = code if code in {kind.code for kind in kinds} else None
    may_import = can(signed_in_identity(), Permission.IMPORT_FILE, brought)
    return render_template(
        "imports/show.html",
        brought=brought,
        layout=layouts().get(brought.layout or ""),
        kinds=kinds,
        code=code,
        problems=listing.list_problems(session, brought, code=code, page=_page()),
        form=ButtonForm(),
        may_import=may_import,
        may_map=may_import and brought.status in drafts.OPEN,
        may_undo=may_import and brought.status is ImportStatus.APPLIED,
    )


def _says(brought: Import) -> str:
    """What is going on, as a sentence."""
    return brought.doing or SAYS.get(brought.status, "")


@blueprint.get("/imports/<int:import_id>/progress")
@requires(Permission.READ_IMPORT)
def progress(import_id: int) -> Response:
    """How far the work is, for the page's script."""
    brought = find_own(import_id)
    return jsonify(
        is_at_work=brought.status in AT_WORK,
        percent=round(brought.progress * 100),
        message=_says(brought),
    )


@blueprint.post("/imports/<int:import_id>/confirm")
@requires(Permission.IMPORT_FILE)
def confirm(import_id: int) -> AnyResponse:
    """Let the checked file be stored."""
    session, brought = current_session(), find_own(import_id, Permission.IMPORT_FILE)
    if ButtonForm().validate_on_submit():
        uploads.confirm_import(session, brought)
        perform.queue_apply(session, brought)
    return redirect(url_for("imports.show", import_id=import_id))


@blueprint.post("/imports/<int:import_id>/cancel")
@requires(Permission.IMPORT_FILE)
def cancel_work(import_id: int) -> AnyResponse:
    """Ask the job at work to stop; nothing of the file is stored then."""
    session, brought = current_session(), find_own(import_id, Permission.IMPORT_FILE)
    if ButtonForm().validate_on_submit():
        cancel.cancel_import(session, brought)
    return redirect(url_for("imports.show", import_id=import_id))


@blueprint.post("/imports/<int:import_id>/agencies")
@requires(Permission.ADMINISTER)
def create_agencies(import_id: int) -> AnyResponse:
    """Check the file again, with leave to create the agencies that it names."""
    session, brought = current_session(), find_own(import_id, Permission.IMPORT_FILE)
    if ButtonForm().validate_on_submit():
        uploads.recheck_import(session, brought, create_agencies=True)
        perform.queue_check(session, brought)
    return redirect(url_for("imports.show", import_id=import_id))


@blueprint.post("/imports/<int:import_id>/discard")
@requires(Permission.IMPORT_FILE)
def discard(import_id: int) -> AnyResponse:
    """Give the file up; nothing of it is stored."""
    session, brought = current_session(), find_own(import_id, Permission.IMPORT_FILE)
    if ButtonForm().validate_on_submit():
        uploads.discard_import(session, brought)
        flash("The file was discarded. Nothing of it is in the register.", "success")
    return redirect(url_for("imports.index"))


@blueprint.get("/imports/<int:import_id>/rejected.csv")
@requires(Permission.READ_IMPORT)
def download_rejected(import_id: int) -> Response:
    """The rejected rows as they came, with a column of reasons."""
    content = listing.rejected_file(current_session(), find_own(import_id))
    if content is None:
        raise uploads.ImportNotFound("This import rejected no rows.")
    return _file(content, "csv", f"import-{import_id}-rejected.csv")


@blueprint.get("/imports/template.<any(csv, xlsx):kind>")
@requires(Permission.IMPORT_FILE)
def download_template(kind: str) -> Response:
    """Estate's own template, empty."""
    if kind == "csv":
        return _file(template.template_csv(), kind, "estate-template.csv")
    return _file(template.template_xlsx(vocabularies(current_session())), kind, "estate-template.xlsx")


@blueprint.get("/imports/counts-template.csv")
@requires(Permission.IMPORT_FILE)
def download_counts_template() -> Response:
    """The file for counts of people, empty."""
    return _file(template.counts_csv(), "csv", "occupancy-counts.csv")


@blueprint.get("/imports/housing-template.<any(csv, xlsx):kind>")
@requires(Permission.IMPORT_FILE)
def download_housing_template(kind: str) -> Response:
    """The file for the homes of landlords, empty."""
    if kind == "csv":
        return _file(template.template_csv(template.HOUSING), kind, "housing-template.csv")
    content = template.template_xlsx(vocabularies(current_session()), template.HOUSING)
    return _file(content, kind, "housing-template.xlsx")


def find_own(import_id: int, permission: Permission = Permission.READ_IMPORT) -> Import:
    """The import; another agency's is not there."""
    brought = uploads.get_import(current_session(), min(import_id, LARGEST_ID))
    if not can(signed_in_identity(), permission, brought):
        raise uploads.ImportNotFound
    return brought


def _page() -> int:
    return min(max(1, request.args.get("page", 1, type=int)), 100_000)


def _file(content: bytes, kind: str, name: str) -> Response:
    answer = Response(content, mimetype=MIMETYPES[kind])
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer
