"""Views of the list: open, save, rename, share, delete, have back; the view to begin with; and the columns."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from estate.errors import InvalidInput
from estate.exports.buildings import LIST_COLUMNS, list_columns
from estate.people.models import Agency
from estate.people.permissions import Permission, can
from estate.register import views
from estate.register.models import SavedView
from estate.web.access import requires, signed_in_identity
from estate.web.building_filters import filters_from
from estate.web.database import current_session
from estate.web.editing import Trouble, save
from estate.web.form_fields import set_choices
from estate.web.imports_forms import ButtonForm
from estate.web.list_columns import columns_from, list_arguments
from estate.web.list_views_forms import ColumnsForm, ViewForm, moved
from estate.web.names import filter_choices, text_of

blueprint = Blueprint("list_views", __name__, url_prefix="/buildings")

Answer = str | Response | tuple[str, int]


@blueprint.get("/views")
@requires(Permission.KEEP_VIEW)
def index() -> str:
    """Every view that one may open, and what can be done with it."""
    session, identity = current_session(), signed_in_identity()
    choices = filter_choices(session)
    found = views.list_views(session, identity)
    return render_template(
        "views/index.html",
        views=found,
        words={view.id: words_of(view, choices) for view in found},
        default=views.default_view(session, identity),
        deleted=request.args.get("deleted", type=int),
        form=ButtonForm(),
    )


@blueprint.get("/views/<int:view_id>")
@requires(Permission.KEEP_VIEW)
def show(view_id: int) -> Response:
    """The list as the view shows it."""
    view = views.get_view(current_session(), view_id, signed_in_identity())
    return redirect(url_for("buildings.index", view=view.id, **view.arguments))


@blueprint.get("/views/new")
@requires(Permission.KEEP_VIEW)
def new() -> Answer:
    """Ask for a name for what the list shows."""
    return _page("views/new.html", _form(ViewForm()), None)


@blueprint.post("/views/new")
@requires(Permission.KEEP_VIEW)
def create() -> Answer:
    """Keep what the list shows."""
    session, identity, form = current_session(), signed_in_identity(), _form(ViewForm())
    arguments = {"columns": ",".join(columns_from(request.args)), **list_arguments(request.args)}
    if not form.validate_on_submit():
        return _page("views/new.html", form, Trouble(422))
    made: list[SavedView] = []
    told: dict[str, Any] = {"name": form.name.data or "", "agency_id": form.agency_id.data, "arguments": arguments}
    trouble = save(form, None, lambda: made.append(views.save_view(session, identity, **told)))
    if trouble:
        return _page("views/new.html", form, trouble)
    if form.is_default.data:
        views.choose_default(session, identity, made[0])
    flash(f"The view “{made[0].name}” is saved.", "success")
    return redirect(url_for(".show", view_id=made[0].id))


@blueprint.get("/views/<int:view_id>/edit")
@requires(Permission.KEEP_VIEW)
def edit(view_id: int) -> Answer:
    """A view's name and who sees it."""
    view = _own(view_id)
    form = _form(ViewForm(data={"name": view.name, "agency_id": view.agency_id, "version": view.version}))
    return _page("views/edit.html", form, None, view)


@blueprint.post("/views/<int:view_id>/edit")
@requires(Permission.KEEP_VIEW)
def change(view_id: int) -> Answer:
    """Store its name and who sees it."""
    session, identity, view, form = current_session(), signed_in_identity(), _own(view_id), _form(ViewForm())
    if not form.validate_on_submit():
        return _page("views/edit.html", form, Trouble(422), view)
    told: dict[str, Any] = {"name": form.name.data or "", "agency_id": form.agency_id.data}
    version = form.version.data or 0
    trouble = save(form, view, lambda: views.change_view(session, identity, view, version=version, **told))
    if trouble:
        return _page("views/edit.html", form, trouble, view)
    flash("The view is changed.", "success")
    return redirect(url_for(".index"))


@blueprint.post("/views/<int:view_id>/replace")
@requires(Permission.KEEP_VIEW)
def replace(view_id: int) -> Response:
    """Let the view show what the list in this address shows."""
    view = _own(view_id)
    if ButtonForm().validate_on_submit():
        arguments = {"columns": ",".join(columns_from(request.args)), **list_arguments(request.args)}
        views.replace_arguments(current_session(), view, arguments)
        flash(f"The view “{view.name}” shows this now.", "success")
    return redirect(url_for(".show", view_id=view_id))


