"""A reader's choice of a base map: below each map, where an administrator offers any."""

from flask import Blueprint, redirect, session, url_for
from werkzeug.wrappers import Response
from wtforms import IntegerField, StringField
from wtforms.validators import Optional

from estate.gis.base_addresses import host_of
from estate.gis.base_maps import NoSuchBaseMap, find_offered, list_base_maps
from estate.people.permissions import Permission
from estate.web.access import requires
from estate.web.auth import safe_address
from estate.web.base_map import KEPT, chosen_layer
from estate.web.database import current_session
from estate.web.forms import Form

blueprint = Blueprint("base_map_choice", __name__)


class ChoiceForm(Form):
    """A base map, or none."""

    base_map_id = IntegerField("Base map", [Optional()])
    back = StringField("The page to go back to")


@blueprint.post("/maps/base")
@requires(Permission.READ_MAP)
def choose() -> Response:
    """Show maps on this base map from now on, or on none. Raises `NoSuchBaseMap` for one that is not offered."""
    form = ChoiceForm()
    if not form.validate_on_submit():
        raise NoSuchBaseMap
    chosen = form.base_map_id.data
    if chosen is None:
        session.pop(KEPT, None)
    elif find_offered(current_session(), chosen) is None:
        raise NoSuchBaseMap
    else:
        session[KEPT] = chosen
    return redirect(safe_address(form.back.data or "") or url_for("maps.index"))


@blueprint.app_template_global()
def base_map_choices() -> list[tuple[int, str, bool]]:
    """What a reader may choose: the id, the name with its host, and whether it is chosen."""
    kept = session.get(KEPT)
    offered = list_base_maps(current_session(), only_offered=True)
    return [(base.id, f"{base.name} ({host_of(base.address)})", base.id == kept) for base in offered]


blueprint.add_app_template_global(chosen_layer, "chosen_base_map")
