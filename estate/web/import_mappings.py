"""The mappings that are remembered for each agency: listed, shown, renamed and retired."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from estate.people.models import Role
from estate.people.permissions import Permission, can
from estate.register.imports.mapping import remembered
from estate.register.imports.mapping.kinds import known_uses
from estate.register.imports.mapping.spec import mapping_from
from estate.register.imports.mapping.words import codes_of, is_coded
from estate.register.imports.reporting import vocabularies
from estate.register.models import ImportMapping
from estate.web.access import requires, signed_in_identity
from estate.web.building_filters import LARGEST_ID
from estate.web.database import current_session
from estate.web.form_fields import Filled, needed_text_field, version_field
from estate.web.forms import Form

blueprint = Blueprint("import_mappings", __name__)


class RenameForm(Form):
    """Another name for a mapping."""

    name = needed_text_field("Name", "Enter a name", remembered.LONGEST_NAME)
    version = version_field()


class RetireForm(Form):
    """Why a mapping is taken out of force."""

    reason = TextAreaField("Reason", [Filled("Say why the mapping is retired")])
    version = version_field()


@blueprint.get("/imports/mappings")
@requires(Permission.READ_IMPORT)
def index() -> str:
    """The mappings of the user's agencies."""
    identity, session = signed_in_identity(), current_session()
    mine = None if can(identity, Permission.ADMINISTER) else identity.roles.get(Role.ASSET_MANAGER, frozenset())
    found = remembered.list_mappings(session, mine)
    return render_template("imports/mappings.html", found=found, uses=remembered.count_uses(session, found))


@blueprint.get("/imports/mappings/<int:mapping_id>")
@requires(Permission.READ_IMPORT)
def show(mapping_id: int) -> str:
    """What each column is and what its words mean."""
    kept = _own(mapping_id, Permission.READ_IMPORT)
    return _page(kept, RenameForm(obj=kept), RetireForm(obj=None, version=kept.version))


@blueprint.post("/imports/mappings/<int:mapping_id>/name")
@requires(Permission.IMPORT_FILE)
def rename(mapping_id: int) -> str | Response | tuple[str, int]:
    """Give it another name."""
    kept, form = _own(mapping_id), RenameForm()
    if not form.validate_on_submit():
        return _page(kept, form, RetireForm(formdata=None, version=kept.version)), 422
    actor, name = signed_in_identity().user_id, form.name.data or ""
    remembered.rename_mapping(current_session(), kept, version=form.version.data or 0, name=name, actor=actor)
    flash("The mapping has its new name.", "success")
    return redirect(url_for("import_mappings.show", mapping_id=mapping_id))


@blueprint.post("/imports/mappings/<int:mapping_id>/retire")
@requires(Permission.IMPORT_FILE)
def retire(mapping_id: int) -> str | Response | tuple[str, int]:
    """Take it out of force."""
    kept, form = _own(mapping_id), RetireForm()
    if not form.validate_on_submit():
        return _page(kept, RenameForm(formdata=None, obj=kept), form), 422
    actor, reason = signed_in_identity().user_id, form.reason.data or ""
    remembered.retire_mapping(current_session(), kept, version=form.version.data or 0, reason=reason, actor=actor)
    flash("The mapping is retired: the next file with this header is mapped anew.", "success")
    return redirect(url_for("import_mappings.show", mapping_id=mapping_id))


def _own(mapping_id: int, permission: Permission = Permission.IMPORT_FILE) -> ImportMapping:
    """The mapping; another agency's is not there."""
    kept = remembered.get_mapping(current_session(), min(mapping_id, LARGEST_ID))
    if not can(signed_in_identity(), permission, kept):
        raise remembered.MappingNotFound
    return kept


def _page(kept: ImportMapping, rename_form: RenameForm, retire_form: RetireForm) -> str:
    known = vocabularies(current_session())
    mapping = mapping_from(kept.spec)
    meanings = [
        (column.name, word, codes_of(column.use, known).get(code, "not known"))
        for column in mapping.columns
        if is_coded(column.use)
        for word, code in sorted(mapping.words.get(column.name, {}).items())
    ]
    return render_template(
        "imports/mapping_kept.html",
        kept=kept,
        mapping=mapping,
        called=known_uses(known.get("cost_category", {}), mapping.rows),
        meanings=meanings,
        rename_form=rename_form,
        retire_form=retire_form,
        may_change=kept.retired_at is None and can(signed_in_identity(), Permission.IMPORT_FILE, kept),
    )
