"""The second factor: asked for at sign-in, set up and replaced on one's own account."""

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from estate.errors import NotAllowed
from estate.people import second_factors
from estate.people.accounts import is_administrator
from estate.people.models import AttemptKind, LoginMethod, SecondFactor, User
from estate.people.permissions import Permission
from estate.web.access import public, requires, signed_in_user
from estate.web.auth_forms import CodeForm, ConfirmCodeForm, OffForm, StartForm
from estate.web.configuration import current_settings
from estate.web.database import current_session, keep_changes
from estate.web.page import current_place
from estate.web.sessions import end_login, find_waiting, finish_waiting, start_login, start_waiting
from estate.web.sign_in_limits import check_limits, count_attempt

blueprint = Blueprint("second_factor", __name__)

Answer = str | Response | tuple[str, int]


class SecondFactorRequired(NotAllowed):
    """Administrators need a second factor here. Set up a new phone instead of turning it off."""


def continue_sign_in(user: User, method: LoginMethod, address: str) -> Response:
    """Sign in a user who passed the first step, or send them to the second; then they go on to `address`."""
    session, settings = current_session(), current_settings()
    is_done = method is LoginMethod.PROVIDER and settings.oidc.checks_second_factor
    has_factor = second_factors.find_second_factor(session, user) is not None
    if is_done or not (has_factor or is_required(user)):
        start_login(user, method)
        return redirect(address or url_for("home.index"))
    if not has_factor:
        second_factors.start_enrolment(session, user, secret_key=settings.resolved_secret_key)
    start_waiting(user, method, address)
    return redirect(url_for("second_factor.ask"))


def is_required(user: User) -> bool:
    """True when this user may not sign in without a second factor: an administrator, except of a demo place."""
    wanted, place = current_settings().second_factor_for_administrators, current_place()
    if wanted is None:
        wanted = place is None or not place.is_synthetic
    return wanted and is_administrator(user)


@blueprint.get("/sign-in/second-factor")
@public
def ask() -> Answer:
    """Ask for a code, or show how to set the app up where the user must and has not."""
    login = find_waiting()
    return redirect(url_for("auth.sign_in")) if login is None else _ask_page(login.user, CodeForm())


@blueprint.post("/sign-in/second-factor")
@public
def check() -> Answer:
    """Sign in with a right code."""
    login, form, session = find_waiting(), CodeForm(), current_session()
    if login is None:
        flash("This sign-in took too long. Start again.", "notice")
        return redirect(url_for("auth.sign_in"))
    user, secret_key = login.user, current_settings().resolved_secret_key
    if not form.validate_on_submit():
        return _ask_page(user, form), 422
    if second_factors.find_second_factor(session, user) is not None:
        if not _is_right(user, form):
            return _ask_page(user, form), 422
        return redirect(finish_waiting(login) or url_for("home.index"))
    try:
        codes = second_factors.confirm_enrolment(session, user, form.code.data or "", secret_key=secret_key)
    except second_factors.CodeWrong as error:
        form.code.errors = [error.message]
        return _ask_page(user, form), 422
    address = finish_waiting(login) or url_for("home.index")
    return render_template("second_factor/codes.html", codes=codes, address=address)


@blueprint.post("/sign-in/second-factor/cancel")
@public
def cancel() -> Answer:
    """Forget the half-done sign-in."""
    if find_waiting() is not None:
        end_login()
    return redirect(url_for("auth.sign_in"))


@blueprint.get("/account/second-factor")
@requires(Permission.OWN_ACCOUNT)
def show() -> Answer:
    """One's own second factor: what is set up, or the picture to scan."""
    return _own_page(signed_in_user())


@blueprint.post("/account/second-factor/start")
@requires(Permission.OWN_ACCOUNT)
def start() -> Answer:
    """Begin to set up an app; whoever has one shows that it is theirs."""
    user, form, session = signed_in_user(), StartForm(), current_session()
    has_factor = second_factors.find_second_factor(session, user) is not None
    if not form.validate_on_submit() or (has_factor and not _is_right(user, form)):
        return _own_page(user, start_form=form), 422
    second_factors.start_enrolment(session, user, secret_key=current_settings().resolved_secret_key)
    return redirect(url_for("second_factor.show"))


