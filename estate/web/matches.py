"""Which records are one building: the queue of pairs, the review of a pair, and why a building is one."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from estate.people.models import Agency, Role
from estate.people.permissions import Identity, Permission, can, require
from estate.register.filters import BuildingFilters
from estate.register.matches.conflicts import conflict_agencies, count_conflicts, list_conflicts
from estate.register.matches.decide import Said, decide, get_decision, retract
from estate.register.matches.members import shown_buildings
from estate.register.matches.pair import Pair, PairOwner, compare, get_records
from estate.register.matches.queue import (
    QueueFilters,
    list_waiting,
    next_waiting,
    progress,
    waiting_agencies,
    waiting_with,
)
from estate.register.matches.why import why_one
from estate.register.models import Building, MatchBasis, MatchVerdict
from estate.register.queries import NoSuchBuilding, list_buildings
from estate.web.access import current_identity, requires, signed_in_identity
from estate.web.building_values import may_choose
from estate.web.database import current_session
from estate.web.match_documents import pair_document
from estate.web.match_words import VERDICTS, compared, says_words
from estate.web.matches_forms import RetractForm, VerdictForm, part_of, skipped_pairs
from estate.web.programmes import current_scope, get_seen_building, known_agency_ids

blueprint = Blueprint("matches", __name__)
SUREST = "surest"


@blueprint.get("/matches")
@requires(Permission.REVIEW_MATCH)
def index() -> str:
    """The pairs that wait, the most money first, and how far the work is."""
    session, filters = current_session(), _filters()
    return render_template(
        "matches/index.html",
        found=list_waiting(session, filters, page=request.args.get("page", 1, type=int)),
        progress=progress(session, filters),
        agencies=waiting_agencies(session, QueueFilters(own_agency_ids=_own(), known_agency_ids=known_agency_ids())),
        agency=session.get(Agency, filters.agency_id) if filters.agency_id else None,
        conflict_count=count_conflicts(session, _own(), known_agency_ids()),
        kept=_kept("agency", "sort"),
        is_surest_first=filters.is_surest_first,
        last=_last(),
        retract_form=RetractForm(),
    )


@blueprint.get("/matches/next")
@requires(Permission.REVIEW_MATCH)
def next_pair() -> Redirect:
    """The first pair that waits, less those that the reader skipped."""
    found = next_waiting(current_session(), _filters(), skipped=skipped_pairs(request.args.getlist("skip")))
    kept = _kept("agency", "sort", "skip", "last")
    if found is None:
        return redirect(url_for("matches.index", agency=kept["agency"], sort=kept["sort"], last=kept["last"]))
    return redirect(url_for("matches.show", low_id=found.low_id, high_id=found.high_id, queue=1, **kept))


@blueprint.get("/matches/<int:low_id>/<int:high_id>")
@requires(Permission.REVIEW_MATCH)
def show(low_id: int, high_id: int) -> str:
    """Two records side by side."""
    return _page(_own_pair(low_id, high_id), VerdictForm())


@blueprint.post("/matches/<int:low_id>/<int:high_id>")
@requires(Permission.REVIEW_MATCH)
def judge(low_id: int, high_id: int) -> str | Redirect | tuple[str, int]:
    """Store the verdict, and go to the next pair or back to the building."""
    session, form, pair = current_session(), VerdictForm(), _own_pair(low_id, high_id)
    if not form.validate_on_submit():
        return _page(pair, form), 422
    verdict, part_id = part_of(form.verdict.data, pair)
    is_fast = pair.is_fast and verdict is MatchVerdict.SAME
    said = Said(
        verdict,
        form.reason.data or "Compared side by side.",
        signed_in_identity().user_id,
        part_id=part_id,
        basis=MatchBasis.FAST_LANE if is_fast else MatchBasis.PERSON,
        probability=pair.probability,
        features=pair.features,
    )
    decision = decide(session, pair.low.record, pair.high.record, said, seen=form.seen.data)
    if form.queue.data:
        return redirect(url_for("matches.next_pair", last=decision.id, **_kept("agency", "sort", "skip")))
    flash(f"Decided: {VERDICTS[verdict.value]}.", "success")
    return redirect(url_for("matches.why", building_id=pair.low.record.id))


@blueprint.post("/matches/decisions/<int:decision_id>/retract")
@requires(Permission.REVIEW_MATCH)
def take_back(decision_id: int) -> Redirect:
    """Take a decision back, and show its pair again or the building."""
    session, form = current_session(), RetractForm()
    decision = get_decision(session, decision_id)
    _own_pair_of(decision.low, decision.high)
    form.validate_on_submit()
    actor = signed_in_identity().user_id
    retract(session, decision, actor=actor, reason=form.reason.data or "Undone by the reviewer.")
    flash("The decision is taken back; the register is as it was before it.", "success")
    if form.queue.data:
        pair: dict[str, Any] = {"low_id": decision.low_id, "high_id": decision.high_id}
        return redirect(url_for("matches.show", **pair, queue=1, **_kept("agency", "sort")))
    return redirect(url_for("matches.why", building_id=decision.low_id))


@blueprint.get("/matches/<int:low_id>/<int:high_id>/frame")
@requires(Permission.REVIEW_MATCH)
def frame(low_id: int, high_id: int) -> Response:
    """Both records on a map of their own."""
    return pair_document(_own_pair(low_id, high_id))


@blueprint.get("/matches/conflicts")
@requires(Permission.REVIEW_MATCH)
def conflicts() -> str:
    """Buildings whose records contradict one another, the most money first, each to be settled there and then."""
    session, agency_id = current_session(), request.args.get("agency", type=int)
    chosen = _own() if agency_id is None else frozenset({agency_id})
    known = known_agency_ids()
    page = request.args.get("page", 1, type=int)
    found = list_conflicts(session, agency_ids=chosen, known_agency_ids=known, page=page)
    return render_template(
        "matches/conflicts.html",
        found=found,
        stories={row.building.id: why_one(session, row.building) for row in found.rows},
        shown={building.id: building for building in shown_buildings(session, [row.building for row in found.rows])},
        agencies=conflict_agencies(session, _own(), known),
        agency=session.get(Agency, agency_id) if agency_id else None,
        may_choose=may_choose,
        **says_words(),
    )


@blueprint.get("/buildings/<int:building_id>/records")
@requires(Permission.READ_REGISTER)
def why(building_id: int) -> str:
    """Why several records are one building, what each says, and what else may be the same."""
    session, text = current_session(), request.args.get("text", "")
    building = get_seen_building(building_id)
    wanted = BuildingFilters(text=text, scope=current_scope())
    found = list_buildings(session, wanted, page_size=20).rows if text.strip() else []
    story = why_one(session, building)
    known = known_agency_ids()
    if known is not None and not {record.agency_id for record in story.records} <= known:
        raise NoSuchBuilding
    return render_template(
        "matches/why.html",
        building=building,
        story=story,
        waiting=waiting_with(session, [record.id for record in story.records], known_agency_ids()),
        text=text,
        others=[row.building for row in found if row.building.id != story.building_id],
        may_review=may_review,
        may_choose_value=building.retired_at is None and may_choose(building),
        retract_form=RetractForm(),
        verdicts=VERDICTS,
        **says_words(),
    )


def may_review(one: Building, other: Building) -> bool:
    """True when the signed-in user may decide on these two records."""
    owner = PairOwner(frozenset({one.agency_id, other.agency_id}))
    return can(current_identity(), Permission.REVIEW_MATCH, owner)


def _page(pair: Pair, form: VerdictForm) -> str:
    session, filters = current_session(), _filters()
    is_queue = "queue" in request.args
    form.queue.data = "1" if is_queue else ""
    here = f"{pair.low.record.id}-{pair.high.record.id}"
    return render_template(
        "matches/show.html",
        pair=pair,
        form=form,
        rows=compared(pair),
        is_queue=is_queue,
        progress=progress(session, filters),
        kept=_kept("agency", "sort"),
        skip=[*request.args.getlist("skip")[-40:], here],
        last=_last(),
        retract_form=RetractForm(),
        verdicts=VERDICTS,
        **says_words(),
    )


def _own_pair(low_id: int, high_id: int) -> Pair:
    session = current_session()
    _own_pair_of(*get_records(session, low_id, high_id))
    return compare(session, low_id, high_id)


def _own_pair_of(low: Building, high: Building) -> None:
    """Refuses other agencies' pair; one whose records the reader is not shown is not there."""
    if not may_review(low, high):
        for record in (low, high):
            get_seen_building(record.id)
    require(current_identity(), Permission.REVIEW_MATCH, PairOwner(frozenset({low.agency_id, high.agency_id})))


def _filters() -> QueueFilters:
    return QueueFilters(
        agency_id=request.args.get("agency", type=int),
        own_agency_ids=_own(),
        is_surest_first=request.args.get("sort") == SUREST,
        known_agency_ids=known_agency_ids(),
    )


def _kept(*names: str) -> dict[str, Any]:
    """What the queue's addresses carry from pair to pair."""
    return {name: request.args.getlist(name) for name in names}


def _own() -> frozenset[int] | None:
    """None for an administrator, who may decide on every pair."""
    identity: Identity = signed_in_identity()
    if identity.roles.get(Role.ADMINISTRATOR):
        return None
    return identity.roles.get(Role.ASSET_MANAGER, frozenset())


def _last() -> Any:
    """The decision just made, so that it can be undone; None where there is none, or it was taken back."""
    number = request.args.get("last", type=int)
    if number is None:
        return None
    decision = get_decision(current_session(), number)
    return decision if decision.retracted_at is None and may_review(decision.low, decision.high) else None
