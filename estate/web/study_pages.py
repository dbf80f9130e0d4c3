"""A study as its page tells it: how far it is, what each level saves, and what each boundary is worth."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from estate.people.agencies import names_of
from estate.people.programmes import list_partners
from estate.proposals.study_documents import minutes
from estate.proposals.study_models import Study, StudyPart
from estate.proposals.study_queries import (
    LevelTotal,
    Step,
    StudyProgress,
    list_parts,
    progress_of,
    ranges_of,
    steps_of,
    totals_of,
)
from estate.web.study_charts import RangeChart, saving_chart

PARTS_A_PAGE = 100


@dataclass(frozen=True)
class StudyPage:
    """What the page shows."""

    progress: StudyProgress
    message: str
    totals: list[LevelTotal]
    steps: list[Step]
    chart: RangeChart | None
    parts: Sequence[StudyPart]
    paging: dict[str, int]
    left_agencies: list[str]
    """Agencies whose buildings or teams it is about and that take no part in the programme any more."""
    can_retry: bool


def page_of(session: Session, study: Study, page: int) -> StudyPage:
    """The study's page, with the areas of one page of their table."""
    progress, totals = progress_of(session, study), totals_of(session, study)
    page_count = max(1, -(-progress.part_count // PARTS_A_PAGE))
    shown = min(max(1, page), page_count)
    partners = {agency.id for agency in list_partners(session, study.programme_id)}
    is_short = study.split_at is None or progress.failed_count + progress.stopped_count > 0
    return StudyPage(
        progress=progress,
        message=progress_message(study, progress),
        totals=totals,
        steps=steps_of(totals) if totals else [],
        chart=saving_chart(ranges_of(totals)),
        parts=list_parts(session, study, limit=PARTS_A_PAGE, offset=(shown - 1) * PARTS_A_PAGE),
        paging={"page": shown, "page_count": page_count},
        left_agencies=names_of(session, set(study.agency_ids) - partners),
        can_retry=study.finished_at is not None and is_short,
    )


def progress_message(study: Study, progress: StudyProgress) -> str:
    """How far the study is, in a sentence or two."""
    if not progress.part_count:
        return "It waits for a worker to read the register."
    done = f"{progress.done_count:,} of {progress.part_count:,} areas are done."
    if progress.seconds_left is not None:
        areas = "1 is" if progress.running_count == 1 else f"{progress.running_count:,} are"
        return (
            f"{done} {areas} being solved; about {minutes(progress.seconds_left)} to go, judged by those done so far."
        )
    if study.is_at_work and not progress.running_count:
        return f"{done} The rest wait for a worker."
    return done
