"""One's own tokens: with them programs such as QGIS read the register."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from estate.people import access_tokens
from estate.people.permissions import Permission
from estate.web.access import requires, signed_in_user
from estate.web.database import current_session
from estate.web.form_fields import needed_text_field
from estate.web.forms import Form
from estate.web.ogc_documents import address, tile_addresses

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")

Answer = str | Response | tuple[str, int]


class TokenForm(Form):
    """A new token."""

    name = needed_text_field(
        "What it is for",
        "Say what the token is for",
        description="Such as “QGIS on my laptop”: so that you know later which one to revoke.",
        render_kw={"autocomplete": "off"},
    )
    life_days = RadioField(
        "How long it works",
        choices=[SelectChoice(str(days), f"{days} days") for days in access_tokens.LIVES],
        default=str(access_tokens.LIVES[1]),
        validators=[InputRequired("Choose how long it works")],
    )


@blueprint.get("")
@requires(Permission.OWN_ACCOUNT)
def index() -> str:
    """The living tokens, and the form for a new one."""
    return _page(TokenForm())


@blueprint.post("")
@requires(Permission.OWN_ACCOUNT)
def create() -> Answer:
    """Make a token and show it, this once."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        token = access_tokens.create_token(
            current_session(), signed_in_user(), form.name.data or "", int(form.life_days.data or 0)
        )
    except access_tokens.TokenNameMissing as error:
        form.name.errors = [error.message]
        return _page(form), 422
    return _page(TokenForm(formdata=None), token)


@blueprint.post("/<int:token_id>/revoke")
@requires(Permission.OWN_ACCOUNT)
def revoke(token_id: int) -> Response:
    """Make one worthless."""
    if Form().validate_on_submit():
        ended = access_tokens.revoke_token(current_session(), signed_in_user(), token_id)
        flash(f"The token “{ended.name}” is revoked. Programs that hold it read nothing more.", "success")
    return redirect(url_for("tokens.index"))


def _page(form: TokenForm, token: str = "") -> str:
    living = access_tokens.list_tokens(current_session(), signed_in_user())
    addresses = {"address": address("ogc.landing"), "tiles": tile_addresses("{z}", "{x}", "{y}")}
    return render_template("auth/tokens.html", form=form, token=token, living=living, **addresses)
