"""Administering users: the list, one user's page, adding, roles."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from estate.errors import EstateError
from estate.people import users
from estate.people.accounts import EmailInvalid, UserExists, create_user, grant_role
from estate.people.agencies import get_agency_by_id
from estate.people.models import Role, User
from estate.people.password_links import create_link
from estate.people.permissions import Permission
from estate.people.second_factors import find_second_factor
from estate.people.signed_in import list_sessions
from estate.web import user_changes
from estate.web.access import requires, signed_in_identity
from estate.web.account_histories import account_stories
from estate.web.configuration import public_address
from estate.web.database import current_session
from estate.web.users_forms import ButtonForm, NewUserForm, RoleForm

blueprint = Blueprint("users", __name__, url_prefix="/users")
blueprint.register_blueprint(user_changes.blueprint)

Answer = str | Response | tuple[str, int]
SHOWN = {"active": True, "deactivated": False, "all": None}


@blueprint.get("")
@requires(Permission.ADMINISTER)
def index() -> Answer:
    """Users by name, found by words."""
    words = request.args.get("text", "")[:200]
    shown = request.args.get("shown", "active")
    found = users.list_users(current_session(), words=words, is_active=SHOWN.get(shown, True))
    return render_template("administration/users.html", users=found, words=words, shown=shown)


@blueprint.get("/new")
@requires(Permission.ADMINISTER)
def new() -> Answer:
    """The form for a new user."""
    form = NewUserForm(role=Role.VIEWER.value)
    form.fill_choices(current_session())
    return render_template("administration/new_user.html", form=form)


@blueprint.post("/new")
@requires(Permission.ADMINISTER)
def create() -> Answer:
    """Add the user with their first role, and show the link to set a password, once."""
    form, session, actor = NewUserForm(), current_session(), signed_in_identity().user_id
    form.fill_choices(session)
    if form.validate_on_submit():
        try:
            user = create_user(session, form.email.data or "", form.name.data or "", None, actor=actor)
        except (UserExists, EmailInvalid) as error:
            form.email.errors = [error.message]
        else:
            agency = get_agency_by_id(session, form.agency_id.data)
            grant_role(session, user, agency, Role(form.role.data), actor=actor)
            return _link_page(user, create_link(session, user, actor=actor), is_new=True)
    return render_template("administration/new_user.html", form=form), 422


@blueprint.get("/<int:user_id>")
@requires(Permission.ADMINISTER)
def show(user_id: int) -> Answer:
    """One user: roles, how they sign in, where they are signed in, and what was done to the account."""
    return _user_page(users.get_user(current_session(), user_id))


@blueprint.post("/<int:user_id>/roles")
@requires(Permission.ADMINISTER)
def give_role(user_id: int) -> Answer:
    """Give the user a role."""
    session, form = current_session(), RoleForm()
    user = users.get_user(session, user_id)
    form.fill_choices(session)
    if not form.validate_on_submit():
        return _user_page(user, form), 422
    agency, role = get_agency_by_id(session, form.agency_id.data), Role(form.role.data)
    grant_role(session, user, agency, role, actor=signed_in_identity().user_id)
    flash(f"{user.name} is {role.value.replace('_', ' ')} of {agency.name}.", "success")
    return redirect(url_for("administration.users.show", user_id=user.id))


@blueprint.post("/<int:user_id>/password-link")
@requires(Permission.ADMINISTER)
def make_link(user_id: int) -> Answer:
    """Make a new link to set a password, and show it, once."""
    session, form = current_session(), ButtonForm()
    user = users.get_user(session, user_id)
    if not form.validate_on_submit():
        raise EstateError("Reload the user's page and try again.")
    return _link_page(user, create_link(session, user, actor=signed_in_identity().user_id), is_new=False)


@blueprint.post("/<int:user_id>/sessions/end")
@requires(Permission.ADMINISTER)
def end_sessions(user_id: int) -> Answer:
    """Sign the user out everywhere."""
    session, form = current_session(), ButtonForm()
    user = users.get_user(session, user_id)
    if form.validate_on_submit():
        users.sign_out_everywhere(session, user, actor=signed_in_identity().user_id)
        flash(f"{user.name} is signed out everywhere.", "success")
    return redirect(url_for("administration.users.show", user_id=user.id))


def _link_page(user: User, token: str, *, is_new: bool) -> str:
    address = public_address("password_links.show", token=token)
    return render_template("administration/link.html", account=user, address=address, is_new=is_new)


def _user_page(user: User, role_form: RoleForm | None = None) -> str:
    session = current_session()
    if role_form is None:
        role_form = RoleForm(formdata=None, role=Role.VIEWER.value)
        role_form.fill_choices(session)
    return render_template(
        "administration/user.html",
        account=user,
        roles=users.list_roles(session, user),
        factor=find_second_factor(session, user),
        sessions=list_sessions(session, user),
        stories=account_stories(session, "user_account", user.id),
        role_form=role_form,
        button_form=ButtonForm(formdata=None),
    )
