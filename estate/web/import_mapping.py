"""The mapping screen: what the columns of an unknown file are, what its words mean, and how the file is read."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from estate.people.permissions import Permission
from estate.register.imports import perform
from estate.register.imports.mapping import drafts
from estate.register.imports.mapping.remembered import LONGEST_NAME
from estate.register.imports.mapping.sample import sample_rows
from estate.register.imports.mapping.spec import BadMapping, Mapping
from estate.register.imports.readers.delimited import CODECS, DELIMITERS
from estate.register.imports.reporting import known_to, vocabularies
from estate.register.models import Import
from estate.web.access import requires, signed_in_identity
from estate.web.database import current_session
from estate.web.form_fields import set_choices
from estate.web.import_mapping_forms import MappingScreen, ReadAgainForm, SheetForm
from estate.web.imports import find_own

blueprint = Blueprint("import_mapping", __name__)

CALLED = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@blueprint.get("/imports/<int:import_id>/mapping")
@requires(Permission.IMPORT_FILE)
def edit(import_id: int) -> str:
    """The columns of the file, each with a guess to correct, and the first rows as they would be read."""
    brought = find_own(import_id, Permission.IMPORT_FILE)
    draft = drafts.draft_of(current_session(), brought)
    return _page(brought, draft, _screen(brought, draft))


@blueprint.post("/imports/<int:import_id>/mapping")
@requires(Permission.IMPORT_FILE)
def save(import_id: int) -> str | Response | tuple[str, int]:
    """Keep the corrections; go on to the check, or show the page with its preview anew."""
    session, brought = current_session(), find_own(import_id, Permission.IMPORT_FILE)
    draft = drafts.draft_of(session, brought)
    screen = _screen(brought, draft)
    if not screen.form.validate_on_submit():
        return _page(brought, draft, screen), 422
    name, token = screen.form["name"].data, screen.form["token"].data
    mapping, new = drafts.keep_draft(session, brought, screen.mapping(), token=token or "")
    here = redirect(url_for("import_mapping.edit", import_id=import_id, name=name))
    if screen.form["action"].data != "check":
        return here
    if new:
        flash(f"Look at what the words of {', '.join(f'“{one}”' for one in new)} mean, then check the file.", "info")
        return here
    try:
        drafts.use_mapping(session, brought, mapping, name=name, actor=signed_in_identity().user_id)
    except BadMapping as bad:
        screen.add_problems(bad.fields)
        return _page(brought, draft, screen), 422
    perform.queue_check(session, brought)
    return redirect(url_for("imports.show", import_id=import_id))


@blueprint.post("/imports/<int:import_id>/read-again")
@requires(Permission.IMPORT_FILE)
def read_again(import_id: int) -> Response:
    """Read the file in another way, or only to say oneself what its columns are."""
    session, brought = current_session(), find_own(import_id, Permission.IMPORT_FILE)
    form = _reading_form(brought)
    if form.validate_on_submit():
        chosen: dict[str, Any] = {}
        if brought.profile:
            line = form.header_line.data
            same = form.sheet.data == brought.profile["sheet"]
            chosen = {
                "sheet": form.sheet.data,
                "header_line": int(line) if line != "find" and same else None,
                "encoding": form.encoding.data or None,
                "delimiter": form.delimiter.data or None,
            }
        drafts.read_again(session, brought, **chosen)
        perform.queue_check(session, brought)
    return redirect(url_for("imports.show", import_id=import_id))


@blueprint.post("/imports/<int:import_id>/sheets")
@requires(Permission.IMPORT_FILE)
def add_sheet(import_id: int) -> Response:
    """Import another sheet of the same file."""
    session, brought, form = current_session(), find_own(import_id, Permission.IMPORT_FILE), SheetForm()
    if not form.validate_on_submit():
        return redirect(url_for("imports.show", import_id=import_id))
    actor = signed_in_identity().user_id
    other = drafts.import_sheet(session, brought, form.sheet.data or "", actor=actor)
    perform.queue_check(session, other)
    flash(f"The sheet “{form.sheet.data}” is an import of its own.", "success")
    return redirect(url_for("imports.show", import_id=other.id))


def _screen(brought: Import, draft: Mapping) -> MappingScreen:
    stem = brought.file_name.rsplit(".", 1)[0]
    usual = brought.mapping.name if brought.mapping else stem
    name = (request.args.get("name") or usual)[:LONGEST_NAME]
    return MappingScreen(draft, brought.profile or {}, vocabularies(current_session()), name)


def _page(brought: Import, draft: Mapping, screen: MappingScreen) -> str:
    profile = brought.profile or {}
    known = known_to(current_session(), brought.agency)
    return render_template(
        "imports/mapping.html",
        brought=brought,
        profile=profile,
        screen=screen,
        sample=sample_rows(profile, draft, known),
        reading=_reading_form(brought),
        sheet_form=SheetForm(formdata=None),
        delimiter=CALLED.get(profile.get("delimiter") or ""),
    )


def _reading_form(brought: Import) -> ReadAgainForm:
    """The form with what this file offers. Without a profile it has nothing but the token."""
    profile = brought.profile
    chosen = brought.options
    line = str(profile["header_line"]) if profile else ""
    data = {"header_line": line, "encoding": chosen.get("encoding") or "", "delimiter": chosen.get("delimiter") or ""}
    form = ReadAgainForm(data={**data, "sheet": profile["sheet"] if profile else ""})
    if not profile:
        for name in list(form._fields):
            if name != "csrf_token":
                del form[name]
        return form
    set_choices(form.sheet, [(one["name"], f"{one['name']} ({one['rows']:,} rows)") for one in profile["sheets"]])
    lines = [
        (str(number), f"line {number}: {' | '.join(filter(None, cells))[:70]}") for number, cells in profile["head"]
    ]
    if line not in {number for number, _ in lines}:
        lines.insert(0, (line, f"line {line}"))
    set_choices(form.header_line, [*((n, t) for n, t in lines if n != "0"), ("0", "no line: the file has no header")])
    set_choices(form.encoding, CODECS.items(), unknown="Find it")
    set_choices(form.delimiter, [(one, CALLED[one]) for one in DELIMITERS], unknown="Find it")
    return form
