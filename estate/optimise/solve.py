"""From a problem to a checked plan with a proof of how good it is."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise import objective, outcome, search
from estate.optimise.arcs import Arcs, candidate_arcs
from estate.optimise.check import Plan, PlanBroken, checked_cost_per_year
from estate.optimise.constraints import CONSTRAINTS
from estate.optimise.model import Model
from estate.optimise.parts import part_of
from estate.optimise.problem import Problem, TeamRule
from estate.optimise.solution import Limits, Solution
from estate.optimise.supervise import Ending, StopReason, run_solver
from estate.optimise.tighten import Tightened, tightened
from estate.optimise.validate import validated

HALF_PENNY = 0.005
MOST_ARCS_WITHOUT_SEARCH = 6_000
"""Parts of up to so many arcs are solved by HiGHS alone."""
MOST_ARCS_EXACTLY = 20_000
"""Parts of up to so many are searched first, and then solved by HiGHS from there; larger ones are only searched."""


@dataclass(frozen=True)
class Progress:
    """The best so far, for whoever watches."""

    objective: float
    bound: float
    seconds: float


Watch = Callable[[Progress], bool]
"""Called now and then; the run ends, and keeps its best plan, when it returns False."""


class Best:
    """The best checked plan and the highest bound, kept on this side of the solver's process."""

    def __init__(self, problem: Problem, bound: float) -> None:
        self.problem = problem
        self.plan = Plan(frozenset(problem.building_index), {team.id: team.home for team in problem.teams})
        self.cost = checked_cost_per_year(problem, self.plan)
        self.least = bound
        self.bound = bound
        self.broken: list[str] = []

    def offer(self, plan: Plan) -> None:
        """Takes the plan if it keeps every rule and costs less; a plan that breaks one is remembered, not taken."""
        try:
            cost = checked_cost_per_year(self.problem, plan)
        except PlanBroken as error:
            self.broken.append(error.message)
            return
        if cost < self.cost:
            self.plan, self.cost = plan, cost

    def raise_bound(self, bound: float) -> None:
        """Takes a higher bound."""
        if np.isfinite(bound):
            self.bound = max(self.bound, bound)

    def settle(self) -> None:
        """A bound above a checked plan proves nothing: falls back on what needs no solver."""
        if self.bound > self.cost * (1 + 1e-6) + HALF_PENNY:
            self.broken.append("The solver's bound contradicts a plan that keeps every rule.")
            self.bound = self.least
        self.bound = min(self.bound, self.cost)


def solve(
    problem: Problem, limits: Limits | None = None, watch: Watch | None = None, *, starts: Iterable[Plan] = ()
) -> Solution:
    """The best plan within the limits, checked, with its bound. Raises `ProblemInvalid` where the input can't be true.

    There is always a plan: at worst, everything stays as it is. It never costs more than the best of `starts` that
    keeps every rule, such as the plan of a stricter problem.
    """
    limits = limits or Limits()
    started = time.monotonic()
    problem = validated(problem)
    arcs = candidate_arcs(problem)
    tight = tightened(problem, arcs)
    running, leaving = objective.running_cost_per_year(problem), objective.leaving_cost_per_year(problem)
    best = Best(problem, float(np.where(tight.must_stay, running, np.minimum(running, leaving)).sum()))
    for start in starts:
        best.offer(start)
    if tight.must_stay.all():
        best.raise_bound(best.cost)
        ending = Ending(StopReason.PROVEN, 0)
    else:
        first = search.first_plan(problem, tight, limits.seed)
        best.offer(_plan(problem, first.is_kept, first.host))
        ending = _prove(problem, tight, best, limits, started, watch)
    best.settle()
    return outcome.solution(
        problem,
        best.plan,
        cost=best.cost,
        bound=best.bound,
        limits=limits,
        ending=ending,
        can_move=bool((~arcs.is_home).any()),
        seconds=time.monotonic() - started,
        broken=tuple(best.broken),
    )