@blueprint.post("/views/<int:view_id>/delete")
@requires(Permission.KEEP_VIEW)
def delete(view_id: int) -> Response:
    """Delete the view; the next page offers to have it back."""
    view = _own(view_id)
    if ButtonForm().validate_on_submit():
        views.delete_view(current_session(), view)
    return redirect(url_for(".index", deleted=view_id))


@blueprint.post("/views/<int:view_id>/restore")
@requires(Permission.KEEP_VIEW)
def restore(view_id: int) -> Response:
    """Have a deleted view back."""
    view = _own(view_id, is_deleted=True)
    if ButtonForm().validate_on_submit():
        views.restore_view(current_session(), view)
        flash(f"The view “{view.name}” is back.", "success")
    return redirect(url_for(".index"))


@blueprint.post("/views/<int:view_id>/default")
@requires(Permission.KEEP_VIEW)
def begin_with(view_id: int) -> Response:
    """Let the reader's list open with this view; 0: with all buildings."""
    session, identity = current_session(), signed_in_identity()
    view = views.get_view(session, view_id, identity) if view_id else None
    if ButtonForm().validate_on_submit():
        views.choose_default(session, identity, view)
        flash(f"Your list opens with {f'“{view.name}”' if view else 'all buildings'} now.", "success")
    return redirect(url_for(".index"))


@blueprint.get("/columns")
@requires(Permission.KEEP_VIEW)
def columns() -> Answer:
    """The columns, to be ticked and put into order."""
    chosen = columns_from(request.args)
    return _columns_page(ColumnsForm(), [*chosen, *(name for name in LIST_COLUMNS if name not in chosen)], chosen)


@blueprint.post("/columns")
@requires(Permission.KEEP_VIEW)
def choose_columns() -> Answer:
    """Remember the columns; or, where a button moves one up or down, show the new order."""
    form, session = ColumnsForm(), current_session()
    if not form.validate_on_submit():
        return _columns_page(form, list(LIST_COLUMNS), list_columns([])), 422
    order = list_columns([*(form.order.data or []), *LIST_COLUMNS])
    chosen = form.shown.data or []
    if form.move.data:
        return _columns_page(form, moved(order, form.move.data), chosen, form.move.data)
    wanted = list_columns([name for name in order if name in {*chosen, "name"}])
    views.choose_columns(session, signed_in_identity(), wanted)
    flash("Your columns are remembered.", "success")
    arguments = {**list_arguments(request.args), "columns": None, "view": request.args.get("view", "all")}
    return redirect(url_for("buildings.index", **arguments))


def words_of(view: SavedView, choices: Any) -> str:
    """What a view shows, in words; an empty text for all buildings."""
    try:
        filters = filters_from({name: str(value) for name, value in view.arguments.items()})
    except InvalidInput:
        return "what it showed is no longer there"
    return "; ".join(text_of(name, value, choices) for name, value in filters.chosen.items())


def _own(view_id: int, *, is_deleted: bool = False) -> SavedView:
    view = views.get_view(current_session(), view_id, signed_in_identity(), is_deleted=is_deleted)
    if not can(signed_in_identity(), Permission.KEEP_VIEW, view):
        raise views.NoSuchView
    return view


def _form(form: ViewForm) -> ViewForm:
    own = signed_in_identity().agency_ids
    agencies = current_session().execute(select(Agency.id, Agency.name).where(Agency.id.in_(own)).order_by(Agency.name))
    named = [(number, f"The people of {name}") for number, name in agencies]
    set_choices(form.agency_id, named, unknown="Nobody else")
    return form


def _page(template: str, form: ViewForm, trouble: Trouble | None, view: SavedView | None = None) -> Answer:
    session, identity, number = current_session(), signed_in_identity(), request.args.get("view", 0, type=int)
    current = next((one for one in views.list_views(session, identity) if one.id == number), None)
    replaced = current if can(identity, Permission.KEEP_VIEW, current) else None
    page = render_template(
        template, form=form, view=view, replaced=replaced, here=list_arguments(request.args), button=ButtonForm()
    )
    return (page, trouble.status) if trouble else page


def _columns_page(form: ColumnsForm, order: list[str], chosen: list[str], last: str = "") -> str:
    here = {**list_arguments(request.args), "columns": None, "view": request.args.get("view")}
    return render_template(
        "views/columns.html", form=form, columns=LIST_COLUMNS, order=order, chosen=chosen, last=last, here=here
    )
