"""Puts a checked plan, its bound and how the solver ended into one Solution with one honest sentence."""

from estate.optimise import objective
from estate.optimise.check import Plan
from estate.optimise.problem import Problem, TeamRule
from estate.optimise.solution import PROVEN_GAP_RATIO, Limits, Solution, Status
from estate.optimise.supervise import Ending, StopReason
from estate.optimise.validate import list_notes

QUESTION = {
    TeamRule.STAY: "The question asked: teams stay in a building that is kept, and all leave one that is emptied.",
    TeamRule.FREE: "The question asked: any team may move, also out of a building that is kept.",
}

ENDED_BECAUSE = {
    StopReason.TIME: "The time limit was reached",
    StopReason.NODES: "The node limit was reached",
    StopReason.CANCELLED: "The run was cancelled",
    StopReason.CRASHED: "The solver ended unexpectedly (it may have run out of memory)",
    StopReason.GAP: "The solver stopped",
    StopReason.PROVEN: "The solver stopped",
    StopReason.NO_PLAN: "The solver stopped",
}


def solution(
    problem: Problem,
    plan: Plan,
    *,
    cost: float,
    bound: float,
    limits: Limits,
    ending: Ending,
    can_move: bool,
    seconds: float,
    broken: tuple[str, ...] = (),
) -> Solution:
    """The solution with its status: the word optimal only where the bound proves it."""
    today = objective.cost_today_per_year(problem)
    is_changed = len(plan.kept) < len(problem.buildings)
    gap = (cost - bound) / cost if cost > 0 else 0.0
    is_proven = gap <= PROVEN_GAP_RATIO
    status = _status(problem, gap, is_changed=is_changed, can_move=can_move, limits=limits)
    kept = tuple(building.id for building in problem.buildings if building.id in plan.kept)
    return Solution(
        status=status,
        sentence=_sentence(problem, status, today - cost, cost - bound, ending.reason, len(kept)),
        team_rule=problem.settings.team_rule,
        kept=kept,
        emptied=tuple(building.id for building in problem.buildings if building.id not in plan.kept),
        host=dict(plan.host),
        cost_today_per_year=today,
        objective=cost,
        bound=bound,
        limits=limits,
        stop_reason=StopReason.PROVEN if is_proven else ending.reason,
        nodes=ending.nodes,
        seconds=seconds,
        notes=(QUESTION[problem.settings.team_rule], *list_notes(problem), *broken),
    )


def _status(problem: Problem, gap: float, *, is_changed: bool, can_move: bool, limits: Limits) -> Status:
    if not problem.buildings:
        return Status.EMPTY_AREA
    if not is_changed and gap <= PROVEN_GAP_RATIO:
        if len(problem.buildings) == 1:
            return Status.ONE_BUILDING
        return Status.NOTHING_TO_GAIN if can_move else Status.NO_CAPACITY
    if gap <= PROVEN_GAP_RATIO:
        return Status.OPTIMAL
    return Status.WITHIN_GAP if gap <= limits.gap_wanted_ratio else Status.STOPPED


def _sentence(
    problem: Problem, status: Status, saving: float, still_possible: float, reason: StopReason, kept: int
) -> str:
    emptied = len(problem.buildings) - kept
    plan = f"The plan keeps {_counted(kept)}, empties {emptied} and saves £{saving:,.0f} a year, moves paid."
    at_most = f"No plan can save more than £{still_possible:,.0f} a year beyond that."
    match status:
        case Status.EMPTY_AREA:
            return "There is no building with enough known about it in this area, so there is nothing to propose."
        case Status.ONE_BUILDING:
            return "There is only one building in this area, so no team has anywhere to move."
        case Status.NO_CAPACITY:
            return (
                "No team may move anywhere: no building within the distance is eligible, suits its use and has room. "
                "Try a longer distance, or look at why each building may not host."
            )
        case Status.NOTHING_TO_GAIN:
            return "Nothing is to be gained: every permitted move costs more than it saves. This is proven."
        case Status.OPTIMAL:
            return f"{plan} This is proven to be optimal: no plan under these rules costs less."
        case Status.WITHIN_GAP:
            return f"{plan} {at_most}"
        case Status.STOPPED if emptied == 0:
            return f"{ENDED_BECAUSE[reason]} before a plan was found that saves money. {at_most}"
        case _:
            return f"{plan} {ENDED_BECAUSE[reason]} before the search was finished. {at_most}"


def _counted(buildings: int) -> str:
    return "1 building" if buildings == 1 else f"{buildings:,} buildings"
