"""Signing in and out, and one's own account."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from estate.audit import record
from estate.people.models import User
from estate.people.passwords import hash_password, verify_password
from estate.people.permissions import Permission
from estate.web.access import current_user, public, requires, signed_in_user
from estate.web.auth_forms import ChangePasswordForm, SignInForm
from estate.web.database import current_session, keep_changes
from estate.web.sessions import end_login, end_other_logins, start_login
from estate.web.sign_in_limits import check_limits, count_attempt

blueprint = Blueprint("auth", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.get("/sign-in")
@public
def sign_in() -> Answer:
    """The sign-in page."""
    if current_user() is not None:
        return redirect(url_for("home.index"))
    form = SignInForm(next=safe_address(request.args.get("next", "")))
    return render_template("auth/sign_in.html", form=form)


@blueprint.post("/sign-in")
@public
def check_sign_in() -> Answer:
    """Sign in, or say that it failed without saying which half was wrong."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("auth/sign_in.html", form=form), 422
    user = find_user(form.email.data or "", form.password.data or "", request.remote_addr or "")
    if user is None:
        keep_changes()
        form.email.errors = ["The email address or the password is wrong. Check both and try again"]
        return render_template("auth/sign_in.html", form=form), 422
    start_login(user)
    return redirect(safe_address(form.next.data or "") or url_for("home.index"))


@blueprint.post("/sign-out")
@public
def sign_out() -> Answer:
    """Sign out here; every copy of this browser's cookie dies with it."""
    end_login()
    flash("You are signed out.", "success")
    return redirect(url_for("auth.sign_in"))


@blueprint.get("/account")
@requires(Permission.OWN_ACCOUNT)
def account() -> Answer:
    """One's own roles, and the form for a new password."""
    return render_template("auth/account.html", form=ChangePasswordForm())


@blueprint.post("/account/password")
@requires(Permission.OWN_ACCOUNT)
def change_password() -> Answer:
    """Change one's own password and sign every other browser out."""
    form, user = ChangePasswordForm(), signed_in_user()
    if form.validate_on_submit() and not verify_password(user.password_hash, form.current_password.data or ""):
        form.current_password.errors = ["This is not the password you use now"]
    if form.errors:
        return render_template("auth/account.html", form=form), 422
    user.password_hash = hash_password(form.new_password.data or "")
    end_other_logins(user)
    record(current_session(), actor=user.id, action="change_password", subject_type="user", subject_id=user.id)
    flash("Your password is changed. Every other browser was signed out.", "success")
    return redirect(url_for("auth.account"))


def find_user(email: str, password: str, address: str) -> User | None:
    """The active user with this email and password; None where either is wrong. Each try is counted."""
    session, known_as = current_session(), email.strip().lower()
    check_limits(session, known_as, address)
    user = session.scalars(select(User).where(func.lower(User.email) == known_as, User.is_active)).one_or_none()
    is_right = verify_password(user.password_hash if user else None, password)
    count_attempt(session, known_as, address, was_successful=is_right)
    return user if is_right else None


def safe_address(address: str) -> str:
    """`address` where it is a path of our own; else the empty string, so that nobody is sent to another host."""
    parts = urlsplit(address)
    is_own = not parts.scheme and not parts.netloc and address.startswith("/") and address[1:2] not in ("/", "\\")
    return address if is_own and "\\" not in address and address.isprintable() else ""
