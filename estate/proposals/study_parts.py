"""What workers do with a study: split it, and solve one area at a time. Each step stands alone in the queue.

An area is claimed by the attempt's number, under a lock on its row. A worker that dies leaves its job to the queue,
which gives it to another; should the first one still be alive, its attempt is out of date and stores nothing.
"""

import logging
import os
import socket
import time
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, undefer

from estate.appraise.positions import to_pence
from estate.db import make_session
from estate.errors import EstateError
from estate.gis.models import Area
from estate.optimise import Problem, Solution
from estate.optimise.check import Plan
from estate.optimise.solve import Progress, Watch, solve
from estate.optimise.supervise import StopReason
from estate.people.programmes import programme_for
from estate.proposals.build import problem_for
from estate.proposals.models import RunStatus
from estate.proposals.options import Options
from estate.proposals.studies import end_if_done, queue_parts, record
from estate.proposals.study_models import TO_DO, PartStatus, Study, StudyLevel, StudyPart
from estate.proposals.study_split import Cut, Piece, Region, area_keys, changes_of, does_nest, pieces_of, start_of
from estate.register.models import BuildingArea
from estate.register.seen import EVERY_AGENCY, seen_by

LOOK_EVERY_S = 1.0
NOTHING_THERE = "There is no building with enough known about it here, so there is nothing to solve."
WENT_WRONG = (
    "The calculation of this area ended in an error of ours. Try it again; if that fails too, tell the operator."
)
SPLIT_WENT_WRONG = "The register could not be split into areas, by an error of ours. Try again, or tell the operator."

log = logging.getLogger(__name__)


def perform_split(study_id: int) -> None:
    """Reads the register once and stores every area of every level as a part. A second call does nothing."""
    try:
        with make_session.begin() as session:
            study = session.get(Study, study_id)
            if study is None or study.status is not RunStatus.QUEUED:
                return
            # Everybody in the partnership reads a study: it is made of what every agency may see.
            with seen_by(session, EVERY_AGENCY) as reading:
                problem = _whole_problem(reading, study)
                cuts = [_cut(reading, level, problem) for level in study.levels]
        pieces = pieces_of(problem, cuts)
        with make_session.begin() as session:
            study = session.scalars(select(Study).where(Study.id == study_id).with_for_update(of=Study)).one()
            if study.status is RunStatus.QUEUED:
                _store_pieces(session, study, problem, cuts, pieces)
    except OperationalError:
        raise
    except EstateError as error:
        _fail_study(study_id, error.message)
    except Exception:
        log.exception("Study %s was not split", study_id)
        _fail_study(study_id, SPLIT_WENT_WRONG)
        raise


def perform_part(part_id: int, job_id: int | None) -> None:
    """Solves one area and stores what was found; for a part that ended, or is another job's, it does nothing.

    Whatever goes wrong with the area ends in a part that has failed with a sentence. Raises `OperationalError` where
    the database went away, so that the queue tries again.
    """
    claimed = _claim(part_id, job_id)
    if claimed is None:
        return
    attempt, problem, start, options = claimed
    try:
        solution = solve(problem, options.limits, _watch(part_id, attempt), starts=[start])
    except EstateError as error:
        _finish(part_id, attempt, error.message)
    except OperationalError:
        raise
    except Exception:
        log.exception("Area %s of a study failed", part_id)
        _finish(part_id, attempt, WENT_WRONG)
        raise
    else:
        _finish(part_id, attempt, solution, problem)


def _whole_problem(session: Session, study: Study) -> Problem:
    area = None if study.area_id is None else session.get_one(Area, study.area_id)
    return problem_for(session, area, Options.from_json(study.options), programme_for(session, study.programme))


def _cut(session: Session, level: StudyLevel, problem: Problem) -> Cut:
    if level.level is None:
        return Cut(None)
    query = (
        select(BuildingArea.building_id, Area.id, Area.name)
        .join(Area, Area.id == BuildingArea.area_id)
        .where(Area.level_code == level.level_code, Area.valid_until.is_(None))
        .order_by(Area.id.desc())
    )
    known = problem.building_index
    regions = {
        str(building_id): Region(area_id, name)
        for building_id, area_id, name in session.execute(query)
        if str(building_id) in known
    }
    return Cut(regions, f"in no {level.level.name.lower()}")


def _store_pieces(session: Session, study: Study, problem: Problem, cuts: list[Cut], pieces: list[list[Piece]]) -> None:
    keys = [area_keys(problem, cut) for cut in cuts]
    for level in study.levels:
        larger = range(level.position + 1, len(cuts))
        level.nests_in = [place for place in larger if does_nest(keys[level.position], keys[place])]
    payers = {payer.agency for building in problem.buildings for payer in building.payers}
    study.agency_ids = sorted({int(agency) for agency in payers | {team.agency for team in problem.teams}})
    study.notes, study.assumptions = list(problem.notes), [list(row) for row in problem.settings.assumptions]
    study.split_at, study.status = datetime.now(UTC), RunStatus.RUNNING
    study.message = None if problem.buildings else NOTHING_THERE
    above: list[StudyPart] = []
    ready: list[StudyPart] = []
    for level in reversed(study.levels):
        parts = [_part(study, level, piece, above) for piece in pieces[level.position]]
        session.add_all(parts)
        session.flush()
        holders = {part.inside_id for part in parts}
        ready = [part for part in ready if part.id not in holders] + parts
        above = parts
    # The smallest areas first, and of them the dearest: a long one that begins last keeps everybody waiting.
    ready.sort(key=lambda part: (part.level.position, -part.team_count, part.id))
    queue_parts(session, ready)
    end_if_done(session, study)