@blueprint.post("/account/second-factor/confirm")
@requires(Permission.OWN_ACCOUNT)
def confirm() -> Answer:
    """Put the app in force by its first code, and show the recovery codes, once."""
    user, form, secret_key = signed_in_user(), ConfirmCodeForm(), current_settings().resolved_secret_key
    if not form.validate_on_submit():
        return _own_page(user, confirm_form=form), 422
    try:
        codes = second_factors.confirm_enrolment(
            current_session(), user, form.new_code.data or "", secret_key=secret_key
        )
    except second_factors.CodeWrong as error:
        form.new_code.errors = [error.message]
        return _own_page(user, confirm_form=form), 422
    return render_template("second_factor/codes.html", codes=codes, address=url_for("auth.account"))


@blueprint.post("/account/second-factor/off")
@requires(Permission.OWN_ACCOUNT)
def turn_off() -> Answer:
    """Go back to signing in without a code, where one's role allows it."""
    user, form = signed_in_user(), OffForm()
    if is_required(user):
        raise SecondFactorRequired
    if not form.validate_on_submit() or not _is_right(user, form):
        return _own_page(user, off_form=form), 422
    second_factors.turn_off(current_session(), user, actor=user.id)
    flash("The second factor is turned off. Your password alone signs you in.", "success")
    return redirect(url_for("auth.account"))


def _is_right(user: User, form: CodeForm | StartForm | OffForm) -> bool:
    """True when the form's code is right. Each try is counted, a wrong one is marked on the form."""
    session, address, key = current_session(), request.remote_addr or "", f"user:{user.id}"
    check_limits(session, key, address, AttemptKind.SECOND_FACTOR)
    secret_key = current_settings().resolved_secret_key
    is_right = second_factors.verify_code(session, user, form.code.data or "", secret_key=secret_key)
    count_attempt(session, key, address, was_successful=is_right, kind=AttemptKind.SECOND_FACTOR)
    if not is_right:
        keep_changes()
        form.code.errors = [second_factors.CodeWrong().message]
    return is_right


def _ask_page(user: User, form: CodeForm) -> str:
    session = current_session()
    if second_factors.find_second_factor(session, user) is not None:
        return render_template("second_factor/ask.html", form=form)
    form.code.description = "Six digits."
    return render_template("second_factor/must_enrol.html", form=form, **_enrolment(user))


def _own_page(
    user: User,
    *,
    start_form: StartForm | None = None,
    confirm_form: ConfirmCodeForm | None = None,
    off_form: OffForm | None = None,
) -> str:
    session = current_session()
    factor = second_factors.find_second_factor(session, user)
    return render_template(
        "second_factor/own.html",
        factor=factor,
        codes_left=second_factors.count_recovery_codes(session, factor) if factor else 0,
        is_required=is_required(user),
        start_form=start_form or StartForm(formdata=None),
        confirm_form=confirm_form or ConfirmCodeForm(formdata=None),
        off_form=off_form or OffForm(formdata=None),
        **_enrolment(user),
    )


def _enrolment(user: User) -> dict[str, object]:
    """What the page shows of the app being set up: the picture and the secret in groups of four."""
    factor: SecondFactor | None = second_factors.find_enrolment(current_session(), user)
    if factor is None:
        return {"picture": None, "secret": ""}
    key, place = current_settings().resolved_secret_key, current_place()
    issuer = f"Estate {place.name}" if place else "Estate"
    address = second_factors.address_for_app(factor, user, issuer=issuer, secret_key=key)
    picture = segno.make(address, error="m", micro=False).svg_inline(scale=5, border=3, dark="#000", light="#fff")
    secret = second_factors.secret_of(factor, key)
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {"picture": Markup(picture), "secret": groups}  # noqa: S704  (drawn here from the address alone)
