"""An independent look at a plan: plain loops over the problem, sharing no code with the model or the search."""

import math

from estate.optimise.check_rules import Plan, PlanBroken, check_rules
from estate.optimise.problem import Building, Problem, Team, TeamRule

__all__ = ["Plan", "PlanBroken", "checked_cost_per_year"]

AREA_TOLERANCE_M2 = 1e-5


def checked_cost_per_year(problem: Problem, plan: Plan) -> float:
    """What the plan costs per year, counted from the problem alone. Raises `PlanBroken` naming the first breach."""
    buildings = {building.id: building for building in problem.buildings}
    _check_rows(problem, plan, buildings)
    for team in problem.teams:
        _check_team(problem, plan, team, buildings)
    inside: dict[str, list[Team]] = {building.id: [] for building in problem.buildings}
    for team in problem.teams:
        inside[plan.host[team.id]].append(team)
    for building in problem.buildings:
        _check_building(problem, plan, building, inside[building.id])
    check_rules(problem, plan)
    cost = math.fsum(_cost_of_building(problem, plan, building) for building in problem.buildings)
    return cost + math.fsum(_cost_of_move(problem, team, buildings[plan.host[team.id]]) for team in problem.teams)


def _cost_of_building(problem: Problem, plan: Plan, building: Building) -> float:
    if building.id in plan.kept:
        return building.running_cost_per_year
    return building.leaving_cost * problem.settings.annuity_ratio


def _cost_of_move(problem: Problem, team: Team, host: Building) -> float:
    if host.id == team.home:
        return 0.0
    return host.hosting_cost_per_m2_per_year * team.need_m2 + team.move_cost * problem.settings.annuity_ratio


def _check_rows(problem: Problem, plan: Plan, buildings: dict[str, Building]) -> None:
    if not plan.kept <= buildings.keys():
        raise PlanBroken("The plan keeps a building that is not part of the problem.")
    if plan.host.keys() != {team.id for team in problem.teams}:
        raise PlanBroken("The plan does not place every team exactly once.")


def _check_team(problem: Problem, plan: Plan, team: Team, buildings: dict[str, Building]) -> None:
    host_id = plan.host[team.id]
    if host_id not in plan.kept:
        raise PlanBroken(f"Team {team.id} works in building {host_id}, which is emptied.")
    home, host = buildings[team.home], buildings[host_id]
    if host_id == team.home:
        return
    if not host.may_host:
        raise PlanBroken(f"Team {team.id} moves into building {host_id}, which may not host.")
    if team.use not in host.accepts:
        raise PlanBroken(f"Team {team.id} moves into building {host_id}, which does not accept its use, {team.use}.")
    if host.area_id != home.area_id:
        raise PlanBroken(f"Team {team.id} moves across the boundary to building {host_id}.")
    if math.dist((home.x_m, home.y_m), (host.x_m, host.y_m)) > problem.settings.max_move_m * (1 + 1e-12):
        raise PlanBroken(f"Team {team.id} moves too far, to building {host_id}.")
    if problem.settings.team_rule is TeamRule.STAY and team.home in plan.kept:
        raise PlanBroken(f"Team {team.id} leaves building {team.home}, which is kept.")


def _check_building(problem: Problem, plan: Plan, building: Building, inside: list[Team]) -> None:
    if building.id not in plan.kept:
        if not building.may_close:
            raise PlanBroken(f"Building {building.id} is emptied, but it is protected.")
        return
    if all(team.home == building.id for team in inside):
        return
    if math.fsum(team.need_m2 for team in problem.teams_at[building.id]) > building.capacity_m2 + AREA_TOLERANCE_M2:
        raise PlanBroken(f"Building {building.id} is over-full today, so nobody may move in.")
    if math.fsum(team.need_m2 for team in inside) > building.capacity_m2 + AREA_TOLERANCE_M2:
        raise PlanBroken(f"Building {building.id} holds more than the space standard allows.")