def _part(study: Study, level: StudyLevel, piece: Piece, above: list[StudyPart]) -> StudyPart:
    return StudyPart(
        study_id=study.id,
        level=level,
        inside_id=None if piece.inside is None else above[piece.inside].id,
        area_id=piece.area_id,
        name=piece.name,
        building_count=len(piece.problem.buildings),
        team_count=len(piece.problem.teams),
        status=PartStatus.WAITING,
        problem=piece.problem.to_json(),
    )


def _claim(part_id: int, job_id: int | None) -> tuple[int, Problem, Plan, Options] | None:
    """Marks the part as this worker's; its problem and where to start from. None where it is not to be done."""
    with make_session.begin() as session:
        part = _locked(session, part_id)
        if part is None or part.job_id != job_id or part.status not in (PartStatus.QUEUED, PartStatus.RUNNING):
            return None
        study = session.get_one(Study, part.study_id)
        if study.status is RunStatus.RUNNING:
            part.status, part.attempt = PartStatus.RUNNING, part.attempt + 1
            part.worker = f"{socket.gethostname()}:{os.getpid()}"
            part.started_at, part.finished_at, part.message = datetime.now(UTC), None, None
            problem = Problem.from_json(part.problem)
            inside = select(StudyPart.plan).where(StudyPart.inside_id == part.id, StudyPart.plan.is_not(None))
            start = start_of(problem, [plan for plan in session.scalars(inside) if plan])
            return part.attempt, problem, start, Options.from_json(study.options)
        attempt = part.attempt
    # It was cancelled while a worker that has died since was solving it.
    _finish(part_id, attempt, "It was stopped, and its worker ended before the best plan was stored.")
    return None


def _locked(session: Session, part_id: int) -> StudyPart | None:
    query = select(StudyPart).where(StudyPart.id == part_id).options(undefer(StudyPart.problem))
    return session.scalars(query.with_for_update(of=StudyPart)).unique().one_or_none()


def _watch(part_id: int, attempt: int) -> Watch:
    """Tells the solver to stop when the study was cancelled, or another worker took the area over."""
    looked_at = time.monotonic()

    def watch(progress: Progress) -> bool:
        nonlocal looked_at
        if time.monotonic() - looked_at < LOOK_EVERY_S:
            return True
        looked_at = time.monotonic()
        query = select(Study.status, StudyPart.attempt).join(StudyPart, StudyPart.study_id == Study.id)
        try:
            with make_session.begin() as session:
                found = session.execute(query.where(StudyPart.id == part_id)).one()
        except OperationalError:
            return True  # What was found so far may still be stored once the database is back.
        return bool(found[0] is RunStatus.RUNNING and found[1] == attempt)

    return watch


def _finish(part_id: int, attempt: int, found: Solution | str, problem: Problem | None = None) -> None:
    """Stores a solution, or why there is none, unless another attempt has begun since; then whoever waits is told."""
    with make_session.begin() as session:
        study_id = session.scalars(select(StudyPart.study_id).where(StudyPart.id == part_id)).one()
        study = session.scalars(select(Study).where(Study.id == study_id).with_for_update(of=Study)).one()
        part = _locked(session, part_id)
        if part is None or part.attempt != attempt or part.status is not PartStatus.RUNNING:
            return
        is_cancelled = study.status is RunStatus.CANCELLED
        if isinstance(found, str) or problem is None:
            part.status, part.message = PartStatus.CANCELLED if is_cancelled else PartStatus.FAILED, str(found)
        else:
            _fill(part, found, problem)
            is_cut_short = is_cancelled and found.stop_reason is StopReason.CANCELLED
            part.status = PartStatus.CANCELLED if is_cut_short else PartStatus.FINISHED
        part.finished_at = datetime.now(UTC)
        session.flush()
        _release(session, part)
        end_if_done(session, study)


def _fill(part: StudyPart, solution: Solution, problem: Problem) -> None:
    changes = changes_of(solution, problem)
    part.baseline, part.objective = to_pence(solution.cost_today_per_year), to_pence(solution.objective)
    part.bound, part.gap = to_pence(solution.bound), solution.gap_ratio
    part.solver_status, part.message = solution.status.value, solution.sentence
    part.kept_count, part.emptied_count = len(solution.kept), len(solution.emptied)
    part.move_count, part.seconds, part.plan = len(changes["moves"]), solution.seconds, changes


def _release(session: Session, part: StudyPart) -> None:
    """Queues the larger area around the part once no other part of it is to be done. The study's row is held."""
    if part.inside_id is None:
        return
    query = select(func.count()).where(StudyPart.inside_id == part.inside_id, StudyPart.status.in_(TO_DO))
    around = session.get_one(StudyPart, part.inside_id)
    if around.status is PartStatus.WAITING and not session.scalar(query):
        queue_parts(session, [around])


def _fail_study(study_id: int, message: str) -> None:
    with make_session.begin() as session:
        study = session.scalars(select(Study).where(Study.id == study_id).with_for_update(of=Study)).one()
        study.status, study.message, study.finished_at = RunStatus.FAILED, message, datetime.now(UTC)
        record(session, study, None, "fail_study", message=message)
