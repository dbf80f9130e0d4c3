"""Makes the programme smaller and its relaxation tighter without changing its best plan."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise import objective
from estate.optimise.arcs import Arcs
from estate.optimise.lock_constraints import is_building
from estate.optimise.problem import Problem, TeamRule

Array = NDArray[Any]

UNITS_PER_M2 = (1, 10, 100)
"""Grids on which areas may lie exactly; sums of others are not searched."""

MOST_UNITS = 20_000_000
"""Beyond this many grid steps a building's sums are not searched; its capacity is used as it is."""


@dataclass(frozen=True)
class Tightened:
    """Arcs that could still be used, what each building can really hold, and which buildings stay for certain."""

    arcs: Arcs
    usable_m2: Array
    must_stay: Array
    """True where emptying is forbidden, impossible or never worth its cost."""


def tightened(problem: Problem, arcs: Arcs) -> Tightened:
    """Drops arcs and cuts capacities until nothing more follows."""
    need = np.array([team.need_m2 for team in problem.teams], dtype=float)
    while True:
        must_stay = buildings_that_stay(problem, arcs)
        keep = np.ones(len(arcs), dtype=bool)
        if problem.settings.team_rule is TeamRule.STAY:
            keep = arcs.is_home | ~must_stay[arcs.home[arcs.team]]
        if keep.all():
            return Tightened(arcs, usable_m2(problem, arcs, need), must_stay)
        arcs = Arcs(arcs.team[keep], arcs.building[keep], arcs.distance_m[keep], arcs.is_home[keep], arcs.home)


def buildings_that_stay(problem: Problem, arcs: Arcs) -> Array:
    """True where a building is kept in at least one best plan, if there is a plan at all.

    So it is where it may not be emptied, or is to be kept; where one of its teams has nowhere else to go; and where
    emptying is not worth it, unless a rule may forbid that its teams are put back.
    """
    rules = problem.settings.rules
    protected = np.array([not building.may_close for building in problem.buildings], dtype=bool)
    stays = protected | is_building(problem, (*rules.locks.kept, *rules.locks.unchanged))
    stays |= np.isinf(least_cost_elsewhere(problem, arcs))
    if not rules.may_forbid_going_home:
        stays |= not_worth_emptying(problem, arcs)
    return stays & ~is_building(problem, rules.locks.emptied)


def not_worth_emptying(problem: Problem, arcs: Arcs) -> Array:
    """True where emptying a building saves, its leaving cost paid, no more than the least its teams cost elsewhere.

    To put them back then never costs more.
    """
    has_teams = np.bincount(arcs.home, minlength=len(problem.buildings)) > 0
    saving = objective.saving_per_year(problem)
    return np.asarray((has_teams & (saving <= least_cost_elsewhere(problem, arcs))) | (saving <= 0), dtype=bool)


def least_cost_elsewhere(problem: Problem, arcs: Arcs) -> Array:
    """The least that the teams of each building could cost elsewhere, per year; infinite where one can't move."""
    cost = objective.arc_cost_per_year(problem, arcs)
    least = np.full(len(problem.teams), np.inf)
    away = ~arcs.is_home
    np.minimum.at(least, arcs.team[away], cost[away])
    moving_out = np.zeros(len(problem.buildings))
    np.add.at(moving_out, arcs.home, least)
    return moving_out


def usable_m2(problem: Problem, arcs: Arcs, need: Array) -> Array:
    """The most that teams could ever fill of each building, m2.

    Under `TeamRule.STAY` the building's own teams plus the largest sum of arriving needs that fits beside them.
    """
    own = np.array([problem.own_need_m2[building.id] for building in problem.buildings], dtype=float)
    capacity = np.maximum([building.capacity_m2 for building in problem.buildings], own)
    stays = problem.settings.team_rule is TeamRule.STAY
    base = own if stays else np.zeros_like(own)
    used = ~arcs.is_home if stays else np.ones(len(arcs), dtype=bool)
    order = np.argsort(arcs.building[used], kind="stable")
    building, arriving = arcs.building[used][order], need[arcs.team[used]][order]
    starts = np.searchsorted(building, np.arange(len(capacity) + 1))
    usable = base.copy()
    for position in range(len(capacity)):
        needs = arriving[starts[position] : starts[position + 1]]
        usable[position] += largest_sum(needs, capacity[position] - base[position])
    return usable


def largest_sum(needs: Array, limit: float) -> float:
    """The largest sum of some of `needs` that is at most `limit`; an upper bound of it where areas lie on no grid."""
    if not len(needs) or limit <= 0:
        return 0.0
    total = float(needs.sum())
    if total <= limit:
        return total
    for units in UNITS_PER_M2:
        scaled = needs * units
        if np.abs(scaled - np.round(scaled)).max() < 1e-7 and limit * units < MOST_UNITS:
            return _largest_sum_on_grid(np.round(scaled).astype(int).tolist(), int(limit * units + 1e-6)) / units
    return limit


def _largest_sum_on_grid(needs: list[int], limit: int) -> int:
    """Subset sums as the bits of one integer: bit s is set where s can be reached."""
    within = (1 << (limit + 1)) - 1
    reached = 1
    for need in needs:
        reached |= (reached << need) & within
        if reached >> limit & 1:
            return limit
    return reached.bit_length() - 1
