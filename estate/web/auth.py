"""Signing in and out, and one's own account."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from estate.people import accounts
from estate.people.models import LoginMethod, User
from estate.people.passwords import hash_password, is_outdated, verify_password
from estate.people.permissions import Permission
from estate.people.second_factors import find_second_factor
from estate.web.access import current_user, public, requires, signed_in_user
from estate.web.auth_forms import ChangePasswordForm, SignInForm
from estate.web.configuration import current_settings
from estate.web.database import current_session, keep_changes
from estate.web.provider import has_provider
from estate.web.second_factor import continue_sign_in
from estate.web.sessions import end_login, end_other_logins, find_login
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
    return _sign_in_page(form)


@blueprint.post("/sign-in")
@public
def check_sign_in() -> Answer:
    """Sign in, or say that it failed without saying which half was wrong."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form), 422
    user = find_user(form.email.data or "", form.password.data or "", request.remote_addr or "")
    if user is None:
        keep_changes()
        form.email.errors = ["The email address or the password is wrong. Check both and try again"]
        return _sign_in_page(form), 422
    return continue_sign_in(user, LoginMethod.PASSWORD, safe_address(form.next.data or ""))


@blueprint.post("/sign-out")
@public
def sign_out() -> Answer:
    """Sign out here; every copy of this browser's cookie dies with it."""
    login = find_login()
    end_login()
    flash("You are signed out.", "success")
    if login and login.method is LoginMethod.PROVIDER:
        flash(f"You may still be signed in with {current_settings().oidc.name}. Sign out there too.", "notice")
    return redirect(url_for("auth.sign_in"))


@blueprint.get("/account")
@requires(Permission.OWN_ACCOUNT)
def account() -> Answer:
    """One's own roles, how one signs in, and the form for a new password."""
    return _account_page(ChangePasswordForm())


@blueprint.post("/account/password")
@requires(Permission.OWN_ACCOUNT)
def change_password() -> Answer:
    """Change one's own password and sign every other browser out. Wrong tries count as those to sign in do."""
    form, user, address = ChangePasswordForm(), signed_in_user(), request.remote_addr or ""
    if form.validate_on_submit() and find_user(user.email, form.current_password.data or "", address) is None:
        keep_changes()
        form.current_password.errors = ["This is not the password you use now"]
    if form.errors:
        return _account_page(form), 422
    accounts.change_password(current_session(), user, form.new_password.data or "", actor=user.id)
    end_other_logins(user)
    flash("Your password is changed. Every other browser was signed out.", "success")
    return redirect(url_for("auth.account"))


def _sign_in_page(form: SignInForm) -> str:
    settings = current_settings()
    provider = settings.oidc.name if has_provider() else ""
    return render_template("auth/sign_in.html", form=form, provider=provider, contact=settings.contact)


def _account_page(form: ChangePasswordForm) -> str:
    factor = find_second_factor(current_session(), signed_in_user())
    return render_template("auth/account.html", form=form, factor=factor)


def find_user(email: str, password: str, address: str) -> User | None:
    """The active user with this email and password; None where either is wrong. Each try is counted."""
    session, known_as = current_session(), email.strip().lower()
    check_limits(session, known_as, address)
    user = session.scalars(select(User).where(func.lower(User.email) == known_as, User.is_active)).one_or_none()
    is_right = verify_password(user.password_hash if user else None, password)
    count_attempt(session, known_as, address, was_successful=is_right)
    if user is None or not is_right:
        return None
    if is_outdated(user.password_hash or ""):
        user.password_hash = hash_password(password)
    return user


def safe_address(address: str) -> str:
    """`address` where it is a path of our own; else the empty string, so that nobody is sent to another host."""
    parts = urlsplit(address)
    is_own = not parts.scheme and not parts.netloc and address.startswith("/") and address[1:2] not in ("/", "\\")
    return address if is_own and "\\" not in address and address.isprintable() else ""
