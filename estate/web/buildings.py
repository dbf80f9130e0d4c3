"""Reading the register: the list of buildings, the same list as a file, and the page of one building."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from estate.exports.buildings import LIST_COLUMNS, buildings_table, register_table
from estate.exports.formats import formats, get_format
from estate.people.permissions import Permission, can
from estate.register import views
from estate.register.details import building_details
from estate.register.filters import BuildingFilters
from estate.register.matches.members import building_id_of
from estate.register.matches.site_story import standing_of
from estate.register.matches.why import why_one
from estate.register.models import Building, BuildingStatus
from estate.register.queries import NoSuchBuilding, list_buildings
from estate.register.seen import THE_PUBLIC, seen_by
from estate.register.sensitivity import Stub, list_stubs
from estate.web.access import accepts_token, current_identity, requires, signed_in_identity
from estate.web.as_at import as_at, dated_name, shows_past
from estate.web.building_cells import raw_value, value_choices
from estate.web.building_filters import arguments_of, filters_from
from estate.web.building_values import may_choose
from estate.web.charts import cost_chart
from estate.web.database import current_session
from estate.web.errors import error_page
from estate.web.files import file_answer
from estate.web.histories import tell
from estate.web.list_columns import PARAMETER, columns_from, list_arguments, sort_from
from estate.web.match_words import says_words
from estate.web.names import Choices, filter_choices, names_of_codes, text_of
from estate.web.programmes import get_seen_building, known_agency_ids

blueprint = Blueprint("buildings", __name__)

ALL = "all"
"""The view of those who want none: all buildings, whatever view their list opens with."""
EVERY_COLUMN = "all"


@blueprint.get("/buildings")
@requires(Permission.READ_REGISTER)
@shows_past
def index() -> str | Redirect:
    """The list, filtered, sorted, page by page. A bare address opens the reader's own view."""
    session = current_session()
    begin = None if request.args else views.default_view(session, signed_in_identity())
    if begin is not None:
        return redirect(url_for("list_views.show", view_id=begin.id))
    filters, sort = filters_from(request.args), sort_from(request.args)
    found = list_buildings(session, filters, sort=sort, page=request.args.get("page", 1, type=int))
    choices = filter_choices(session, filters)
    return render_template(
        "buildings/index.html",
        filters=filters,
        chosen=_chosen(filters, choices),
        found=found,
        sort=sort,
        choices=choices,
        stubs=_stubs(filters) if found.page == found.page_count else [],
        columns={name: LIST_COLUMNS[name] for name in columns_from(request.args)},
        formats=formats().values(),
        **_views(),
        **_editing(),
    )


@blueprint.get("/buildings.<suffix>")
@requires(Permission.READ_REGISTER)
@accepts_token
@shows_past
def download(suffix: str) -> Response:
    """Exactly what the list shows, all pages, its columns only; `columns=all` for everything that is known."""
    columns = None if request.args.get(PARAMETER) == EVERY_COLUMN else columns_from(request.args)
    filters, sort = filters_from(request.args), sort_from(request.args)
    table = register_table(current_session(), filters, sort=sort, columns=columns, as_at=as_at())
    return file_answer(get_format(suffix), table, dated_name("buildings", suffix))


@blueprint.get("/buildings-open.csv")
@requires(Permission.READ_REGISTER)
def download_open() -> Response:
    """What may leave the partnership, as CSV: the open records, without the fields that are not open."""
    with seen_by(current_session(), THE_PUBLIC) as reading:
        found = list_buildings(reading, filters_from(request.args), sort=sort_from(request.args), page_size=None)
        content = get_format("csv").content(buildings_table(found, None, as_at=None))
    answer = Response(b"\xef\xbb\xbf" + content, content_type=get_format("csv").mimetype)
    answer.headers["Content-Disposition"] = "attachment; filename=open-buildings.csv"
    return answer


@blueprint.get("/buildings/<int:building_id>")
@requires(Permission.READ_REGISTER)
@shows_past
def show(building_id: int) -> str | Redirect:
    """Everything known of one building. A record's number leads to its building, where the reader may see that."""
    session = current_session()
    found = get_seen_building(building_id)
    if building_id_of(found) != found.id and session.get(Building, building_id_of(found)) is not None:
        return redirect(url_for("buildings.show", building_id=building_id_of(found)), 301)
    details = building_details(session, found, known_agency_ids())
    names = names_of_codes(session)
    return render_template(
        "buildings/show.html",
        building=details.building,
        details=details,
        chart=cost_chart(details.cost_table),
        stories=[tell(happening, names) for happening in details.history],
        story=why_one(session, found, known_agency_ids()),
        may_choose_value=as_at() is None and details.building.retired_at is None and may_choose(found),
        open_ids={record.id for record in details.records if can(current_identity(), Permission.EDIT_BUILDING, record)},
        standing=standing_of(session, found),
        **says_words(),
        may_edit=_may_edit(details.building),
    )


def _may_edit(building: Building) -> bool:
    may = can(current_identity(), Permission.EDIT_BUILDING, building)
    return may and building.status is not BuildingStatus.RETIRED and as_at() is None


@blueprint.errorhandler(NoSuchBuilding)
def stub_page(error: NoSuchBuilding) -> str | tuple[str, int]:
    """All that is told of another agency's restricted building, where its page was asked for."""
    is_page = request.endpoint == "buildings.show" and current_identity() is not None
    number = (request.view_args or {}).get("building_id")
    stub = next((one for one in _stubs(BuildingFilters()) if is_page and one.building_id == number), None)
    return render_template("sensitivity/stub.html", stub=stub) if stub else error_page(404, error.message)


def _stubs(filters: BuildingFilters) -> Sequence[Stub]:
    """The restricted buildings of agencies that the reader shares a programme with; none on a past day."""
    return [] if as_at() else list_stubs(current_session(), filters, known_agency_ids())


def _views() -> dict[str, Any]:
    """The views that the reader may open, the one that the address names, and whether the list differs from it."""
    session, arguments = current_session(), list_arguments(request.args)
    found = views.list_views(session, signed_in_identity())
    number = request.args.get("view", 0, type=int)
    current = next((view for view in found if view.id == number), None)
    return {
        "views": found,
        "view": current,
        "is_view_changed": current is not None and arguments != current.arguments,
        "kept": {"view": current.id if current else ALL, PARAMETER: arguments.get(PARAMETER)},
        "arguments": {**arguments, "view": current.id if current else request.args.get("view")},
    }


def _editing() -> dict[str, Any]:
    """What the list needs to be edited in place: nothing may be changed on a past day."""
    identity, is_today = signed_in_identity(), as_at() is None
    may_edit: Callable[[Building], bool] = lambda building: (  # noqa: E731 - asked once a row by the template
        is_today and building.status is not BuildingStatus.RETIRED and can(identity, Permission.EDIT_BUILDING, building)
    )
    is_editor = is_today and can(identity, Permission.BULK_EDIT)
    return {
        "may_edit": may_edit,
        "is_editor": is_editor,
        "raw_value": raw_value,
        "value_choices": value_choices(current_session()) if is_editor else {},
    }


def _chosen(filters: BuildingFilters, choices: Choices) -> list[tuple[str, dict[str, Any]]]:
    """Each filter in force in words, with the arguments of the list without it."""
    return [
        (text_of(name, value, choices), arguments_of(filters.without(name))) for name, value in filters.chosen.items()
    ]
