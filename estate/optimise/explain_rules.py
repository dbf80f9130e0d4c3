"""Which limit, or whose counter, keeps a building open in a plan: facts of the plan, each a clause after "but"."""

import numpy as np

from estate.optimise.access_constraints import near_points
from estate.optimise.problem import Building, Problem
from estate.optimise.rules import Access
from estate.optimise.solution import Solution


class WhatHolds:
    """What the plan uses of its limits, and who has which counter near; looked up once."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem, self.solution = problem, solution
        moved = [team for team in problem.teams if solution.host[team.id] != team.home]
        left = [problem.buildings[problem.building_index[name]] for name in solution.emptied]
        self.moves = len(moved)
        self.paid = sum(team.move_cost for team in moved) + sum(building.leaving_cost for building in left)
        access = problem.settings.rules.access
        self.near = near_points(problem, access) if access is not None else []

    def which_limit(self, building: Building) -> str:
        """The limit that emptying this building too would break; nothing where it would break none."""
        rules, teams = self.problem.settings.rules, self.problem.teams_at[building.id]
        staying = [team for team in teams if self.solution.host[team.id] == team.home]
        moves = self.moves + len(staying)
        if rules.most_moves is not None and moves > rules.most_moves:
            return f"the plan would make {_moves(moves)}, where at most {rules.most_moves} are allowed"
        paid = self.paid + building.leaving_cost + sum(team.move_cost for team in staying)
        if rules.most_one_off_cost is not None and paid > rules.most_one_off_cost:
            return f"one-off costs would rise to £{paid:,.0f}, where at most £{rules.most_one_off_cost:,.0f} is allowed"
        return ""

    def who_loses_a_counter(self, building: Building) -> str:
        """Who would have no counter near without those in this building; nothing where nobody would, or many may."""
        access = self.problem.settings.rules.access
        if access is None or access.most_fall_ratio is not None:
            return ""
        services = {team.counter for team in self.problem.teams if self.solution.host[team.id] == building.id}
        for service in sorted(services - {""}):
            points, people = self._only_here(access, building, service)
            if points:
                who = f"{people:,.0f} people" if people else f"people in {points} places"
                return f"its counter is the only one within {access.distance_m:,.0f} m of {who} ({service})"
        return ""

    def _only_here(self, access: Access, building: Building, service: str) -> tuple[int, float]:
        """Points that only the counter in this building serves, and their people."""
        index = self.problem.building_index
        here = index[building.id]
        elsewhere = {
            index[self.solution.host[team.id]]
            for team in self.problem.teams
            if team.counter == service and self.solution.host[team.id] != building.id
        }
        fixed = np.array([(c.x_m, c.y_m) for c in access.others if c.service == service], dtype=float).reshape(-1, 2)
        points, people = 0, 0.0
        for point, near in zip(access.points, self.near, strict=True):
            if here not in near or not elsewhere.isdisjoint(near):
                continue
            if len(fixed) and np.hypot(*(fixed - (point.x_m, point.y_m)).T).min() <= access.distance_m:
                continue
            points += 1
            people += point.population or 0.0
        return points, people


def _moves(count: int) -> str:
    return "1 move" if count == 1 else f"{count} moves"
