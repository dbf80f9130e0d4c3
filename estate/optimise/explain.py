"""One sentence for each building: why it is kept or emptied. And the moves, with what each costs."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise import constraints, objective, tighten
from estate.optimise.arcs import Arcs, candidate_arcs, near_pairs
from estate.optimise.explain_rules import WhatHolds
from estate.optimise.problem import Building, Problem, Team
from estate.optimise.solution import Solution

Array = NDArray[Any]


class Action(StrEnum):
    """What happens to a building."""

    HOST = "host"
    """Kept, and takes in teams from elsewhere."""
    KEPT = "kept"
    EMPTIED = "emptied"


class Cause(StrEnum):
    """Why a building is kept as it is, where neither a rule of its own nor one in `BLOCKED` says it."""

    MAY_NOT_CLOSE = "may_not_close"
    """It may not be emptied, and the problem does not say by which rule."""
    SAVES_TOO_LITTLE = "saves_too_little"
    SOME_LEAVE = "some_leave"
    ROOM_IS_NEEDED = "room_is_needed"
    KEPT_BY_DECISION = "kept_by_decision"
    LIMIT_IS_REACHED = "limit_is_reached"
    COUNTER_IS_NEEDED = "counter_is_needed"


@dataclass(frozen=True)
class BuildingOutcome:
    """What the plan does with a building, and why."""

    building: Building
    action: Action
    reason: str
    used_m2: float
    """Area that the teams in it need under the plan."""
    cause: str = ""
    """Of a building kept as it is: its `may_close_rule`, one in `BLOCKED`, or one of `Cause`."""


@dataclass(frozen=True)
class Move:
    """One team that moves."""

    team: Team
    host: Building
    distance_m: float
    hosting_cost_per_year: float
    moving_cost_per_year: float
    """The one-off cost spread over the horizon."""


BLOCKED = {
    "moves_stay_within_the_distance": "there is no other building within the distance",
    "moves_stay_inside_the_boundary": "every building near enough lies across the boundary",
    "hosts_must_be_eligible": "no building near enough may host",
    "uses_must_be_accepted": "no host near enough suits its use",
    "hosts_must_have_room": "no suitable host near enough has room for it",
    "locked_buildings_take_nobody_in": "its building, or every host left, was to stay as it is or to be emptied",
    "locked_teams_go_nowhere_else": "it was decided where it works",
    "barred_moves_are_not_made": "its last possible move was ruled out",
}


def list_moves(problem: Problem, solution: Solution) -> list[Move]:
    """The teams that work in another building under the plan, in the problem's order."""
    moves = []
    for team in problem.teams:
        if solution.host[team.id] == team.home:
            continue
        home = problem.buildings[problem.building_index[team.home]]
        host = problem.buildings[problem.building_index[solution.host[team.id]]]
        distance_m = math.dist((home.x_m, home.y_m), (host.x_m, host.y_m))
        hosting = objective.hosting_cost_per_year(team, host)
        moves.append(Move(team, host, distance_m, hosting, objective.moving_cost_per_year(team, problem.settings)))
    return moves


def explained(problem: Problem, solution: Solution) -> list[BuildingOutcome]:
    """What the plan does with every building, in the problem's order."""
    return _Explanation(problem, solution).outcomes()


def stuck_teams(problem: Problem, arcs: Arcs) -> dict[str, str]:
    """For each team that may move nowhere, by team id, the rule that took its last choice away."""
    stuck: dict[str, str] = {}
    pairs = near_pairs(problem, arcs.home)
    left = np.bincount(pairs.team, minlength=len(problem.teams)) > 0
    names = ["moves_stay_within_the_distance", *(rule.__name__ for rule in constraints.PAIR_RULES)]
    for name, rule in zip(names, (None, *constraints.PAIR_RULES), strict=True):
        pairs = pairs.where(rule(pairs)) if rule else pairs
        has_choice = np.bincount(pairs.team, minlength=len(problem.teams)) > 0
        newly = ~has_choice if rule is None else left & ~has_choice
        stuck |= {problem.teams[position].id: name for position in np.flatnonzero(newly).tolist()}
        left = has_choice
    return stuck


