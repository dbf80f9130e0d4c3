"""An independent look at what a proposal was told: plain loops, sharing no code with the model or the search."""

import math
from dataclasses import dataclass

from estate.errors import EstateError
from estate.optimise.problem import Problem, Team
from estate.optimise.rules import Access, MixOf

PENNY = 0.01
PEOPLE_TOLERANCE = 1e-6


class PlanBroken(EstateError):
    """A plan breaks one of its own rules, so it is not shown."""


@dataclass(frozen=True)
class Plan:
    """Which buildings are kept, and the building of every team."""

    kept: frozenset[str]
    host: dict[str, str]


def check_rules(problem: Problem, plan: Plan) -> None:
    """Raises `PlanBroken` naming the first rule of `Settings.rules` that the plan breaks; it places every team."""
    _check_locked_buildings(problem, plan)
    _check_locked_teams(problem, plan)
    _check_limits(problem, plan)
    inside: dict[str, list[Team]] = {building.id: [] for building in problem.buildings}
    for team in problem.teams:
        inside[plan.host[team.id]].append(team)
    for building, teams in inside.items():
        if any(team.home != building for team in teams):
            _check_roof(problem, building, teams)
            _check_mix(problem, building, teams)
    if problem.settings.rules.access is not None:
        _check_access(problem, plan, problem.settings.rules.access)


def _check_locked_buildings(problem: Problem, plan: Plan) -> None:
    locks = problem.settings.rules.locks
    for building in (*locks.kept, *locks.unchanged):
        if building not in plan.kept:
            raise PlanBroken(f"Building {building} is emptied, but was to be kept.")
    for building in locks.emptied:
        if building in plan.kept:
            raise PlanBroken(f"Building {building} is kept, but was to be emptied.")
    for team in problem.teams:
        host = plan.host[team.id]
        if host != team.home and (team.home in locks.unchanged or host in locks.unchanged):
            raise PlanBroken(f"Team {team.id} moves in or out of a building that was to stay as it is.")


def _check_locked_teams(problem: Problem, plan: Plan) -> None:
    locks = problem.settings.rules.locks
    for team in problem.teams:
        if team.id in locks.staying and plan.host[team.id] != team.home:
            raise PlanBroken(f"Team {team.id} moves, but was to stay.")
    for name, building in locks.moving:
        if plan.host[name] != building:
            raise PlanBroken(f"Team {name} does not work in building {building}, as it was to.")
    for name, building in locks.barred:
        if plan.host[name] == building:
            raise PlanBroken(f"Team {name} moves to building {building}, which was ruled out.")


def _check_limits(problem: Problem, plan: Plan) -> None:
    rules = problem.settings.rules
    moved = [team for team in problem.teams if plan.host[team.id] != team.home]
    if rules.most_moves is not None and len(moved) > rules.most_moves:
        raise PlanBroken(f"{len(moved)} teams move; at most {rules.most_moves} may.")
    left = [building for building in problem.buildings if building.id not in plan.kept]
    paid = math.fsum([*(team.move_cost for team in moved), *(building.leaving_cost for building in left)])
    if rules.most_one_off_cost is not None and paid > rules.most_one_off_cost + PENNY:
        raise PlanBroken(
            f"Moving and leaving cost {paid:,.2f} once; at most {rules.most_one_off_cost:,.2f} may be paid."
        )


def _check_roof(problem: Problem, building: str, teams: list[Team]) -> None:
    for first, second in problem.settings.rules.apart:
        for arrived in teams:
            for other in teams:
                if arrived.home == building or other.id == arrived.id:
                    continue
                kinds, others = (arrived.use, arrived.group), (other.use, other.group)
                if (first in kinds and second in others) or (second in kinds and first in others):
                    raise PlanBroken(f"Team {arrived.id} moves under one roof with team {other.id}.")


def _check_mix(problem: Problem, building: str, teams: list[Team]) -> None:
    rules = problem.settings.rules
    mix = {team.agency if rules.mix_of is MixOf.AGENCY else team.use for team in teams}
    if rules.least_mix is not None and len(mix) < rules.least_mix:
        raise PlanBroken(f"Building {building} takes teams in and holds {len(mix)} of at least {rules.least_mix}.")


def _check_access(problem: Problem, plan: Plan, access: Access) -> None:
    points = {building.id: (building.x_m, building.y_m) for building in problem.buildings}
    for service in {team.counter for team in problem.teams if team.counter}:
        teams = [team for team in problem.teams if team.counter == service]
        others = [(counter.x_m, counter.y_m) for counter in access.others if counter.service == service]
        before = _served(access, [*others, *(points[team.home] for team in teams)])
        after = _served(access, [*others, *(points[plan.host[team.id]] for team in teams)])
        if access.most_fall_ratio is None:
            if any(was and not now for was, now in zip(before, after, strict=True)):
                raise PlanBroken(f"Some people lose their last counter of {service} within the distance.")
            continue
        had, have = _people(access, before), _people(access, after)
        if have < (1 - access.most_fall_ratio) * had - PEOPLE_TOLERANCE * max(1.0, had):
            raise PlanBroken(f"Too many people lose their last counter of {service} within the distance.")


def _served(access: Access, counters: list[tuple[float, float]]) -> list[bool]:
    reach = access.distance_m * (1 + 1e-12)
    return [any(math.dist((p.x_m, p.y_m), counter) <= reach for counter in counters) for p in access.points]


def _people(access: Access, served: list[bool]) -> float:
    return math.fsum(
        point.population or 0.0 for point, is_served in zip(access.points, served, strict=True) if is_served
    )
