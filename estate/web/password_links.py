"""The page behind a link to set a password. Whoever holds the link may use it, once."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.people.password_links import get_link, use_link
from estate.web.access import public
from estate.web.auth_forms import NewPasswordForm
from estate.web.database import current_session

blueprint = Blueprint("password_links", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/set-password/<token>")
@public
def show(token: str) -> Answer:
    """The form for the new password."""
    link = get_link(current_session(), token)
    return render_template("auth/set_password.html", form=NewPasswordForm(), user_of_link=link.user, token=token)


@blueprint.post("/set-password/<token>")
@public
def use(token: str) -> Answer:
    """Set the password; the user then signs in with it, and with the second factor where they need one."""
    session, form = current_session(), NewPasswordForm()
    link = get_link(session, token)
    if not form.validate_on_submit():
        page = render_template("auth/set_password.html", form=form, user_of_link=link.user, token=token)
        return page, 422
    use_link(session, link, form.new_password.data or "")
    flash("Your password is set. Sign in with it.", "success")
    return redirect(url_for("auth.sign_in"))
