"""Signing in with another organisation's account.

The provider sends people back with a GET, and a GET never writes: the page they land on sends the code on by itself.
"""

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from estate.people.models import LoginMethod, Role, User
from estate.people.provider_users import NobodyKnown, get_known_user, get_or_add_user
from estate.web.access import current_user, public
from estate.web.auth import safe_address
from estate.web.auth_forms import ProviderForm
from estate.web.configuration import current_settings
from estate.web.database import current_session
from estate.web.provider import NoProvider, Person, forget_states, has_provider, receive_person, send_to_provider
from estate.web.second_factor import continue_sign_in

blueprint = Blueprint("provider", __name__)

Answer = str | Response | tuple[str, int]
NEXT = "provider_next"


@blueprint.get("/sign-in/provider")
@public
def start() -> Answer:
    """Send the visitor to the provider."""
    if current_user() is not None:
        return redirect(url_for("home.index"))
    answer = send_to_provider()
    session[NEXT] = safe_address(request.args.get("next", ""))
    return answer


@blueprint.get("/sign-in/provider/back")
@public
def back() -> Answer:
    """Where the provider sends people: a page that goes on by itself, or says that they were not let in there."""
    if not has_provider():
        raise NoProvider
    if "error" in request.args:
        forget_states()
        return render_template("auth/provider_refused.html"), 403
    form = ProviderForm(code=request.args.get("code", ""), state=request.args.get("state", ""))
    return render_template("auth/provider_back.html", form=form)


@blueprint.post("/sign-in/provider/back")
@public
def finish() -> Answer:
    """Sign in whoever the provider vouches for, where they are known here."""
    form = ProviderForm()
    if not form.validate_on_submit():
        return render_template("auth/provider_refused.html"), 422
    address = safe_address(session.get(NEXT, ""))
    person = receive_person()
    try:
        user = _user_of(person)
    except NobodyKnown:
        contact = current_settings().contact
        return render_template("auth/provider_unknown.html", email=person.email, contact=contact), 403
    return continue_sign_in(user, LoginMethod.PROVIDER, address)


def _user_of(person: Person) -> User:
    provider, database = current_settings().oidc, current_session()
    if not provider.default_role:
        return get_known_user(database, person.email)
    role, agency = Role(provider.default_role), provider.default_agency
    return get_or_add_user(database, person.email, person.name, agency=agency, role=role, provider=provider.name)
