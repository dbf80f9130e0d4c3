"""Administering agencies: the list, one agency's page, adding and changing."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.errors import InvalidInput
from estate.people import agencies
from estate.people.models import Agency
from estate.people.permissions import Permission
from estate.people.programme_members import list_stays_of
from estate.people.programmes import get_programme, list_programmes, partner_ids_of, today_of
from estate.web.access import requires, signed_in_identity
from estate.web.account_histories import account_stories
from estate.web.agencies_forms import AgencyForm, NewAgencyForm
from estate.web.database import current_session
from estate.web.editing import Trouble, save

blueprint = Blueprint("agencies", __name__, url_prefix="/agencies")

Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.ADMINISTER)
def index() -> Answer:
    """Every agency with its place in the tree and how many users it has."""
    session = current_session()
    found, users = agencies.list_agencies(session), agencies.count_users(session)
    partners = partner_ids_of(session, {programme.id for programme in list_programmes(session)})
    return render_template("administration/agencies.html", agencies=found, users=users, partners=partners)


@blueprint.get("/<int:agency_id>")
@requires(Permission.ADMINISTER)
def show(agency_id: int) -> Answer:
    """One agency: its facts, who works with it, and its history."""
    session = current_session()
    agency = agencies.get_agency_by_id(session, agency_id)
    return render_template(
        "administration/agency.html",
        agency=agency,
        members=agencies.list_members(session, agency),
        stays=list_stays_of(session, agency),
        today=today_of(session),
        stories=account_stories(session, "agency", agency.id),
    )


@blueprint.get("/new")
@requires(Permission.ADMINISTER)
def new() -> Answer:
    """The form for a new agency."""
    form = NewAgencyForm()
    form.fill_choices(current_session())
    return render_template("administration/new_agency.html", form=form)


@blueprint.post("/new")
@requires(Permission.ADMINISTER)
def create() -> Answer:
    """Add the agency."""
    form, session = NewAgencyForm(), current_session()
    form.fill_choices(session)
    if form.validate_on_submit():
        try:
            given = form.values()
            programme_id = given.pop("programme_id", None)
            programme = get_programme(session, programme_id) if programme_id else None
            agency = agencies.add_agency(session, actor=signed_in_identity().user_id, programme=programme, **given)
        except InvalidInput as error:
            form.add_errors(error.fields)
        else:
            flash(f"{agency.name} is added.", "success")
            return redirect(url_for("administration.agencies.show", agency_id=agency.id))
    return render_template("administration/new_agency.html", form=form), 422


@blueprint.get("/<int:agency_id>/edit")
@requires(Permission.ADMINISTER)
def edit(agency_id: int) -> Answer:
    """The agency's facts in a form."""
    session = current_session()
    agency = agencies.get_agency_by_id(session, agency_id)
    form = AgencyForm(obj=agency)
    form.fill_choices(session, agency)
    return _edit_page(form, agency, None)


@blueprint.post("/<int:agency_id>/edit")
@requires(Permission.ADMINISTER)
def change(agency_id: int) -> Answer:
    """Store what changed; the form comes back where somebody else was faster."""
    session, form = current_session(), AgencyForm()
    agency = agencies.get_agency_by_id(session, agency_id)
    form.fill_choices(session, agency)
    if not form.validate_on_submit():
        return _edit_page(form, agency, Trouble(422))
    given = {"version": form.version.data or 0, "reason": form.reason.data or "", **form.values()}
    actor = signed_in_identity().user_id
    trouble = save(form, agency, lambda: agencies.change_agency(session, agency, actor=actor, **given))
    if trouble:
        return _edit_page(form, agency, trouble)
    flash("The change is saved.", "success")
    return redirect(url_for("administration.agencies.show", agency_id=agency_id))


def _edit_page(form: AgencyForm, agency: Agency, trouble: Trouble | None) -> Answer:
    page = render_template("administration/edit_agency.html", form=form, agency=agency, trouble=trouble)
    return (page, trouble.status) if trouble else page
