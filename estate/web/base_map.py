"""The base map that a reader chose: kept in the cookie, asked anew of the administrator's list for each map.

A link never brings one along: whose browser asks another host is for its reader to say.
"""

from flask import session

from estate.gis.base_addresses import host_of, origin_of
from estate.gis.base_maps import find_offered
from estate.gis.maps import BaseLayer
from estate.web.database import current_session

KEPT = "base_map"


def chosen_layer() -> BaseLayer | None:
    """The chosen base map; None where nothing was chosen, or what was chosen is withdrawn."""
    kept = session.get(KEPT)
    base = find_offered(current_session(), kept) if isinstance(kept, int) else None
    if base is None:
        return None
    return BaseLayer(
        name=base.name,
        host=host_of(base.address),
        address=base.address,
        origin=origin_of(base.address),
        attribution=base.attribution,
        minimum_zoom=base.minimum_zoom,
        maximum_zoom=base.maximum_zoom,
    )


def left_out_note() -> str:
    """What sheets and files say of the chosen base map; empty where there is none."""
    chosen = chosen_layer()
    return f"The base map “{chosen.name}” is left out." if chosen else ""
