"""When each building of a proposal is emptied: asked for, worked out by the worker, and kept with the proposal."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from estate import audit, jobs
from estate.appraise.cash import Curve, Line, curve, together
from estate.appraise.phasing import Phases, PhasingLimits, Project, phased
from estate.appraise.positions import Release, TeamMove, positions, to_pence
from estate.db import make_session
from estate.errors import EstateError
from estate.optimise import Problem
from estate.people.models import Agency
from estate.proposals.cash import ALL, rates_of
from estate.proposals.errors import NothingToPhase, PhasingAtWork
from estate.proposals.leaving import leaving_of
from estate.proposals.models import Proposal, RunStatus
from estate.proposals.queries import get_proposal
from estate.proposals.reference import Reference, reference_on
from estate.proposals.rows import BuildingRows, rows_of
from estate.proposals.runs import QUEUE
from estate.proposals.stakes import NOTHING, Stake, hosting_of, problem_of, stakes_of
from estate.register.seen import EVERY_AGENCY, seen_by

PHASE_TASK = "proposals.phase"
KEY = "phasing"
MOST_YEARS = 10
WENT_WRONG = "The order of moves could not be worked out, by an error of ours. Try again, or tell the operator."
STOPPED = "The work on the order of moves was stopped before it was done. Start it again."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Phase:
    """One building's part of the plan, and the year in which it is carried out."""

    building_id: int
    name: str
    is_emptied: bool
    year: int | None
    """0 is the year of the proposal; None: not within these years."""
    moves: int
    capital: Decimal
    leaving_cost: Decimal
    """Rent that stays due when it is left in that year."""
    saving_per_year: Decimal


@dataclass(frozen=True)
class Phasing:
    """What is known of a proposal's order of moves."""

    state: str
    """`queued`, `done` or `failed`."""
    sentence: str
    limits: PhasingLimits
    phases: tuple[Phase, ...] = ()
    curves: tuple[tuple[str, Curve], ...] = ()
    """Cash by year of each agency, by its name."""
    whole: Curve | None = None
    value: float = 0.0
    gap: float = 0.0
    is_proven: bool = False


def start(
    session: Session, proposal: Proposal, limits: PhasingLimits, *, actor: int | None, is_queued: bool = True
) -> None:
    """Puts the job in the queue. An order that is known already is worked out once more."""
    session.refresh(proposal, with_for_update={"of": Proposal})
    if proposal.run_status is not RunStatus.FINISHED:
        raise NothingToPhase
    problem_of(proposal)
    if proposal.summary.get(KEY, {}).get("state") == "queued" and is_queued:
        raise PhasingAtWork
    _keep(proposal, state="queued", sentence="It waits for its turn.", limits=asdict(limits))
    session.flush()
    audit.record(session, actor=actor, action="phase_proposal", subject_type="proposal", subject_id=proposal.id)
    if is_queued:
        jobs.defer(session, PHASE_TASK, queue=QUEUE, run_id=proposal.id)


def perform(run_id: int) -> None:
    """Works the order out and keeps it; whatever ends it, nobody waits for ever. A lost database is the queue's."""
    try:
        _perform(run_id)
    except OperationalError:
        raise
    except EstateError as error:
        _fail(run_id, error.message)
    except Exception:
        log.exception("Phasing proposal %s failed", run_id)
        _fail(run_id, WENT_WRONG)
    except BaseException:
        _fail(run_id, STOPPED)
        raise


def _perform(run_id: int) -> None:
    with make_session() as session:
        proposal = get_proposal(session, run_id)
        limits = PhasingLimits(**proposal.summary[KEY]["limits"])
        reference = reference_on(session, _day_of(proposal))
        stakes, problem, rates = (
            stakes_of(session, proposal, reference),
            problem_of(proposal),
            rates_of(session, proposal),
        )
        horizon = int(proposal.summary["horizon_years"])
        leaving = _leaving(session, proposal, stakes, reference, min(MOST_YEARS, horizon))
        projects = [_project(stake, leaving[stake.building_id]) for stake in stakes]
        hosts = {host for stake in stakes for host, _ in stake.need_by_host}
        rows = [(stake, leaving[stake.building_id]) for stake in stakes]
    if not projects:
        raise NothingToPhase
    found = phased(projects, _room(problem, hosts), rates, horizon, limits)
    with make_session.begin() as session:
        kept = [_row(problem, stake, costs, found) for stake, costs in rows]
        proposal = get_proposal(session, run_id)
        words = {"value": found.value, "gap": found.gap, "is_proven": found.is_proven}
        _keep(proposal, state="done", sentence="", limits=asdict(limits), rows=kept, **words)


def _day_of(proposal: Proposal) -> date:
    return (proposal.finished_at or proposal.created_at).date()


def _leaving(
    session: Session, proposal: Proposal, stakes: Sequence[Stake], reference: Reference, years: int
) -> dict[int, list[Decimal]]:
    """Rent that stays due by building and year: as the plan counted it in year 0, later by the leases as they stand."""
    with seen_by(session, EVERY_AGENCY) as reading:
        rows = {
            row.building.id: row for row in rows_of(reading, proposal.area, proposal.level_code, proposal.programme_id)
        }
        return {
            stake.building_id: [_leaving_in(stake, rows.get(stake.building_id), reference, at) for at in range(years)]
            for stake in stakes
        }


