"""Data quality: the work list, shares by agency and area, and the next building to mend."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Redirect

from estate.gis.models import BoundaryLevel
from estate.people.models import Role
from estate.people.permissions import Permission
from estate.register.filters import BuildingFilters
from estate.register.models import Building, BuildingKind, BuildingStatus
from estate.register.quality.evaluate import (
    Shares,
    agency_shares,
    area_shares,
    gaps_of,
    next_to_mend,
    overview,
    work_list,
)
from estate.register.quality.rules import get_rule, list_rules
from estate.register.queries import list_current_areas
from estate.web import quality_rules
from estate.web.access import requires, signed_in_identity
from estate.web.as_at import as_at
from estate.web.building_filters import UnknownFilter, arguments_of, filters_from
from estate.web.database import current_session
from estate.web.names import filter_choices
from estate.web.programmes import current_programme_id, current_scope
from estate.web.quality_files import write_shares, write_work
from estate.web.quality_words import mend_address, mend_words, money_note, money_sentence

blueprint = Blueprint("quality", __name__)
blueprint.register_blueprint(quality_rules.blueprint)


@blueprint.get("/quality")
@requires(Permission.READ_REGISTER)
def index() -> str:
    """The work list, what matters most first, and how good the records are."""
    session, filters = current_session(), _filters()
    whole, work = overview(session, filters)
    return render_template(
        "quality/index.html",
        work=work,
        whole=whole,
        filters=filters,
        arguments=arguments_of(filters),
        choices=filter_choices(session),
        managed=signed_in_identity().roles.get(Role.ASSET_MANAGER, frozenset()),
        money_sentence=money_sentence,
        money_note=money_note,
    )


@blueprint.get("/quality/agencies")
@requires(Permission.READ_REGISTER)
def agencies() -> str:
    """The shares of each agency."""
    rows = agency_shares(current_session(), BuildingFilters(scope=current_scope()))
    return render_template("quality/agencies.html", rows=rows)


@blueprint.get("/quality/areas")
@requires(Permission.READ_REGISTER)
def areas() -> str:
    """The shares of each area of one level."""
    level, levels = _level()
    rows = area_shares(current_session(), level, BuildingFilters(scope=current_scope())) if level else []
    return render_template("quality/areas.html", rows=rows, level=level, levels=levels)


@blueprint.get("/quality/<any(work, agencies, areas):table>.csv")
@requires(Permission.READ_REGISTER)
def download(table: str) -> Response:
    """The same tables as CSV, in full."""
    session = current_session()
    content = write_work(work_list(session, _filters())) if table == "work" else write_shares(_rows(table))
    answer = Response(content, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=quality-{table}.csv"
    return answer


@blueprint.get("/quality/rules/<code>/next")
@requires(Permission.READ_REGISTER)
def next_building(code: str) -> Redirect:
    """The costliest building that breaks the rule, or the one after `after`; back to the list after the last."""
    session, filters = current_session(), _filters()
    rule = get_rule(session, code)
    found = next_to_mend(session, rule.code, filters, after=request.args.get("after", type=int))
    kept: dict[str, Any] = arguments_of(filters)
    if found is None:
        return redirect(url_for("quality.index", **kept))
    return redirect(url_for("buildings.show", building_id=found, mend=rule.code, **kept, _anchor="quality"))


@blueprint.app_template_global()
def building_quality(building: Building) -> dict[str, Any] | None:
    """For a building's page: the rules that it breaks; None for one of the past, out of use, or a part."""
    out_of_use = building.status in (BuildingStatus.RETIRED, BuildingStatus.DISPOSED)
    if as_at() or out_of_use or building.kind is BuildingKind.PART:
        return None
    session = current_session()
    return {
        "gaps": gaps_of(session, [building.id])[building.id],
        "rule_count": len(list_rules(session, only_on=True)),
        "mend_address": mend_address,
        "mend_words": mend_words,
        "scope": arguments_of(_filters()) if "mend" in request.args else {"agency": building.agency_id},
    }


def _filters() -> BuildingFilters:
    """Of the filters, those of the quality pages: agency, area, use and class."""
    found = filters_from(request.args)
    return BuildingFilters(
        agency_id=found.agency_id,
        area_id=found.area_id,
        use_class_code=found.use_class_code,
        status=found.status,
        class_code=found.class_code,
        scope=found.scope,
    )


def _rows(table: str) -> list[Shares]:
    if table == "agencies":
        return agency_shares(current_session(), BuildingFilters(scope=current_scope()))
    level, _ = _level()
    return area_shares(current_session(), level, BuildingFilters(scope=current_scope())) if level else []


def _level() -> tuple[BoundaryLevel | None, list[BoundaryLevel]]:
    """The level that the address names, by default the second largest that has areas; and all that have some."""
    levels = list(list_current_areas(current_session(), current_programme_id()))
    code = request.args.get("level", "")
    if not code:
        return (levels[min(1, len(levels) - 1)] if levels else None), levels
    named = [level for level in levels if level.code == code]
    if not named:
        raise UnknownFilter(fields={"level": f"has no value “{code[:40]}”"})
    return named[0], levels
