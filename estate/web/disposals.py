"""Candidate disposals: the list over all approved proposals, and the same rows as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, Response, render_template, request

from estate.exports.disposals import Candidate, disposals_table, list_candidates
from estate.exports.formats import formats, get_format
from estate.people.permissions import Permission
from estate.proposals.queries import get_proposal
from estate.web.access import requires
from estate.web.building_filters import LARGEST_ID, UnknownFilter
from estate.web.database import current_session

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
    session, chosen = current_session(), _chosen(request.args)
    everything = list_candidates(session)
    candidates = _filtered(chosen) if chosen else everything
    return render_template(
        "disposals/index.html",
        candidates=candidates,
        totals=_totals(candidates),
        is_any=bool(everything),
        chosen=chosen,
        areas=sorted({(one.decision.proposal.area_id, one.decision.proposal.area.name) for one in everything}),
        agencies=sorted({(one.facts["agency"]["id"], one.facts["agency"]["name"]) for one in everything}),
        formats=formats().values(),
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


def _filtered(chosen: Mapping[str, int]) -> list[Candidate]:
    session = current_session()
    proposal = get_proposal(session, chosen["proposal"]) if "proposal" in chosen else None
    area_id, agency_id = chosen.get("area"), chosen.get("agency")
    return list_candidates(session, proposal=proposal, area_id=area_id, agency_id=agency_id)


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
