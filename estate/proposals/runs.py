"""Runs of the optimiser: started in one transaction with their job, performed by the worker, stored, cancelled."""

import logging
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from estate import audit, jobs
from estate.db import make_session
from estate.errors import EstateError
from estate.gis.models import Area, BoundaryLevel
from estate.optimise import Problem, Solution
from estate.optimise.solve import Progress, Watch, solve
from estate.people.programme_models import Programme
from estate.people.programmes import programme_for
from estate.proposals.build import problem_for
from estate.proposals.departures import departures_of
from estate.proposals.errors import LevelTooLarge, LevelUnknown, RunEnded
from estate.proposals.models import Proposal, RunStatus
from estate.proposals.options import Options
from estate.proposals.queries import get_proposal
from estate.proposals.store import store
from estate.register.seen import EVERY_AGENCY, seen_by

PERFORM_TASK = "proposals.perform"
QUEUE = "proposals"
TELL_EVERY_S = 1.0
STOPPED_WITHOUT_PLAN = "The run was cancelled, and its worker ended before the best plan was stored. Run it again."
WENT_WRONG = "The calculation ended in an error of ours. Run it again; if that fails too, tell the operator run {}."

log = logging.getLogger(__name__)


def start(
    session: Session,
    *,
    actor: int | None,
    area: Area,
    options: Options | None = None,
    name: str = "",
    is_queued: bool = True,
    programme: Programme | None = None,
) -> Proposal:
    """A new proposal with its job in the queue, both or neither. `is_queued=False`: the caller performs it itself.

    It is of `programme`, or of the only one there is, and uses the buildings of the agencies that take part in it.
    """
    options = options or Options()
    level_code = options.level_code or area.level_code
    level = session.get(BoundaryLevel, level_code)
    if level is None:
        raise LevelUnknown(fields={"level_code": "Choose a boundary level from the list"})
    if level.rank < area.level.rank:
        raise LevelTooLarge(fields={"level_code": f"Choose {area.level.name.lower()} or a smaller level"})
    proposal = Proposal(
        programme=programme_for(session, programme),
        name=" ".join(name.split()) or f"{area.name}, {datetime.now(UTC):%-d %B %Y}",
        area=area,
        level_code=level_code,
        actor_id=actor,
        options={**options.to_json(), "level_code": level_code},
    )
    session.add(proposal)
    session.flush()
    _record(session, proposal, actor, "start_proposal", options=proposal.options)
    if is_queued:
        jobs.defer(session, PERFORM_TASK, queue=QUEUE, run_id=proposal.id)
    return proposal


def cancel(session: Session, proposal: Proposal, *, actor: int | None) -> None:
    """Stops a run. One that is being solved keeps the best plan found so far."""
    session.refresh(proposal, with_for_update={"of": Proposal})
    if proposal.run_status not in (RunStatus.QUEUED, RunStatus.RUNNING):
        raise RunEnded
    if proposal.run_status is RunStatus.QUEUED:
        proposal.message, proposal.finished_at = "The run was cancelled before it began.", datetime.now(UTC)
    proposal.run_status = RunStatus.CANCELLED
    session.flush()
    _record(session, proposal, actor, "cancel_proposal")


def perform(run_id: int, *, on_progress: Callable[[Progress], None] | None = None) -> None:
    """Builds, solves and stores a run in transactions of its own; a second call for a run that ended does nothing.

    Whatever goes wrong ends in a run that has failed with a sentence, never in one that runs for ever.
    """
    try:
        claimed = _claim(run_id)
        if claimed is None:
            return
        problem, options = claimed
        solution = solve(problem, options.limits, _watch(run_id, options, on_progress))
        _finish(run_id, problem, solution)
    except EstateError as error:
        _fail(run_id, error.message)
    except KeyboardInterrupt:
        _fail(run_id, "The run was interrupted before it ended. Run it again.")
        raise
    except Exception:
        log.exception("Proposal run %s failed", run_id)
        _fail(run_id, WENT_WRONG.format(run_id))
        raise


