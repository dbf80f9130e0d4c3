"""Decisions that are made already, and limits on the whole plan: listed in `constraints` with their reasons."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise.model import Model
from estate.optimise.pairs import Pairs
from estate.optimise.problem import Problem

Array = NDArray[Any]


def locked_buildings_take_nobody_in(pairs: Pairs) -> Array:
    """x_kj = 0 where j is to be emptied or to stay as it is, or where the home of k is to stay as it is."""
    locks = pairs.problem.settings.rules.locks
    closed = is_building(pairs.problem, (*locks.emptied, *locks.unchanged))
    return ~closed[pairs.building] & ~is_building(pairs.problem, locks.unchanged)[pairs.home]


def locked_teams_go_nowhere_else(pairs: Pairs) -> Array:
    """x_kj = 0 where k is to stay at home, or to move to another building than j."""
    problem = pairs.problem
    at = {team.id: position for position, team in enumerate(problem.teams)}
    goal = np.full(len(problem.teams), -1)
    for team in problem.settings.rules.locks.staying:
        goal[at[team]] = problem.building_index[problem.teams[at[team]].home]
    for team, building in problem.settings.rules.locks.moving:
        goal[at[team]] = problem.building_index[building]
    return np.asarray((goal[pairs.team] < 0) | (goal[pairs.team] == pairs.building), dtype=bool)


def barred_moves_are_not_made(pairs: Pairs) -> Array:
    """x_kj = 0 where k may not move to j."""
    problem = pairs.problem
    at = {team.id: position for position, team in enumerate(problem.teams)}
    barred = [
        at[team] * len(problem.buildings) + problem.building_index[building]
        for team, building in problem.settings.rules.locks.barred
    ]
    return ~np.isin(pairs.team * len(problem.buildings) + pairs.building, np.array(barred, dtype=np.int64))


def locked_buildings_are_kept_or_emptied(model: Model) -> None:
    """y_j = 1 where building j is to be kept or to stay as it is, y_j = 0 where it is to be emptied."""
    locks = model.problem.settings.rules.locks
    model.fix(np.flatnonzero(is_building(model.problem, (*locks.kept, *locks.unchanged))), 1.0)
    model.fix(np.flatnonzero(is_building(model.problem, locks.emptied)), 0.0)


def locked_teams_move(model: Model) -> None:
    """x_k,home = 0 where team k is to move; its only other arc is the one it is to take."""
    problem, arcs = model.problem, model.arcs
    homes = {team.id: team.home for team in problem.teams}
    told = {team for team, building in problem.settings.rules.locks.moving if homes[team] != building}
    leaves = np.array([team.id in told for team in problem.teams], dtype=bool)
    model.fix(model.x(np.flatnonzero(arcs.is_home & leaves[arcs.team])), 0.0)


def moves_are_limited(model: Model) -> None:
    """sum_kj x_kj <= most_moves over all arcs but the homes."""
    most = model.problem.settings.rules.most_moves
    if most is None:
        return
    away = np.flatnonzero(~model.arcs.is_home)
    model.add_rows(np.zeros(len(away), dtype=int), model.x(away), np.ones(len(away)), lower=-np.inf, upper=float(most))


def one_off_costs_are_limited(model: Model) -> None:
    """sum_kj move_cost_k x_kj + sum_j leaving_cost_j (1 - y_j) <= most_one_off_cost, the first sum without homes."""
    problem = model.problem
    most = problem.settings.rules.most_one_off_cost
    if most is None:
        return
    away = np.flatnonzero(~model.arcs.is_home)
    moving = np.array([team.move_cost for team in problem.teams], dtype=float)
    leaving = np.array([building.leaving_cost for building in problem.buildings], dtype=float)
    column = np.concatenate([model.x(away), np.arange(len(leaving))])
    value = np.concatenate([moving[model.arcs.team[away]], -leaving])
    model.add_rows(np.zeros(len(column), dtype=int), column, value, lower=-np.inf, upper=most - float(leaving.sum()))


def is_building(problem: Problem, ids: Iterable[str]) -> Array:
    """One flag a building: whether its id is among `ids`."""
    found = np.zeros(len(problem.buildings), dtype=bool)
    found[[problem.building_index[name] for name in ids]] = True
    return found
