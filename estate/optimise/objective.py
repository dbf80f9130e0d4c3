"""What a plan costs per year. Four terms, each a function; the same coefficients go into the solver and the pages."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise.arcs import Arcs
from estate.optimise.problem import Building, Problem, Settings, Team

Array = NDArray[Any]


def running_cost_per_year(problem: Problem) -> Array:
    """Cost of keeping each building, currency per year."""
    return np.array([building.running_cost_per_year for building in problem.buildings], dtype=float)


def leaving_cost_per_year(problem: Problem) -> Array:
    """The one-off cost of emptying each building, spread over the horizon, currency per year."""
    leaving = np.array([building.leaving_cost for building in problem.buildings], dtype=float)
    return leaving * problem.settings.annuity_ratio


def saving_per_year(problem: Problem) -> Array:
    """What emptying each building saves before its teams are housed elsewhere, currency per year; may be negative."""
    return running_cost_per_year(problem) - leaving_cost_per_year(problem)


def hosting_cost_per_year(team: Team, host: Building) -> float:
    """What the team adds to the running cost of a building that it moves into, currency per year."""
    return host.hosting_cost_per_m2_per_year * team.need_m2


def moving_cost_per_year(team: Team, settings: Settings) -> float:
    """The one-off cost of moving the team, spread over the horizon, currency per year."""
    return team.move_cost * settings.annuity_ratio


def arc_cost_per_year(problem: Problem, arcs: Arcs) -> Array:
    """Hosting and moving cost of each arc, currency per year; 0 where the team stays."""
    hosting = np.array([building.hosting_cost_per_m2_per_year for building in problem.buildings], dtype=float)
    need = np.array([team.need_m2 for team in problem.teams], dtype=float)
    moving = np.array([team.move_cost for team in problem.teams], dtype=float) * problem.settings.annuity_ratio
    cost = hosting[arcs.building] * need[arcs.team] + moving[arcs.team]
    return np.where(arcs.is_home, 0.0, cost)


def cost_today_per_year(problem: Problem) -> float:
    """Running cost of all buildings as they are."""
    return float(running_cost_per_year(problem).sum())