def _leaving_in(stake: Stake, row: BuildingRows | None, reference: Reference, year: int) -> Decimal:
    if year == 0 or row is None or not stake.is_emptied:
        return stake.leaving_cost
    later = date(reference.on.year + year, reference.on.month, min(reference.on.day, 28))
    return to_pence(leaving_of(row, replace(reference, on=later)).cost)


def _project(stake: Stake, leaving: Sequence[Decimal]) -> Project:
    freed = sum(m2 for _, m2 in stake.need_by_host)
    return Project(
        key=str(stake.building_id),
        saving_per_year=float(stake.released_per_year - stake.added_per_year),
        capital=float(stake.move_cost),
        leaving_by_year=tuple(float(cost) for cost in leaving),
        moves=len(stake.moves),
        taken=tuple((str(host), m2) for host, m2 in stake.need_by_host),
        freed=() if stake.is_emptied else ((str(stake.building_id), freed),),
    )


def _room(problem: Problem, hosts: set[int]) -> dict[str, float]:
    """Free space of each host before anybody moves."""
    return {
        str(host): problem.buildings[problem.building_index[str(host)]].capacity_m2 - problem.own_need_m2[str(host)]
        for host in hosts
    }


def _row(problem: Problem, stake: Stake, leaving: Sequence[Decimal], found: Phases) -> dict[str, Any]:
    """One phase as it is kept: money as text, so that no penny is lost; with what it means for each agency."""
    year = found.year.get(str(stake.building_id))
    cost = leaving[year] if year is not None else NOTHING
    building = problem.buildings[problem.building_index[str(stake.building_id)]]
    release = Release(
        building.id,
        building.running_cost_per_year,
        tuple((payer.agency, payer.share_ratio) for payer in building.payers),
        float(cost),
        tuple((payer.agency, payer.share_ratio) for payer in building.leaving_payers),
    )
    moves = [
        TeamMove(str(move.agency_id), float(hosting_of(problem, move)), float(move.move_cost), 0.0)
        for move in stake.moves
    ]
    return {
        "building_id": stake.building_id,
        "name": stake.name,
        "is_emptied": stake.is_emptied,
        "year": year,
        "moves": len(stake.moves),
        "capital": str(stake.move_cost),
        "leaving_cost": str(cost),
        "saving_per_year": str(stake.released_per_year - stake.added_per_year),
        "agencies": [
            [row.agency, str(row.one_off_cost), str(row.released_per_year), str(row.added_per_year)]
            for row in positions([release] if stake.is_emptied else [], moves)
        ],
    }


def phasing_of(session: Session, proposal: Proposal) -> Phasing | None:
    """The order as it was kept, the first year first; None where nobody asked for it."""
    kept = proposal.summary.get(KEY)
    if not kept:
        return None
    found = Phasing(kept["state"], kept["sentence"], PhasingLimits(**kept["limits"]))
    if found.state != "done":
        return found
    horizon, rates = int(proposal.summary["horizon_years"]), rates_of(session, proposal)
    lines = _lines(kept["rows"], horizon)
    names = {key: session.get_one(Agency, int(key)).name for key in lines}
    curves = {key: curve(key, each, rates) for key, each in lines.items()}
    return replace(
        found,
        phases=tuple(sorted((_phase(row) for row in kept["rows"]), key=_in_order)),
        curves=tuple(sorted((names[key], each) for key, each in curves.items())),
        whole=together(ALL, list(curves.values()), rates) if curves else None,
        value=kept["value"],
        gap=kept["gap"],
        is_proven=kept["is_proven"],
    )


def _phase(row: Mapping[str, Any]) -> Phase:
    amounts = {name: Decimal(row[name]) for name in ("capital", "leaving_cost", "saving_per_year")}
    return Phase(**{**{name: value for name, value in row.items() if name != "agencies"}, **amounts})


def _in_order(phase: Phase) -> tuple[bool, int, str]:
    return phase.year is None, phase.year or 0, phase.name


def _lines(rows: Sequence[Mapping[str, Any]], horizon: int) -> dict[str, list[Line]]:
    """The lines of each agency: its one-off costs in the years of its phases, what follows from the year after on."""
    sums: dict[str, list[list[Decimal]]] = defaultdict(lambda: [[NOTHING] * (horizon + 1) for _ in range(3)])
    for row in rows:
        if row["year"] is None:
            continue
        for agency, one_off, released, added in row["agencies"]:
            sums[agency][0][row["year"]] -= Decimal(one_off)
            for year in range(row["year"] + 1, horizon + 1):
                sums[agency][1][year] += Decimal(released)
                sums[agency][2][year] -= Decimal(added)
    return {
        agency: [
            Line("Moves, fit-out and rent that stays due", tuple(paid), is_investment=True),
            Line("Running cost released", tuple(released)),
            Line("Running cost added in hosts", tuple(added)),
        ]
        for agency, (paid, released, added) in sums.items()
    }


def _fail(run_id: int, sentence: str) -> None:
    with make_session.begin() as session:
        proposal = get_proposal(session, run_id)
        _keep(proposal, state="failed", sentence=sentence, limits=proposal.summary[KEY]["limits"])


def _keep(proposal: Proposal, **kept: Any) -> None:
    proposal.summary = {**proposal.summary, KEY: {**kept, "at": datetime.now(UTC).isoformat()}}
