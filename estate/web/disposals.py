"""Candidate disposals: the list over all approved proposals, and the same rows as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, Response, render_template, request

from estate.exports.disposals import Candidate, disposals_table, list_candidates
from estate.exports.formats import formats, get_format
from estate.people.permissions import Permission
from estate.proposals.departures import Departure
from estate.web.access import requires
from estate.web.building_filters import LARGEST_ID, UnknownFilter
from estate.web.database import current_session
from estate.web.programmes import current_programme_id, enter
from estate.web.proposals import own_proposal

blueprint = Blueprint("disposals", __name__)

FILTERS = ("area", "agency", "proposal")


@dataclass(frozen=True)
class Totals:
    """Sums over those candidates of which the figure is known."""

    floor_area_m2: Decimal
    unmeasured_count: int
    released_per_year: Decimal
    valuation: Decimal
    unvalued_count: int


@blueprint.get("/disposals")
@requires(Permission.EXPORT_DISPOSALS)
def index() -> str:
    """Every building that an approved proposal would empty."""
    chosen = _chosen(request.args)
    candidates = _filtered(chosen)
    everything = list_candidates(current_session(), programme_id=current_programme_id()) if chosen else candidates
    return render_template(
        "disposals/index.html",
        candidates=candidates,
        totals=_totals(candidates),
        is_any=bool(everything),
        chosen=chosen,
        areas=sorted({(one.decision.proposal.area_id, one.decision.proposal.area.name) for one in everything}),
        agencies=sorted({(one.facts["agency"]["id"], one.facts["agency"]["name"]) for one in everything}),
        formats=formats().values(),
        departures=_departures(candidates),
    )


@blueprint.get("/disposals/candidate-disposals.<suffix>")
@requires(Permission.EXPORT_DISPOSALS)
def download(suffix: str) -> Response:
    """The rows of the list as a file."""
    chosen = get_format(suffix)
    content = chosen.content(disposals_table(_filtered(_chosen(request.args))))
    answer = Response(content, content_type=chosen.mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename=candidate-disposals.{chosen.suffix}"
    return answer


def _departures(candidates: list[Candidate]) -> list[Departure]:
    """Each agency that stepped back, once."""
    found = {departure.agency_id: departure for one in candidates for departure in one.departures}
    return list(found.values())


def _filtered(chosen: Mapping[str, int]) -> list[Candidate]:
    proposal = own_proposal(chosen["proposal"]) if "proposal" in chosen else None
    if proposal is not None:
        enter(proposal.programme_id)
    where = {"programme_id": current_programme_id(), "area_id": chosen.get("area"), "agency_id": chosen.get("agency")}
    return list_candidates(current_session(), proposal=proposal, **where)


def _chosen(arguments: Mapping[str, str]) -> dict[str, int]:
    """The filters that are set. Raises `UnknownFilter` where one is not a number of ours."""
    found = {}
    for name in FILTERS:
        text = arguments.get(name, "").strip()
        if text:
            if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= LARGEST_ID):
                raise UnknownFilter(fields={name: f"has no value “{text[:40]}”"})
            found[name] = int(text)
    return found


def _totals(candidates: list[Candidate]) -> Totals:
    costs = [one.line["running_cost_per_year"] for one in candidates]
    worths = [one.facts["valuation"] for one in candidates]
    areas = [area for area, _ in (one.floor_area for one in candidates)]
    return Totals(
        floor_area_m2=sum((area for area in areas if area is not None), Decimal(0)),
        unmeasured_count=areas.count(None),
        released_per_year=sum((Decimal(cost) for cost in costs if cost is not None), Decimal(0)),
        valuation=sum((Decimal(worth["amount"]) for worth in worths if worth), Decimal(0)),
        unvalued_count=sum(1 for worth in worths if not worth),
    )
