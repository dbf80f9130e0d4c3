"""The programme in which the signed-in user works: chosen in the header, kept in the cookie, carried by links.

Where there is only one programme, nothing of this shows.
"""

from typing import Any

from flask import Blueprint, Flask, flash, g, has_request_context, redirect, request, session, url_for
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import InputRequired

from estate.people.models import Agency, Role
from estate.people.permissions import Identity, Permission, can
from estate.people.programme_models import Programme
from estate.people.programmes import NoSuchProgramme, list_programmes
from estate.register.models import Building
from estate.register.programmes import Scope, is_whole_register, last_stay_of, sight_of
from estate.register.queries import NoSuchBuilding, get_building
from estate.web.access import current_identity, requires, signed_in_identity
from estate.web.database import current_session
from estate.web.forms import Form
from estate.web.token_access import shows_token

blueprint = Blueprint("programmes", __name__)

PARAMETER = "programme"
KEPT = "programme"
KNOWN_SCOPE = "known_scope"
"""Where `g` holds the scope of a request for which it was known before it began."""
CARRIED = frozenset(
    {
        "home.index",
        "buildings.index",
        "buildings.download",
        "maps.index",
        "maps.buildings",
        "maps.frame",
        "maps.buildings_frame_document",
        "maps.download_areas",
        "maps.download_buildings",
        "matches.index",
        "proposals.index",
        "proposals.new",
        "boards.index",
        "disposals.index",
        "disposals.download",
        "departures.index",
        "costs.index",
        "costs.shares",
        "leases.index",
        "quality.index",
        "quality.agencies",
        "quality.areas",
    }
)
"""Pages that show a programme as a whole: links to them name it, so that whoever follows one sees the same."""


class SwitchForm(Form):
    """Another programme to work in."""

    programme_id = IntegerField("Programme", [InputRequired()])


@blueprint.post("/programme")
@requires(Permission.OWN_ACCOUNT)
def switch() -> Response:
    """Work in another programme, from its start page on."""
    form = SwitchForm()
    if not form.validate_on_submit():
        raise NoSuchProgramme
    enter(form.programme_id.data or 0, says_so=False)
    return redirect(url_for("home.index"))


def own_programmes() -> list[Programme]:
    """The programmes in which the user may work, by name: those of their agencies, all for an administrator."""
    if "own_programmes" not in g:
        identity = current_identity()
        known = list_programmes(current_session()) if identity and identity.programme_ids else []
        g.own_programmes = [one for one in known if identity and one.id in identity.programme_ids]
    found: list[Programme] = g.own_programmes
    return found


def current_programme() -> Programme | None:
    """The programme that this page shows; None for a visitor, and for who takes part in none."""
    if "programme" not in g:
        g.programme = _chosen()
    programme: Programme | None = g.programme
    return programme


def current_programme_id() -> int | None:
    """Its id."""
    programme = current_programme()
    return programme.id if programme else None


def needed_programme() -> Programme:
    """As `current_programme`; raises `NoSuchProgramme` where there is none."""
    programme = current_programme()
    if programme is None:
        raise NoSuchProgramme
    return programme


def _chosen() -> Programme | None:
    """What the address names, else what the cookie keeps, else the oldest."""
    own = own_programmes()
    slug = request.args.get(PARAMETER, "").strip()
    if slug and current_identity() is not None:
        named = next((one for one in own if one.slug == slug), None)
        if named is None:
            raise NoSuchProgramme
        _keep(named)
        return named
    kept = None if shows_token() else session.get(KEPT)
    return next((one for one in own if one.id == kept), min(own, key=lambda one: one.id, default=None))


def enter(programme_id: int, *, says_so: bool = True) -> None:
    """Work in the programme of the thing that the page shows, and say so where it is another one than before.

    Raises `NoSuchProgramme` where the user takes no part in it.
    """
    named = next((one for one in own_programmes() if one.id == programme_id), None)
    if named is None:
        raise NoSuchProgramme
    before = g.get("programme") or next((one for one in own_programmes() if one.id == session.get(KEPT)), None)
    g.programme = named
    if says_so and before is not None and before.id != named.id:
        flash(f"You now work in {named.name}: this page belongs to it.", "notice")
    _keep(named)


def _keep(programme: Programme) -> None:
    if session.get(KEPT) != programme.id and len(own_programmes()) > 1 and not shows_token():
        session[KEPT] = programme.id


def current_scope() -> Scope | None:
    """Whose buildings this page shows; None outside a request, and where nothing of the register is left out."""
    if not has_request_context() or current_identity() is None:
        return None
    if KNOWN_SCOPE in g:
        known: Scope | None = g.get(KNOWN_SCOPE)
        return known
    return scope_of(signed_in_identity(), current_programme_id())


def scope_of(identity: Identity, programme_id: int | None) -> Scope | None:
    """What somebody is shown in a programme; None where nothing of the register is left out."""
    if programme_id is not None and is_whole_register(current_session(), programme_id):
        return None
    is_administrator = bool(identity.roles.get(Role.ADMINISTRATOR))
    return Scope(programme_id, _every_agency() if is_administrator else identity.agency_ids)


def known_agency_ids() -> frozenset[int] | None:
    """The agencies whose records the user may see today; None: all of them."""
    identity = signed_in_identity()
    return None if identity.roles.get(Role.ADMINISTRATOR) else identity.agency_ids | identity.partner_agency_ids


def _every_agency() -> frozenset[int]:
    """An administrator may ask for the records of any agency by its name."""
    return frozenset(current_session().scalars(select(Agency.id)))


def get_seen_building(building_id: int, permission: Permission = Permission.READ_REGISTER) -> Building:
    """The building, where the user may see it. Raises `NoSuchBuilding`, for one that nobody shares with them too."""
    building = get_building(current_session(), building_id)
    if not can(current_identity(), permission, sight_of(current_session(), building)):
        raise NoSuchBuilding
    return building


def init_programmes(app: Flask) -> None:
    """Let every page say in which programme it is, and links to lists carry it."""
    app.url_defaults(_carry)
    app.context_processor(_everywhere)


def _everywhere() -> dict[str, Any]:
    """For templates: nothing where the database does not answer, so that the error page stands."""
    try:
        return {"programme": current_programme(), "own_programmes": own_programmes(), "outside_since": _outside_since()}
    except (SQLAlchemyError, NoSuchProgramme):
        g.programme, g.own_programmes = None, []
        return {"programme": None, "own_programmes": [], "outside_since": None}


def _outside_since() -> Any:
    """The stay that ended, for somebody whose agencies take part in nothing any more; None for everybody else."""
    identity = current_identity()
    if identity is None or identity.programme_ids or not identity.agency_ids:
        return None
    return last_stay_of(current_session(), identity.agency_ids)


def _carry(endpoint: str, values: dict[str, Any]) -> None:
    programme = g.get("programme")
    if programme is not None and endpoint in CARRIED and len(g.get("own_programmes", [])) > 1:
        values.setdefault(PARAMETER, programme.slug)