def build_model(problem: Problem, tight: Tightened) -> Model:
    """The programme with every constraint in it."""
    arcs = tight.arcs
    cost = np.concatenate([objective.saving_per_year(problem), objective.arc_cost_per_year(problem, arcs)])
    offset = float(objective.leaving_cost_per_year(problem).sum())
    need = np.array([team.need_m2 for team in problem.teams], dtype=float)
    model = Model(problem, arcs, cost, offset, tight.usable_m2, need)
    for constraint in CONSTRAINTS:
        constraint(model)
    model.fix(np.flatnonzero(tight.must_stay), 1.0)
    return model


def _prove(
    problem: Problem, tight: Tightened, best: Best, limits: Limits, started: float, watch: Watch | None
) -> Ending:
    """Runs HiGHS from the plan at hand until a limit; plans and bounds go into `best`."""
    arrays = {**build_model(problem, tight).to_arrays(), **_siting_arrays(problem, tight)}
    arrays["first_plan"] = _columns(problem, tight.arcs, best.plan)
    deadline = started + limits.time_limit_s

    def on_event(event: dict[str, Any]) -> None:
        if event["event"] == "plan":
            is_kept, host = _positions(problem, tight.arcs, event["columns"])
            best.offer(_plan(problem, is_kept, host))
        elif event.get("bound") is not None:
            best.raise_bound(event["bound"])

    def may_go_on() -> bool:
        return watch is None or watch(Progress(best.cost, best.bound, time.monotonic() - started))

    options = {
        "time_limit_s": max(0.1, deadline - time.monotonic()),
        "memory_limit_bytes": limits.memory_limit_bytes,
        "gap_wanted_ratio": limits.gap_wanted_ratio,
        "seed": limits.seed,
        "rounds": limits.node_limit,
        "most_arcs_without_search": MOST_ARCS_WITHOUT_SEARCH,
        "most_arcs_exactly": MOST_ARCS_EXACTLY,
        "highs": {
            "output_flag": False,
            "threads": 1,
            "random_seed": limits.seed,
            "mip_rel_gap": 0.0,
            **({} if limits.node_limit is None else {"mip_max_nodes": limits.node_limit}),
        },
    }
    return run_solver(arrays, options, deadline=deadline, on_event=on_event, may_go_on=may_go_on)


def _siting_arrays(problem: Problem, tight: Tightened) -> dict[str, NDArray[Any]]:
    """What the search of a large part needs besides the programme's own arrays."""
    return {
        "part": part_of(problem, tight),
        "arc_team": tight.arcs.team,
        "arc_building": tight.arcs.building,
        "arc_is_home": tight.arcs.is_home,
        "need": np.array([team.need_m2 for team in problem.teams], dtype=float),
        "room": tight.usable_m2,
        "points": np.array([(building.x_m, building.y_m) for building in problem.buildings], dtype=float),
        "stays": np.array(problem.settings.team_rule is TeamRule.STAY),
    }


def _columns(problem: Problem, arcs: Arcs, plan: Plan) -> NDArray[Any]:
    """The plan as the value of each column."""
    kept = np.array([building.id in plan.kept for building in problem.buildings], dtype=bool)
    host = np.array([problem.building_index[plan.host[team.id]] for team in problem.teams], dtype=np.int64)
    return np.concatenate([kept, host[arcs.team] == arcs.building])


def _positions(problem: Problem, arcs: Arcs, columns: list[int]) -> tuple[list[bool], list[int]]:
    """Kept buildings and hosts from the columns that are 1."""
    is_kept = [False] * len(problem.buildings)
    host = [-1] * len(problem.teams)
    for column in columns:
        if column < len(is_kept):
            is_kept[column] = True
        else:
            arc = column - len(is_kept)
            host[int(arcs.team[arc])] = int(arcs.building[arc])
    return is_kept, host


def _plan(problem: Problem, is_kept: list[bool], host: list[int]) -> Plan:
    """The plan by ids; a team without a host is left out, which the check refuses."""
    buildings = problem.buildings
    return Plan(
        frozenset(building.id for building, kept in zip(buildings, is_kept, strict=True) if kept),
        {team.id: buildings[at].id for team, at in zip(problem.teams, host, strict=True) if at >= 0},
    )
