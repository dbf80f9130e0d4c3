"""Reading the register: the list of buildings, the same list as a file, and the page of one building."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from estate.people.permissions import Permission, can
from estate.register.details import building_details
from estate.register.filters import BuildingFilters
from estate.register.matches.members import building_id_of
from estate.register.matches.site_story import standing_of
from estate.register.matches.why import why_one
from estate.register.models import BuildingStatus
from estate.register.queries import SORTS, get_building, list_buildings
from estate.web.access import current_identity, requires
from estate.web.as_at import as_at, dated_name, shows_past
from estate.web.building_file import write_buildings
from estate.web.building_filters import arguments_of, filters_from
from estate.web.building_values import may_choose
from estate.web.charts import cost_chart
from estate.web.database import current_session
from estate.web.histories import tell
from estate.web.match_words import says_words
from estate.web.names import Choices, filter_choices, names_of_codes, text_of

blueprint = Blueprint("buildings", __name__)


@blueprint.get("/buildings")
@requires(Permission.READ_REGISTER)
@shows_past
def index() -> str:
    """The list, filtered, sorted, page by page."""
    filters = filters_from(request.args)
    sort, page = _sort(), request.args.get("page", 1, type=int)
    found = list_buildings(current_session(), filters, sort=sort, page=page)
    choices = filter_choices(current_session())
    return render_template(
        "buildings/index.html",
        filters=filters,
        chosen=_chosen(filters, choices),
        arguments={**arguments_of(filters), "sort": sort if sort != "name" else None},
        found=found,
        sort=sort,
        choices=choices,
    )


@blueprint.get("/buildings.csv")
@requires(Permission.READ_REGISTER)
@shows_past
def download() -> Response:
    """Exactly what the list shows, all pages, as CSV."""
    found = list_buildings(current_session(), filters_from(request.args), sort=_sort(), page_size=None)
    answer = Response(write_buildings(found, as_at()), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={dated_name('buildings', 'csv')}"
    return answer


@blueprint.get("/buildings/<int:building_id>")
@requires(Permission.READ_REGISTER)
@shows_past
def show(building_id: int) -> str | Redirect:
    """Everything known of one building. The number of a record that is part of another building leads there."""
    session = current_session()
    found = get_building(session, building_id)
    if building_id_of(found) != found.id:
        return redirect(url_for("buildings.show", building_id=building_id_of(found)), 301)
    details = building_details(session, found)
    names = names_of_codes(session)
    return render_template(
        "buildings/show.html",
        building=details.building,
        details=details,
        chart=cost_chart(details.cost_table),
        stories=[tell(happening, names) for happening in details.history],
        story=why_one(session, found),
        may_choose_value=as_at() is None and details.building.retired_at is None and may_choose(found),
        open_ids={record.id for record in details.records if can(current_identity(), Permission.EDIT_BUILDING, record)},
        standing=standing_of(session, found),
        **says_words(),
        may_edit=can(current_identity(), Permission.EDIT_BUILDING, details.building)
        and details.building.status is not BuildingStatus.RETIRED
        and as_at() is None,
    )


def _sort() -> str:
    sort = request.args.get("sort", "name")
    return sort if sort.removeprefix("-") in SORTS else "name"


def _chosen(filters: BuildingFilters, choices: Choices) -> list[tuple[str, dict[str, Any]]]:
    """Each filter in force in words, with the arguments of the list without it."""
    return [
        (text_of(name, value, choices), arguments_of(filters.without(name))) for name, value in filters.chosen.items()
    ]
