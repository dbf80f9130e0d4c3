"""Studies from outside: started, cancelled, and taken up again. What workers do is `study_parts`' business."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from estate import audit, jobs
from estate.gis.models import Area, BoundaryLevel
from estate.people.programme_models import Programme
from estate.people.programmes import programme_for
from estate.proposals.errors import LevelTooLarge, LevelUnknown, NothingToRetry, OptionsInvalid, StudyEnded
from estate.proposals.models import RunStatus
from estate.proposals.options import Options
from estate.proposals.study_models import TO_DO, PartStatus, Study, StudyLevel, StudyPart

SPLIT_TASK = "studies.split"
PART_TASK = "studies.part"
QUEUE = "studies"
PRIORITY = -10
"""Below that of every other job: a study may be thousands of areas long, and nobody waits before a page for one."""
AGAIN = (PartStatus.FAILED, PartStatus.CANCELLED)


def start(
    session: Session,
    *,
    actor: int | None,
    area: Area | None,
    level_codes: Sequence[str],
    has_no_boundaries: bool = False,
    options: Options | None = None,
    name: str = "",
    programme: Programme | None = None,
) -> Study:
    """A new study with the job that splits it, both or neither.

    It asks the question of `options` inside each area of each level, and over all buildings at once where it
    `has_no_boundaries`. Without an area it is about every building of `programme`, or of the only one there is.
    """
    options = options or Options()
    programme = programme_for(session, programme)
    study = Study(
        programme=programme,
        name=" ".join(name.split()) or f"{area.name if area else programme.name}, {datetime.now(UTC):%-d %B %Y}",
        area=area,
        actor_id=actor,
        options={**options.to_json(), "level_code": None},
        status=RunStatus.QUEUED,
    )
    chosen: list[str | None] = [level.code for level in _levels(session, area, level_codes)]
    chosen += [None] if has_no_boundaries else []
    if not chosen:
        raise OptionsInvalid("Choose a level.", fields={"level_codes": "Choose at least one level"})
    study.levels = [StudyLevel(position=place, level_code=code) for place, code in enumerate(chosen)]
    session.add(study)
    session.flush()
    record(session, study, actor, "start_study", options=study.options, levels=chosen)
    jobs.defer(session, SPLIT_TASK, queue=QUEUE, priority=PRIORITY, study_id=study.id)
    return study


def cancel(session: Session, study: Study, *, actor: int | None) -> None:
    """Stops a study. Areas that are done keep their results; those being solved keep the best plan so far."""
    session.refresh(study, with_for_update={"of": Study})
    if not study.is_at_work:
        raise StudyEnded
    study.status, study.message = RunStatus.CANCELLED, None
    session.execute(
        update(StudyPart)
        .where(StudyPart.study_id == study.id, StudyPart.status.in_((PartStatus.WAITING, PartStatus.QUEUED)))
        .values(status=PartStatus.CANCELLED)
    )
    end_if_done(session, study)
    record(session, study, actor, "cancel_study")


def retry(session: Session, study: Study, *, actor: int | None) -> int:
    """Puts the areas that failed or were stopped back into the queue; gives how many.

    Larger areas around them are solved again after them, since they start from their plans. Until something better is
    stored, every result stays. Raises `NothingToRetry` where all is done, or still at work.
    """
    session.refresh(study, with_for_update={"of": Study})
    if study.finished_at is None:
        raise NothingToRetry
    if study.split_at is None:
        study.status, study.finished_at, study.message = RunStatus.QUEUED, None, None
        jobs.defer(session, SPLIT_TASK, queue=QUEUE, priority=PRIORITY, study_id=study.id)
        record(session, study, actor, "retry_study")
        return 0
    opened = _reopened(session, study)
    if not opened:
        raise NothingToRetry
    study.status, study.finished_at, study.message = RunStatus.RUNNING, None, None
    queue_parts(session, [part for part in opened if part.status is PartStatus.QUEUED])
    record(session, study, actor, "retry_study", areas=len(opened))
    return len(opened)


def queue_parts(session: Session, parts: Sequence[StudyPart]) -> None:
    """A job for each of the parts, in one transaction with what made them ready."""
    session.flush()
    ids = [{"part_id": part.id} for part in parts]
    for part, job_id in zip(
        parts, jobs.defer_many(session, PART_TASK, ids, queue=QUEUE, priority=PRIORITY), strict=True
    ):
        part.status, part.job_id = PartStatus.QUEUED, job_id
    session.flush()


def end_if_done(session: Session, study: Study) -> None:
    """Ends the study when none of its parts is still to be done. The caller holds the study's row."""
    session.flush()
    query = select(StudyPart.id).where(StudyPart.study_id == study.id, StudyPart.status.in_(TO_DO)).limit(1)
    if session.scalar(query) is not None:
        return
    study.finished_at = datetime.now(UTC)
    if study.status is not RunStatus.CANCELLED:
        study.status = RunStatus.FINISHED
    session.flush()
    record(session, study, None, "finish_study")


def record(session: Session, study: Study, actor: int | None, action: str, **changes: object) -> None:
    """An event about the study."""
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="study",
        subject_id=study.id,
        changes={name: [None, value] for name, value in changes.items()},
    )


def _levels(session: Session, area: Area | None, level_codes: Sequence[str]) -> list[BoundaryLevel]:
    """The levels from the smallest areas to the largest."""
    query = select(BoundaryLevel).where(BoundaryLevel.code.in_(set(level_codes))).order_by(BoundaryLevel.rank.desc())
    levels = list(session.scalars(query))
    if len(levels) < len(set(level_codes)):
        raise LevelUnknown(fields={"level_codes": "Choose boundary levels from the list"})
    if area is not None and any(level.rank < area.level.rank for level in levels):
        raise LevelTooLarge(fields={"level_codes": f"Choose {area.level.name.lower()} or smaller levels"})
    return levels


def _reopened(session: Session, study: Study) -> list[StudyPart]:
    """The parts that are to be done again, each of them queued, or waiting for one inside it."""
    query = select(StudyPart).where(StudyPart.study_id == study.id).order_by(StudyPart.id).with_for_update(of=StudyPart)
    parts = {part.id: part for part in session.scalars(query).unique()}
    opened = {part.id for part in parts.values() if part.status in AGAIN}
    waiting: set[int] = set()
    for part_id in sorted(opened):
        around = parts[part_id].inside_id
        while around is not None and around not in waiting:
            waiting.add(around)
            around = parts[around].inside_id
    chosen = [parts[part_id] for part_id in sorted(opened | waiting)]
    for part in chosen:
        part.status = PartStatus.WAITING if part.id in waiting else PartStatus.QUEUED
    return chosen