def replay(proposal: Proposal) -> Solution:
    """The stored problem solved again with the same limits. Same plan, where the first run did not run out of time."""
    return solve(Problem.from_json(proposal.problem or {}), Options.from_json(proposal.options).limits)


def _claim(run_id: int) -> tuple[Problem, Options] | None:
    """Marks the run as running and builds its problem; None where it was cancelled or has ended."""
    with make_session.begin() as session:
        proposal = session.scalar(select(Proposal).where(Proposal.id == run_id).with_for_update(of=Proposal))
        if proposal is None or proposal.run_status not in (RunStatus.QUEUED, RunStatus.RUNNING):
            if proposal is not None and proposal.is_being_stopped:
                proposal.message, proposal.finished_at = STOPPED_WITHOUT_PLAN, datetime.now(UTC)
            return None
        proposal.run_status = RunStatus.RUNNING
        proposal.started_at = datetime.now(UTC)
        proposal.message = "Reading the register."
    with make_session.begin() as session:
        proposal = get_proposal(session, run_id)
        options = Options.from_json(proposal.options)
        # Everybody in the partnership reads a proposal: it is made of what every agency may see.
        with seen_by(session, EVERY_AGENCY) as reading:
            problem = problem_for(reading, reading.get_one(Area, proposal.area_id), options, proposal.programme)
        proposal.message = f"Solving for {len(problem.buildings):,} buildings and {len(problem.teams):,} teams."
    return problem, options


def _watch(run_id: int, options: Options, on_progress: Callable[[Progress], None] | None) -> Watch:
    """Tells the run's row how far the solver is, at most once a second, and whether somebody cancelled."""
    told_at = 0.0

    def watch(progress: Progress) -> bool:
        nonlocal told_at
        if time.monotonic() - told_at < TELL_EVERY_S:
            return True
        told_at = time.monotonic()
        if on_progress is not None:
            on_progress(progress)
        with make_session.begin() as session:
            proposal = get_proposal(session, run_id)
            proposal.progress = min(0.99, progress.seconds / options.time_limit_s)
            proposal.message = _how_far(progress)
            return proposal.run_status is RunStatus.RUNNING

    return watch


def _how_far(progress: Progress) -> str:
    if progress.objective == math.inf:
        return "No plan was found yet that keeps every decision of this proposal."
    return f"Best plan so far: £{progress.objective:,.0f} a year; no plan costs less than £{progress.bound:,.0f}."


def _finish(run_id: int, problem: Problem, solution: Solution) -> None:
    with make_session.begin() as session:
        query = select(Proposal).where(Proposal.id == run_id).options(undefer(Proposal.problem))
        proposal = session.scalars(query.with_for_update(of=Proposal)).one()
        store(session, proposal, problem, solution)
        _note_departures(session, proposal)
        _record(
            session,
            proposal,
            None,
            "finish_proposal",
            solver_status=solution.status.value,
            objective=str(proposal.objective),
            bound=str(proposal.bound),
            problem_sha256=proposal.problem_sha256,
        )


def _note_departures(session: Session, proposal: Proposal) -> None:
    """Tell a run of agencies that stepped back, or said that they will, while it was at work."""
    found = departures_of(session, [proposal]).get(proposal.id, [])
    notes = [f"{departure.event} This run had read its data by then." for departure in found]
    if notes:
        proposal.summary = {**proposal.summary, "notes": [*proposal.summary["notes"], *notes]}
        session.flush()


def _fail(run_id: int, message: str) -> None:
    with make_session.begin() as session:
        proposal = get_proposal(session, run_id)
        proposal.run_status, proposal.message = RunStatus.FAILED, message
        proposal.finished_at = datetime.now(UTC)
        _record(session, proposal, None, "fail_proposal", message=message)


def _record(session: Session, proposal: Proposal, actor: int | None, action: str, **changes: object) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="proposal",
        subject_id=proposal.id,
        changes={name: [None, value] for name, value in changes.items()},
    )
