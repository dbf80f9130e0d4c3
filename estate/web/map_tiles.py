"""Vector tiles of the map of buildings, and how a browser keeps them: by the version of what they show."""

import hashlib
import hmac
from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy import select

from estate.gis.tiles import Tile, tile_at
from estate.people.permissions import Permission
from estate.people.programmes import partners_in, today_of
from estate.register.as_at import day_of_reading
from estate.register.filters import FULLNESS_LIMITS, BuildingFilters, fullness_limit
from estate.register.map_outlines import OUTLINES_FROM, outline_bytes
from estate.register.map_tiles import Reading, reading
from estate.register.models import ProgrammeArea
from estate.register.seen import viewer_of
from estate.web.access import accepts_token, requires
from estate.web.as_at import as_at, shows_past
from estate.web.building_filters import filters_from
from estate.web.database import current_session
from estate.web.programmes import known_agency_ids
from estate.web.tile_answers import Answer, packed, remember, respond
from estate.web.tile_grids import draw

blueprint = Blueprint("map_tiles", __name__)

FORMAT_VERSION = 2
"""Grows when tiles are drawn otherwise, so that nobody keeps what another release drew."""
NOT_IN_THE_LIST = ("gap", "block_id", "within")
"""Filters that rest on more than the rows of the list in the tile, whose changes are counted."""


@blueprint.get("/maps/buildings/tiles/<zoom>/<x>/<y>.mvt")
@requires(Permission.READ_MAP)
@accepts_token
@shows_past
def show(zoom: str, x: str, y: str) -> Response:
    """One tile of the buildings that the address's filters let through."""
    tile, filters = tile_at(zoom, x, y), filters_from(request.args)
    how = reading(current_session(), tile)
    tag = _tag(tile, filters, how)
    answer = Answer(tag)
    if not answer.is_kept_there:
        # What comes first in a tile is drawn beneath the rest.
        outlines = outline_bytes(current_session(), tile, filters, known_agency_ids())
        answer = packed(tag, outlines + draw(tile, filters, how, has_version=tag is not None))
    remember(answer, filters.scope)
    return respond(answer)


def _tag(tile: Tile, filters: BuildingFilters, how: Reading) -> str | None:
    """Names the tile's content: the same only where nothing can have changed of what this reader sees.

    None where no version of what the tile rests on is known. It is signed, so that nobody reads from it how often
    something changed that they do not see.
    """
    viewer = viewer_of(current_session())
    if viewer is None or not how.sees_every_field or how.is_past or as_at() is not None:
        return None
    if any(name in filters.chosen for name in NOT_IN_THE_LIST):
        return None
    told: list[Any] = [FORMAT_VERSION, tile, how.version, sorted(viewer.agency_ids), viewer.is_partner]
    told += [sorted(filters.chosen.items(), key=str), today_of(current_session()), _scope_version(filters)]
    told.append(sorted(known_agency_ids() or ()) if tile.zoom >= OUTLINES_FROM else [])
    if filters.fullness in FULLNESS_LIMITS:
        told.append(current_session().scalar(fullness_limit(filters.fullness)))
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, repr(told).encode(), hashlib.sha256).hexdigest()[:32]


def _scope_version(filters: BuildingFilters) -> list[Any]:
    """Who takes part in the programme today, and what it covers."""
    scope = filters.scope
    if scope is None:
        return []
    found: list[Any] = [scope.programme_id, sorted(scope.own_agency_ids)]
    if scope.programme_id is not None:
        session = current_session()
        partners = partners_in([scope.programme_id], day_of_reading())
        areas = select(ProgrammeArea.area_id).where(ProgrammeArea.programme_id == scope.programme_id)
        found += [sorted(session.scalars(partners)), sorted(session.scalars(areas))]
    return found
