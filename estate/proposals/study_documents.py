"""A study as files: every area as a row, and the whole as JSON. Money as text, so that no penny is lost."""

from typing import Any

from sqlalchemy.orm import Session

from estate.proposals.study_models import Study, StudyPart
from estate.proposals.study_queries import LevelTotal, Step, list_parts, steps_of, totals_of

COLUMNS = (
    "level",
    "area",
    "status",
    "buildings",
    "teams",
    "solver_status",
    "cost_today_per_year",
    "plan_per_year",
    "bound_per_year",
    "saving_per_year",
    "gap_ratio",
    "kept",
    "emptied",
    "moves",
    "seconds",
    "attempts",
    "message",
)


def rows_of_parts(session: Session, study: Study) -> list[dict[str, Any]]:
    """Every area with `COLUMNS`; None where an area has no plan."""
    return [_row(part) for part in list_parts(session, study)]


def document_of(session: Session, study: Study) -> dict[str, Any]:
    """The study, its levels, what going from each to the next is worth, and its areas, as plain JSON values."""
    totals = totals_of(session, study)
    return {
        "study": study.id,
        "name": study.name,
        "place": study.place_name,
        "status": study.status.value,
        "read_at": None if study.split_at is None else study.split_at.isoformat(),
        "options": study.options,
        "assumptions": study.assumptions,
        "notes": study.notes,
        "levels": [_level(total) for total in totals],
        "boundaries": [_step(step) for step in steps_of(totals)],
        "areas": rows_of_parts(session, study),
    }


def minutes(seconds: float) -> str:
    """A time to go in words that promise no more than an estimate can."""
    if seconds < 60:
        return "a minute"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"


def _row(part: StudyPart) -> dict[str, Any]:
    figures = (
        part.level.name,
        part.name,
        part.status.value,
        part.building_count,
        part.team_count,
        part.solver_status,
        _text(part.baseline),
        _text(part.objective),
        _text(part.bound),
        _text(part.saving),
        part.gap,
        part.kept_count,
        part.emptied_count,
        part.move_count,
        part.seconds,
        part.attempt,
        part.message,
    )
    return dict(zip(COLUMNS, figures, strict=True))


def _level(total: LevelTotal) -> dict[str, Any]:
    return {
        "level": total.level.name,
        "areas": total.part_count,
        "areas_with_a_plan": total.solved_count,
        "areas_proven_optimal": total.proven_count,
        "buildings": total.building_count,
        "teams": total.team_count,
        "cost_today_per_year": str(total.baseline),
        "plan_per_year": str(total.plan),
        "bound_per_year": str(total.bound),
        "saving_per_year": str(total.saving),
        "gap_ratio": total.gap_ratio,
        "kept": total.kept_count,
        "emptied": total.emptied_count,
        "moves": total.move_count,
        "seconds": total.seconds,
    }


def _step(step: Step) -> dict[str, Any]:
    value = step.value
    found: dict[str, Any] = {"from": step.fine.level.name, "to": step.coarse.level.name, "is_known": value is not None}
    if value is not None:
        found |= {"least_per_year": str(value.least), "most_per_year": str(value.most)}
        found |= {"difference_of_plans_per_year": str(value.of_plans), "is_nested": value.is_nested}
    return found


def _text(amount: object) -> str | None:
    return None if amount is None else str(amount)