class _Explanation:
    """The facts that the sentences draw on, looked up once."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = problem
        self.rules = problem.settings.rules
        self.told = WhatHolds(problem, solution)
        self.kept = set(solution.kept)
        self.moves = list_moves(problem, solution)
        self.arriving: dict[str, list[Move]] = {}
        self.leaving: dict[str, list[Move]] = {}
        for move in self.moves:
            self.arriving.setdefault(move.host.id, []).append(move)
            self.leaving.setdefault(move.team.home, []).append(move)
        arcs = candidate_arcs(problem)
        self.stuck = stuck_teams(problem, arcs)
        self.not_worth = tighten.not_worth_emptying(problem, arcs)
        self.least = tighten.least_cost_elsewhere(problem, arcs)

    def outcomes(self) -> list[BuildingOutcome]:
        return [self._outcome(building) for building in self.problem.buildings]

    def _outcome(self, building: Building) -> BuildingOutcome:
        arriving, leaving = self.arriving.get(building.id, []), self.leaving.get(building.id, [])
        own = self.problem.own_need_m2[building.id]
        used = own + sum(m.team.need_m2 for m in arriving) - sum(m.team.need_m2 for m in leaving)
        if building.id not in self.kept:
            return BuildingOutcome(building, Action.EMPTIED, self._why_emptied(building), max(0.0, used))
        if arriving:
            return BuildingOutcome(building, Action.HOST, self._why_host(building, used), used)
        cause, reason = self._why_kept(building)
        return BuildingOutcome(building, Action.KEPT, reason, used, cause)

    def _why_emptied(self, building: Building) -> str:
        leaving = self.leaving.get(building.id, [])
        estimated = "an estimated " if "running_cost_per_year" in building.estimates else ""
        released = f"{estimated}£{building.running_cost_per_year:,.0f} a year of running cost stops"
        due = f" {_leaving(building)}." if building.leaving_cost else ""
        if not leaving:
            return f"Emptied: nobody works in it, and {released}.{due}"
        hosts = sorted({move.host.name for move in leaving})
        where = ", ".join(hosts[:3]) + (f" and {len(hosts) - 3} more" if len(hosts) > 3 else "")
        cost = sum(move.hosting_cost_per_year + move.moving_cost_per_year for move in leaving)
        verb = "moves" if len(leaving) == 1 else "move"
        due += " That was decided for this proposal." if building.id in self.rules.locks.emptied else ""
        stops = released[:1].upper() + released[1:]
        return (
            f"Emptied: its {_teams(len(leaving))} {verb} to {where}. {stops}; the moves cost £{cost:,.0f} a year.{due}"
        )

    def _why_host(self, building: Building, used: float) -> str:
        arriving = self.arriving[building.id]
        need = sum(move.team.need_m2 for move in arriving)
        also = f" It may not be emptied, because {building.may_close_reason}." if not building.may_close else ""
        return (
            f"Kept as a host: it takes in {_teams(len(arriving))} with a need of {need:,.0f} m², "
            f"and is then used to {used:,.0f} of {building.capacity_m2:,.0f} m².{also}"
        )

    def _why_kept(self, building: Building) -> tuple[str, str]:
        """The cause, and the sentence."""
        teams = self.problem.teams_at[building.id]
        stuck = [team for team in teams if team.id in self.stuck]
        saving = f"£{building.running_cost_per_year:,.0f} a year"
        if building.leaving_cost:
            spread = building.leaving_cost * self.problem.settings.annuity_ratio
            saving += f" less £{spread:,.0f} a year for leaving ({_leaving(building)})"
        if not building.may_close:
            because = building.may_close_reason or "it is protected"
            cause = building.may_close_rule or Cause.MAY_NOT_CLOSE
            return cause, f"Kept: it may not be emptied, because {because}."
        if building.id in (*self.rules.locks.kept, *self.rules.locks.unchanged):
            return Cause.KEPT_BY_DECISION, "Kept: that was decided for this proposal."
        if stuck:
            more = f" (and {len(stuck) - 1} more)" if len(stuck) > 1 else ""
            rule = self.stuck[stuck[0].id]
            return rule, f"Kept: {stuck[0].name}{more} can't move, because {BLOCKED[rule]}."
        if self.not_worth[self.problem.building_index[building.id]]:
            cost = self.least[self.problem.building_index[building.id]]
            return Cause.SAVES_TOO_LITTLE, (
                f"Kept: emptying it would save {saving}, no more than the £{cost:,.0f} a year its teams cost elsewhere."
            )
        if self.leaving.get(building.id):
            return Cause.SOME_LEAVE, f"Kept: {_teams(len(self.leaving[building.id]))} leave it, the others stay."
        if people := self.told.who_loses_a_counter(building):
            return Cause.COUNTER_IS_NEEDED, f"Kept: emptying it would save {saving}, but {people}."
        if limit := self.told.which_limit(building):
            return Cause.LIMIT_IS_REACHED, f"Kept: emptying it would save {saving}, but {limit}."
        return Cause.ROOM_IS_NEEDED, (
            f"Kept: emptying it would save {saving}, but in this plan the room that its {_teams(len(teams))} "
            "would need is used by others or costs more."
        )


def _leaving(building: Building) -> str:
    return f"£{building.leaving_cost:,.0f} {building.leaving_reason or 'is paid once to leave it'}"


def _teams(count: int) -> str:
    return "1 team" if count == 1 else f"{count} teams"
