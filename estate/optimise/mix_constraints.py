"""Who comes together under one roof: listed in `constraints` with their reasons."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise.model import Model
from estate.optimise.problem import Problem, Team
from estate.optimise.rules import MixOf

Array = NDArray[Any]


def teams_apart_share_no_roof(model: Model) -> None:
    """x_kj <= u_j and u_j + x_lj <= y_j for each pair of kinds, k of one that moves in, l of the other.

    u_j = 1 where any team of the one kind moves into j; and the same with the kinds exchanged. Those who share a roof
    today may stay under it.
    """
    for first, second in model.problem.settings.rules.apart:
        one, other = teams_of_kind(model.problem, first), teams_of_kind(model.problem, second)
        _keep_apart(model, one, other)
        _keep_apart(model, other, one)


def _keep_apart(model: Model, arriving: Array, inside: Array) -> None:
    """Where one of `arriving` moves in, nobody of `inside` works there."""
    arcs = model.arcs
    coming = np.flatnonzero(~arcs.is_home & arriving[arcs.team])
    there = np.flatnonzero(inside[arcs.team])
    both = np.intersect1d(arcs.building[coming], arcs.building[there])
    coming = coming[np.isin(arcs.building[coming], both)]
    there = there[np.isin(arcs.building[there], both)]
    if not len(both):
        return
    any_comes = model.add_any_of(np.searchsorted(both, arcs.building[coming]), model.x(coming))
    _at_most(model, model.x(coming), any_comes)
    first = any_comes.min() + np.searchsorted(both, arcs.building[there])
    number = np.arange(len(there))
    ones = np.ones(len(there))
    model.add_rows(
        np.tile(number, 3),
        np.concatenate([first, model.x(there), arcs.building[there]]),
        np.concatenate([ones, ones, -ones]),
        lower=-np.inf,
        upper=0.0,
    )


def hubs_hold_a_mix(model: Model) -> None:
    """least_mix h_j <= sum_c s_jc, x_kj <= h_j for each arc but the homes, s_jc <= sum_k x_kj over the teams k of c.

    h_j = 1 where anybody moves into j, s_jc = 1 where a team of agency (or use) c works in j.
    """
    rules, arcs = model.problem.settings.rules, model.arcs
    coming = np.flatnonzero(~arcs.is_home)
    if rules.least_mix is None or not len(coming):
        return
    hubs, hub_of = np.unique(arcs.building[coming], return_inverse=True)
    is_hub = model.add_any_of(hub_of, model.x(coming))
    _at_most(model, model.x(coming), is_hub)
    inside = np.flatnonzero(np.isin(arcs.building, hubs))
    kinds = [team.agency if rules.mix_of is MixOf.AGENCY else team.use for team in model.problem.teams]
    kind = np.unique(kinds, return_inverse=True)[1]
    key = arcs.building[inside] * (int(kind.max()) + 1) + kind[arcs.team[inside]]
    keys, number = np.unique(key, return_inverse=True)
    works_there = model.add_any_of(number, model.x(inside))
    present = works_there.min() + np.arange(len(keys))
    model.add_rows(
        np.concatenate([np.arange(len(keys)), number]),
        np.concatenate([present, model.x(inside)]),
        np.concatenate([np.ones(len(keys)), -np.ones(len(inside))]),
        lower=-np.inf,
        upper=0.0,
    )
    row = np.arange(len(hubs))
    model.add_rows(
        np.concatenate([row, np.searchsorted(hubs, keys // (int(kind.max()) + 1))]),
        np.concatenate([is_hub.min() + row, present]),
        np.concatenate([np.full(len(hubs), float(rules.least_mix)), -np.ones(len(keys))]),
        lower=-np.inf,
        upper=0.0,
    )


def teams_of_kind(problem: Problem, kind: str) -> Array:
    """One flag a team: whether its use or its group is `kind`."""
    return np.array([is_of_kind(team, kind) for team in problem.teams], dtype=bool)


def is_of_kind(team: Team, kind: str) -> bool:
    """Whether the use or the group of a team is `kind`."""
    return kind in (team.use, team.group)


def _at_most(model: Model, column: Array, most: Array) -> None:
    """One row each: the value of a column is at most that of another."""
    number, ones = np.arange(len(column)), np.ones(len(column))
    model.add_rows(
        np.concatenate([number, number]),
        np.concatenate([column, most]),
        np.concatenate([ones, -ones]),
        lower=-np.inf,
        upper=0.0,
    )
