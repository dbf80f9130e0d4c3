"""Reading studies: lists, how far they are, and the totals of each level with what its boundaries cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from estate.appraise.boundary_value import BoundaryValue, Cost, tightened, value_between
from estate.proposals.errors import StudyNotFound
from estate.proposals.study_models import TO_DO, PartStatus, Study, StudyLevel, StudyPart


def get_study(session: Session, study_id: int) -> Study:
    """The study. Raises `StudyNotFound`."""
    study = session.get(Study, study_id) if 0 < study_id < 2**63 else None
    if study is None:
        raise StudyNotFound
    return study


def count_studies(session: Session, programme_id: int | None = None) -> int:
    """How many studies there are, in one programme where it is given."""
    query = select(func.count()).select_from(Study)
    return session.scalar(query if programme_id is None else query.where(Study.programme_id == programme_id)) or 0


def list_studies(
    session: Session, programme_id: int | None = None, *, limit: int = 50, offset: int = 0
) -> Sequence[Study]:
    """Studies, newest first, of one programme where it is given."""
    query = select(Study).order_by(Study.id.desc()).limit(limit).offset(offset)
    if programme_id is not None:
        query = query.where(Study.programme_id == programme_id)
    return session.scalars(query).unique().all()


def list_parts(
    session: Session, study: Study, *, level_id: int | None = None, limit: int | None = None, offset: int = 0
) -> Sequence[StudyPart]:
    """Its areas, those of the smallest level first, each level in the order of names."""
    query = (
        select(StudyPart)
        .join(StudyLevel, StudyLevel.id == StudyPart.level_id)
        .where(StudyPart.study_id == study.id)
        .order_by(StudyLevel.position, StudyPart.name, StudyPart.id)
    )
    if level_id is not None:
        query = query.where(StudyPart.level_id == level_id)
    return session.scalars(query.limit(limit).offset(offset)).unique().all()


@dataclass(frozen=True)
class StudyProgress:
    """How far a study is."""

    part_count: int
    done_count: int
    failed_count: int
    stopped_count: int
    running_count: int
    worker_count: int
    done_ratio: float
    """Share of the work, judged by teams and buildings, that is done."""
    seconds_left: float | None
    """An estimate from the areas done so far; None before the first is done, and where no worker is at it."""


def progress_of(session: Session, study: Study) -> StudyProgress:
    """Counts and an estimate of the time left, from the areas that are done."""
    part = StudyPart
    is_to_do, is_running = part.status.in_(TO_DO), part.status == PartStatus.RUNNING
    is_timed = ~is_to_do & part.seconds.is_not(None)
    weight = part.building_count + part.team_count + 1
    query = select(
        func.count(),
        func.count().filter(~is_to_do),
        func.count().filter(part.status == PartStatus.FAILED),
        func.count().filter(part.status == PartStatus.CANCELLED),
        func.count().filter(is_running),
        func.count(part.worker.distinct()).filter(is_running),
        func.coalesce(func.sum(weight), 0),
        func.coalesce(func.sum(weight).filter(is_to_do), 0),
        func.coalesce(func.sum(weight).filter(is_timed), 0),
        func.coalesce(func.sum(part.seconds).filter(is_timed), 0.0),
    )
    counts = session.execute(query.where(part.study_id == study.id)).one()
    parts, done, failed, stopped, running, workers, whole, left, timed, seconds = counts
    still = float(seconds or 0) / float(timed) * float(left) / running if timed and running else None
    ratio = 1 - float(left) / float(whole) if whole else float(study.split_at is not None)
    return StudyProgress(parts, done, failed, stopped, running, workers, ratio, still)


@dataclass(frozen=True)
class LevelTotal:
    """All areas of one level together. Money is of the areas that have a plan, per year."""

    level: StudyLevel
    part_count: int
    solved_count: int
    to_do_count: int
    building_count: int
    team_count: int
    baseline: Decimal
    plan: Decimal
    bound: Decimal
    """The sum of the areas' bounds: no plan inside these boundaries costs less."""
    kept_count: int
    emptied_count: int
    move_count: int
    seconds: float
    proven_count: int
    """Areas whose plan is proven to be the best."""

    @property
    def is_complete(self) -> bool:
        """Every area has a plan, so that the totals are those of the whole level."""
        return self.solved_count == self.part_count

    @property
    def saving(self) -> Decimal:
        """What the plans save a year, moves paid."""
        return self.baseline - self.plan

    @property
    def most_saving(self) -> Decimal:
        """No plan inside these boundaries saves more."""
        return self.baseline - self.bound

    @property
    def gap_ratio(self) -> float:
        """How far the plans are above the bound, as a share of their cost; 0 where they cost nothing."""
        return float(max(self.plan - self.bound, Decimal(0)) / self.plan) if self.plan else 0.0


