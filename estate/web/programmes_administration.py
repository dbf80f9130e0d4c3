"""Administration of programmes: their names and settings, the areas they cover, and who takes part."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.errors import InvalidInput
from estate.gis.models import Area
from estate.people import programmes
from estate.people.agencies import get_agency_by_id
from estate.people.permissions import Permission
from estate.people.programme_members import join, list_stays
from estate.people.programme_models import Programme
from estate.register.programmes import cover, covered_areas
from estate.web.access import requires, signed_in_identity
from estate.web.account_histories import account_stories
from estate.web.database import current_session
from estate.web.editing import Trouble, save
from estate.web.programmes_forms import CoverForm, JoinForm, NewProgrammeForm, ProgrammeForm, UncoverForm

blueprint = Blueprint("programmes", __name__, url_prefix="/programmes")

Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.ADMINISTER)
def index() -> Answer:
    """Every programme with how many agencies take part in it."""
    session = current_session()
    found, partners = programmes.list_programmes(session), programmes.count_partners(session)
    areas = {programme.id: covered_areas(session, programme) for programme in found}
    page = {"found": found, "partners": partners, "areas": areas}
    return render_template("administration/programmes.html", **page)


@blueprint.get("/new")
@requires(Permission.ADMINISTER)
def new() -> Answer:
    """The form for a new programme."""
    form = NewProgrammeForm()
    form.fill_choices(current_session())
    return render_template("administration/new_programme.html", form=form)


@blueprint.post("/new")
@requires(Permission.ADMINISTER)
def create() -> Answer:
    """Add the programme."""
    form, session = NewProgrammeForm(), current_session()
    form.fill_choices(session)
    if form.validate_on_submit():
        try:
            made = programmes.create_programme(session, actor=signed_in_identity().user_id, **form.values())
        except InvalidInput as error:
            form.add_errors(error.fields)
        else:
            flash(f"{made.name} is added. Say which agencies take part in it.", "success")
            return redirect(url_for("administration.programmes.show", programme_id=made.id))
    return render_template("administration/new_programme.html", form=form), 422


@blueprint.get("/<int:programme_id>")
@requires(Permission.ADMINISTER)
def show(programme_id: int) -> Answer:
    """One programme: its settings, who takes part from when to when, and its history."""
    return _page(programmes.get_programme(current_session(), programme_id))


@blueprint.get("/<int:programme_id>/edit")
@requires(Permission.ADMINISTER)
def edit(programme_id: int) -> Answer:
    """The programme's name and settings in a form."""
    session = current_session()
    programme = programmes.get_programme(session, programme_id)
    form = ProgrammeForm(obj=programme)
    form.fill_choices(session)
    return _edit_page(form, programme, None)


@blueprint.post("/<int:programme_id>/edit")
@requires(Permission.ADMINISTER)
def change(programme_id: int) -> Answer:
    """Store what changed; the form comes back where somebody else was faster."""
    session, form = current_session(), ProgrammeForm()
    programme = programmes.get_programme(session, programme_id)
    form.fill_choices(session)
    if not form.validate_on_submit():
        return _edit_page(form, programme, Trouble(422))
    given = {"version": form.version.data or 0, "reason": form.reason.data or "", **form.values()}
    actor = signed_in_identity().user_id
    trouble = save(form, programme, lambda: programmes.change_programme(session, programme, actor=actor, **given))
    if trouble:
        return _edit_page(form, programme, trouble)
    flash("The change is saved.", "success")
    return redirect(url_for("administration.programmes.show", programme_id=programme_id))


@blueprint.post("/<int:programme_id>/members")
@requires(Permission.ADMINISTER)
def admit(programme_id: int) -> Answer:
    """Let an agency take part, or take part again."""
    session, form = current_session(), JoinForm()
    programme = programmes.get_programme(session, programme_id)
    form.fill_choices(session, programme)
    if form.validate_on_submit():
        agency, actor = get_agency_by_id(session, form.agency_id.data), signed_in_identity().user_id
        try:
            join(session, programme, agency, actor=actor, joined_on=form.joined_on.data)
        except InvalidInput as error:
            form.add_errors(error.fields)
        else:
            flash(f"{agency.name} takes part in {programme.name}. Give its people their seats on boards.", "success")
            return redirect(url_for("administration.programmes.show", programme_id=programme_id) + "#members")
    return _page(programme, join_form=form), 422


@blueprint.post("/<int:programme_id>/areas")
@requires(Permission.ADMINISTER)
def add_area(programme_id: int) -> Answer:
    """Cover one more area."""
    session, form = current_session(), CoverForm()
    programme = programmes.get_programme(session, programme_id)
    form.fill_choices(session, programme)
    if not form.validate_on_submit():
        return _page(programme, cover_form=form), 422
    area = session.get_one(Area, form.area_id.data)
    cover(session, programme, [*covered_areas(session, programme), area], actor=signed_in_identity().user_id)
    flash(f"{programme.name} covers {area.name}.", "success")
    return redirect(url_for("administration.programmes.show", programme_id=programme_id) + "#areas")


@blueprint.post("/<int:programme_id>/areas/remove")
@requires(Permission.ADMINISTER)
def remove_area(programme_id: int) -> Answer:
    """Cover one area less; without any, everything."""
    session, form = current_session(), UncoverForm()
    programme = programmes.get_programme(session, programme_id)
    if not form.validate_on_submit():
        return _page(programme), 422
    kept = [area for area in covered_areas(session, programme) if area.id != form.area_id.data]
    cover(session, programme, kept, actor=signed_in_identity().user_id)
    flash(f"{programme.name} covers {', '.join(area.name for area in kept) or 'every area'}.", "success")
    return redirect(url_for("administration.programmes.show", programme_id=programme_id) + "#areas")


def _page(programme: Programme, *, join_form: JoinForm | None = None, cover_form: CoverForm | None = None) -> str:
    session = current_session()
    forms = {"join_form": join_form or JoinForm(), "cover_form": cover_form or CoverForm()}
    for form in forms.values():
        form.fill_choices(session, programme)
    return render_template(
        "administration/programme.html",
        shown=programme,
        stays=list_stays(session, programme),
        areas=covered_areas(session, programme),
        today=programmes.today_of(session),
        stories=account_stories(session, "programme", programme.id),
        uncover_form=UncoverForm(),
        **forms,
    )


def _edit_page(form: ProgrammeForm, programme: Programme, trouble: Trouble | None) -> Answer:
    page = render_template("administration/edit_programme.html", form=form, shown=programme, trouble=trouble)
    return (page, trouble.status) if trouble else page
