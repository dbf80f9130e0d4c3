"""Changes to a user's account that need a reason: ending a role, closing, opening, forgetting a lost phone."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.people import users
from estate.people.models import User
from estate.people.permissions import Permission
from estate.people.second_factors import reset_second_factor
from estate.web.access import requires, signed_in_identity
from estate.web.database import current_session
from estate.web.filters import words
from estate.web.users_forms import ReasonForm

blueprint = Blueprint("changes", __name__)

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Question:
    """What a page asks before it does something: title, consequence, button; and what it says afterwards."""

    title: str
    consequence: str
    button: str
    done: str


@blueprint.route("/<int:user_id>/roles/<int:role_id>/end", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def end_role(user_id: int, role_id: int) -> Answer:
    """End a role."""
    session = current_session()
    user = users.get_user(session, user_id)
    held = users.get_role(session, user, role_id)
    role = f"{words(held.role).lower()} of {held.agency.name}"
    question = Question(
        "End this role",
        f"{user.name} is {role}. They lose its rights at once, wherever they are signed in. What they did stays.",
        "End this role",
        f"{user.name} is no longer {role}.",
    )
    return _ask(user, question, lambda actor, why: users.end_role(session, held, actor=actor, reason=why))


@blueprint.route("/<int:user_id>/deactivate", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def deactivate(user_id: int) -> Answer:
    """Close an account."""
    session = current_session()
    user = users.get_user(session, user_id)
    question = Question(
        "Deactivate this account",
        f"{user.name} is signed out everywhere and can't sign in any more. Nothing is deleted: what they did stays "
        "under their name, and you can open the account again.",
        "Deactivate this account",
        f"The account of {user.name} is deactivated.",
    )
    return _ask(user, question, lambda actor, why: users.deactivate_user(session, user, actor=actor, reason=why))


@blueprint.route("/<int:user_id>/reactivate", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def reactivate(user_id: int) -> Answer:
    """Open an account again."""
    session = current_session()
    user = users.get_user(session, user_id)
    question = Question(
        "Open this account again",
        f"{user.name} can sign in again, with the roles and the password they had.",
        "Open this account again",
        f"The account of {user.name} is open again.",
    )
    return _ask(user, question, lambda actor, why: users.reactivate_user(session, user, actor=actor, reason=why))


@blueprint.route("/<int:user_id>/second-factor/reset", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def reset_factor(user_id: int) -> Answer:
    """Forget a lost phone."""
    session = current_session()
    user = users.get_user(session, user_id)
    question = Question(
        "Reset the second factor",
        f"The phone and the recovery codes of {user.name} stop working, and they are signed out everywhere. Make sure "
        "that it is really them who asks: call them back on a number you know.",
        "Reset the second factor",
        f"The second factor of {user.name} is reset. They set up a new one when they need it.",
    )
    return _ask(user, question, lambda actor, why: reset_second_factor(session, user, actor=actor, reason=why))


def _ask(user: User, question: Question, act: Callable[[int, str], None]) -> Answer:
    """The page that asks for the reason; once it is given, `act` and go back to the user's page."""
    form = ReasonForm()
    if not form.validate_on_submit():
        page = render_template("administration/reason.html", form=form, account=user, question=question)
        return page, 422 if form.is_submitted() else 200
    act(signed_in_identity().user_id, form.reason.data or "")
    flash(question.done, "success")
    return redirect(url_for("administration.users.show", user_id=user.id))
