"""What stands in one square of the map of many buildings, for its pop-up: the first few by name, and their list."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, request, url_for

from estate.people.permissions import Permission
from estate.register.filters import BuildingFilters
from estate.register.queries import BuildingRow, list_buildings
from estate.register.squares import square_from
from estate.web.access import requires
from estate.web.as_at import shows_past
from estate.web.building_filters import arguments_of, filters_from
from estate.web.database import current_session

blueprint = Blueprint("map_cells", __name__)

MOST_LISTED = 20


@blueprint.get("/maps/buildings/cells/<zoom>/<x>/<y>.json")
@requires(Permission.READ_MAP)
@shows_past
def show(zoom: str, x: str, y: str) -> dict[str, Any]:
    """The buildings in the square that the address's filters let through: `count is_count_exact buildings href`.

    Of each building its `name`, a `line` about it and its page's `href`; `href` beside them is the list of all.
    """
    filters = _in_square(filters_from(request.args), f"{zoom}/{x}/{y}")
    found = list_buildings(current_session(), filters, page_size=MOST_LISTED)
    return {
        "count": found.count,
        "is_count_exact": found.is_count_exact,
        "buildings": [_told(row) for row in found.rows],
        "href": url_for("buildings.index", **arguments_of(filters)),
    }


def _in_square(filters: BuildingFilters, text: str) -> BuildingFilters:
    """The same filters in this square too. Of two squares on one map the larger holds the smaller."""
    square, before = square_from(text), filters.square
    return filters if before and before.zoom >= square.zoom else replace(filters, square=square)


def _told(row: BuildingRow) -> dict[str, str]:
    building = row.building
    use = building.use_class.name if building.use_class else "Use unknown"
    return {
        "name": building.name,
        "line": f"{use}, {building.agency.name}",
        "href": url_for("buildings.show", building_id=building.id),
    }
