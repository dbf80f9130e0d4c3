"""What every page knows: the place, the signed-in user, the navigation, and where components are found."""

from typing import Any

from flask import Flask, current_app, g, url_for
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from sqlalchemy.exc import SQLAlchemyError

from estate.people.permissions import Permission, can
from estate.register.models import Place
from estate.web.access import current_identity, current_user
from estate.web.database import current_session
from estate.web.navigation import navigation, shortcuts
from estate.web.programmes import current_programme

GOVUK = "govuk_frontend_jinja"


def init_page(app: Flask) -> None:
    """Let templates find the GOV.UK components and what every page shows."""
    components = PrefixLoader({GOVUK: PackageLoader(GOVUK)})
    app.jinja_loader = ChoiceLoader([PackageLoader("estate.web"), components])  # type: ignore[assignment,unused-ignore]
    app.context_processor(_everywhere)
    app.jinja_env.globals.update(
        Permission=Permission, may=may, has_route=has_route, with_arguments=with_arguments, place_name=place_name
    )


def may(permission: Permission, thing: Any = None) -> bool:
    """True when the signed-in user has `permission` on `thing`. For templates: hide what would be refused."""
    return can(current_identity(), permission, thing)


def has_route(endpoint: str) -> bool:
    """True where a room with this route is part of the app."""
    return endpoint in current_app.view_functions


def with_arguments(endpoint: str, arguments: dict[str, Any], **changes: Any) -> str:
    """The address of `endpoint` with `arguments`, some of them changed; None takes one out."""
    merged = {name: value for name, value in {**arguments, **changes}.items() if value not in (None, "")}
    return url_for(endpoint, **merged)


def current_place() -> Place | None:
    """The place this installation serves; None before it was set up, or where the database does not answer."""
    if "place" not in g:
        try:
            g.place = current_session().get(Place, 1)
        except SQLAlchemyError:
            g.place = None
    place: Place | None = g.place
    return place


def place_name() -> str:
    """What the place is called: as its programme says, else as the installation; empty where neither does."""
    programme, place = current_programme(), current_place()
    return (programme.place_name if programme else None) or (place.name if place else "")


def _everywhere() -> dict[str, Any]:
    return {
        "place": current_place(),
        "user": current_user(),
        "identity": current_identity(),
        "navigation": navigation,
        "shortcuts": shortcuts,
    }