def totals_of(session: Session, study: Study) -> list[LevelTotal]:
    """The totals of each level, the smallest areas first."""
    part, nothing = StudyPart, Decimal(0)
    is_solved = part.objective.is_not(None)
    query = select(
        part.level_id,
        func.count(),
        func.count(part.objective),
        func.count().filter(part.status.in_(TO_DO)),
        *(func.sum(column) for column in (part.building_count, part.team_count)),
        *(func.coalesce(func.sum(column), nothing) for column in (part.baseline, part.objective, part.bound)),
        *(func.coalesce(func.sum(column), 0) for column in (part.kept_count, part.emptied_count, part.move_count)),
        func.coalesce(func.sum(part.seconds), 0.0),
        func.sum(case((is_solved & (part.bound >= part.objective - Decimal("0.01")), 1), else_=0)),
    )
    rows = session.execute(query.where(part.study_id == study.id).group_by(part.level_id))
    by_level = {row[0]: tuple(row) for row in rows}
    return [_total(level, by_level.get(level.id)) for level in study.levels]


def _total(level: StudyLevel, row: tuple[Any, ...] | None) -> LevelTotal:
    nothing = Decimal(0)
    if row is None:
        return LevelTotal(level, 0, 0, 0, 0, 0, nothing, nothing, nothing, 0, 0, 0, 0.0, 0)
    return LevelTotal(level, *row[1:])


@dataclass(frozen=True)
class Step:
    """From one level to a larger one, and what that is worth a year; None until every area of both has a plan."""

    fine: LevelTotal
    coarse: LevelTotal
    value: BoundaryValue | None

    @property
    def name(self) -> str:
        """What it is called, such as "from ward to district"."""
        return f"from {self.fine.level.boundary_name} to {self.coarse.level.boundary_name}"


@dataclass(frozen=True)
class LevelRange:
    """What one level saves a year: a plan does at the least, and nothing can at the most."""

    total: LevelTotal
    least: Decimal
    most: Decimal


def ranges_of(totals: Sequence[LevelTotal]) -> list[LevelRange]:
    """The proven range of the saving of each level that is complete, with what levels prove of one another."""
    complete, costs = _tightened(totals)
    return [
        LevelRange(total, total.baseline - cost.plan, max(total.baseline - cost.bound, total.baseline - cost.plan))
        for total, cost in zip(complete, costs, strict=True)
    ]


def steps_of(totals: Sequence[LevelTotal]) -> list[Step]:
    """The value of each step to the next larger level, and last that of all of them together."""
    complete, costs = _tightened(totals)
    cost_of = {total.level.position: cost for total, cost in zip(complete, costs, strict=True)}
    pairs = list(pairwise(totals))
    pairs += [(totals[0], totals[-1])] if len(totals) > 2 else []
    return [Step(fine, coarse, _value(fine, coarse, cost_of)) for fine, coarse in pairs]


def _tightened(totals: Sequence[LevelTotal]) -> tuple[list[LevelTotal], list[Cost]]:
    complete = [total for total in totals if total.is_complete]
    place = {total.level.position: at for at, total in enumerate(complete)}
    nests = [[place[other] for other in total.level.nests_in if other in place] for total in complete]
    return complete, tightened([Cost(total.plan, total.bound) for total in complete], nests)


def _value(fine: LevelTotal, coarse: LevelTotal, cost_of: dict[int, Cost]) -> BoundaryValue | None:
    at, above = fine.level.position, coarse.level.position
    if at not in cost_of or above not in cost_of:
        return None
    return value_between(cost_of[at], cost_of[above], is_nested=above in fine.level.nests_in)
