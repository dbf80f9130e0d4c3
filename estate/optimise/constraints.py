"""The rules of a proposal, each one function named after what it demands.

`PAIR_RULES` say which pairs of a team and another building exist at all; `CONSTRAINTS` put rows and bounds into the
model. `REASONS` has one sentence for the board for each. A new rule is one function, one entry in its list, and a test
where it binds.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise.access_constraints import residents_keep_a_counter
from estate.optimise.lock_constraints import (
    barred_moves_are_not_made,
    locked_buildings_are_kept_or_emptied,
    locked_buildings_take_nobody_in,
    locked_teams_go_nowhere_else,
    locked_teams_move,
    moves_are_limited,
    one_off_costs_are_limited,
)
from estate.optimise.mix_constraints import hubs_hold_a_mix, teams_apart_share_no_roof
from estate.optimise.model import Model
from estate.optimise.pairs import Pairs
from estate.optimise.problem import TeamRule

Array = NDArray[Any]


def moves_stay_within_the_distance(pairs: Pairs) -> Array:
    """distance(home_k, j) <= max_move_m."""
    return pairs.distance_m <= pairs.problem.settings.max_move_m


def moves_stay_inside_the_boundary(pairs: Pairs) -> Array:
    """area(home_k) = area(j)."""
    areas = np.array([building.area_id for building in pairs.problem.buildings], dtype=object)
    return np.asarray(areas[pairs.home] == areas[pairs.building], dtype=bool)


def hosts_must_be_eligible(pairs: Pairs) -> Array:
    """x_kj = 0 where j may not host."""
    may_host = np.array([building.may_host for building in pairs.problem.buildings], dtype=bool)
    return may_host[pairs.building]


def uses_must_be_accepted(pairs: Pairs) -> Array:
    """x_kj = 0 where the use of k is not among those that j accepts."""
    codes = {use: number for number, use in enumerate(sorted({team.use for team in pairs.problem.teams}))}
    accepts = np.zeros((len(pairs.problem.buildings), len(codes)), dtype=bool)
    for position, building in enumerate(pairs.problem.buildings):
        accepts[position, [codes[use] for use in building.accepts if use in codes]] = True
    use = np.array([codes[team.use] for team in pairs.problem.teams], dtype=np.int64)
    return accepts[pairs.building, use[pairs.team]]


def hosts_must_have_room(pairs: Pairs) -> Array:
    """need_k <= room_j, so that one team alone could ever fit.

    room_j is the capacity less what the building's own teams need; under `TeamRule.FREE`, where own teams may leave,
    the whole capacity. A building that is over-full today receives nobody under either rule.
    """
    problem = pairs.problem
    capacity = np.array([building.capacity_m2 for building in problem.buildings])
    own = np.array([problem.own_need_m2[building.id] for building in problem.buildings])
    free = np.where(own > capacity + ROOM_TOLERANCE_M2, -1.0, capacity)
    room = free if problem.settings.team_rule is TeamRule.FREE else np.where(free < 0, -1.0, capacity - own)
    need = np.array([team.need_m2 for team in problem.teams])
    return np.asarray(need[pairs.team] <= room[pairs.building] + ROOM_TOLERANCE_M2, dtype=bool)


ROOM_TOLERANCE_M2 = 1e-6
"""Areas that differ by less than a square millimetre are equal."""


def every_team_works_somewhere(model: Model) -> None:
    """sum_j x_kj = 1 for each team k."""
    arcs = model.arcs
    model.add_rows(arcs.team, model.x(np.arange(len(arcs))), np.ones(len(arcs)), lower=1.0, upper=1.0)


def teams_work_in_kept_buildings(model: Model) -> None:
    """x_kj <= y_j for each arc, the home included."""
    arcs = model.arcs
    number = np.arange(len(arcs))
    model.add_rows(
        np.concatenate([number, number]),
        np.concatenate([model.x(number), arcs.building]),
        np.concatenate([np.ones(len(arcs)), -np.ones(len(arcs))]),
        lower=-np.inf,
        upper=0.0,
    )


def hosts_hold_what_they_can(model: Model) -> None:
    """sum_k need_k x_kj <= R_j y_j for each building j that somebody could move to.

    R_j is the capacity, cut to the largest sum of needs that could be reached (`tighten.usable_m2`), or what its own
    teams need today where that is more: a team may always stay.
    """
    arcs = model.arcs
    is_host = np.zeros(len(model.problem.buildings), dtype=bool)
    is_host[arcs.building[~arcs.is_home]] = True
    hosts = np.flatnonzero(is_host)
    row_of = np.full(len(is_host), -1)
    row_of[hosts] = np.arange(len(hosts))
    inside = np.flatnonzero(is_host[arcs.building])
    model.add_rows(
        np.concatenate([row_of[arcs.building[inside]], np.arange(len(hosts))]),
        np.concatenate([model.x(inside), hosts]),
        np.concatenate([model.need_m2[arcs.team[inside]], -model.usable_m2[hosts]]),
        lower=-np.inf,
        upper=0.0,
    )


def protected_buildings_stay(model: Model) -> None:
    """y_j = 1 where building j may not be emptied."""
    may_close = np.array([building.may_close for building in model.problem.buildings], dtype=bool)
    model.fix(np.flatnonzero(~may_close), 1.0)


def kept_buildings_keep_their_teams(model: Model) -> None:
    """x_k,home = y_home for each team k; only under `TeamRule.STAY`."""
    if model.problem.settings.team_rule is not TeamRule.STAY:
        return
    at_home = np.flatnonzero(model.arcs.is_home)
    number = np.arange(len(at_home))
    model.add_rows(
        np.concatenate([number, number]),
        np.concatenate([model.x(at_home), model.arcs.building[at_home]]),
        np.concatenate([np.ones(len(at_home)), -np.ones(len(at_home))]),
        lower=0.0,
        upper=0.0,
    )


PAIR_RULES: tuple[Callable[[Pairs], Array], ...] = (
    moves_stay_within_the_distance,
    moves_stay_inside_the_boundary,
    hosts_must_be_eligible,
    uses_must_be_accepted,
    hosts_must_have_room,
    locked_buildings_take_nobody_in,
    locked_teams_go_nowhere_else,
    barred_moves_are_not_made,
)

CONSTRAINTS: tuple[Callable[[Model], None], ...] = (
    every_team_works_somewhere,
    teams_work_in_kept_buildings,
    hosts_hold_what_they_can,
    protected_buildings_stay,
    kept_buildings_keep_their_teams,
    locked_buildings_are_kept_or_emptied,
    locked_teams_move,
    moves_are_limited,
    one_off_costs_are_limited,
    teams_apart_share_no_roof,
    hubs_hold_a_mix,
    residents_keep_a_counter,
)

REASONS: dict[str, str] = {
    "moves_stay_within_the_distance": "No team is moved further than the distance set for this proposal.",
    "moves_stay_inside_the_boundary": "No team is moved across the boundary of the area.",
    "hosts_must_be_eligible": "Teams move only into buildings that may receive others.",
    "uses_must_be_accepted": "Teams move only into buildings that suit what they do.",
    "hosts_must_have_room": "A building receives a team only where there is room for it by the space standard.",
    "every_team_works_somewhere": "Every team has one place of work and moves as a whole.",
    "teams_work_in_kept_buildings": "Nobody works in a building that is emptied.",
    "hosts_hold_what_they_can": "Together, the teams in a building need no more than the space standard allows.",
    "protected_buildings_stay": "Protected buildings are not emptied.",
    "kept_buildings_keep_their_teams": "The teams of a building that is kept stay in it.",
    "locked_buildings_take_nobody_in": "Nobody moves into a building that was to be emptied or left as it is.",
    "locked_teams_go_nowhere_else": "A team that was told where to work works there.",
    "barred_moves_are_not_made": "No team makes a move that was ruled out for this proposal.",
    "locked_buildings_are_kept_or_emptied": "Buildings are kept or emptied where this proposal was told so.",
    "locked_teams_move": "Teams move where this proposal was told so.",
    "moves_are_limited": "No more teams move than the limit set for this proposal.",
    "one_off_costs_are_limited": "Moving and leaving cost no more, once, than the limit set for this proposal.",
    "teams_apart_share_no_roof": "No team moves under one roof with a team that it must be kept apart from.",
    "hubs_hold_a_mix": "A building that takes teams in brings together as many agencies or uses as were asked for.",
    "residents_keep_a_counter": "People keep a public counter of each service within the distance asked for.",
}
