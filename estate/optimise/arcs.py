"""Candidate arcs: which team may work in which building. Memory grows with the arcs, never with teams x buildings."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise import constraints
from estate.optimise.pairs import Pairs
from estate.optimise.problem import Problem

Array = NDArray[Any]


@dataclass(frozen=True)
class Arcs:
    """One row a permitted pair, sorted by team and then by distance; a team's own home is always among them."""

    team: Array
    """Position of the team, int."""
    building: Array
    """Position of the building, int."""
    distance_m: Array
    is_home: Array
    """True where the building is the team's home today."""
    home: Array
    """Position of each team's home building: one entry a team, not an arc."""

    def __len__(self) -> int:
        return len(self.team)


def candidate_arcs(problem: Problem) -> Arcs:
    """All pairs of a team and a building that no rule of `constraints.PAIR_RULES` forbids, and each team's home."""
    home = np.array([problem.building_index[team.home] for team in problem.teams], dtype=np.int64)
    pairs = near_pairs(problem, home)
    for rule in constraints.PAIR_RULES:
        pairs = pairs.where(rule(pairs))
    everyone = np.arange(len(home))
    team = np.concatenate([everyone, pairs.team])
    building = np.concatenate([home, pairs.building])
    distance_m = np.concatenate([np.zeros(len(home)), pairs.distance_m])
    is_home = np.concatenate([np.ones(len(home), dtype=bool), np.zeros(len(pairs.team), dtype=bool)])
    order = np.lexsort((building, distance_m, ~is_home, team))
    return Arcs(team[order], building[order], distance_m[order], is_home[order], home)


def near_pairs(problem: Problem, home: Array) -> Pairs:
    """All pairs of a team and another building within the move distance, found by a KD-tree."""
    points = np.array([(building.x_m, building.y_m) for building in problem.buildings], dtype=float).reshape(-1, 2)
    nothing = np.empty(0, dtype=np.int64)
    if len(points) < 2 or not len(home):
        return Pairs(problem, nothing, nothing, np.empty(0))
    # Imported here: the web server would wait for it at every start.
    from scipy.spatial import cKDTree

    near = cKDTree(points).query_pairs(problem.settings.max_move_m, output_type="ndarray")
    both = np.concatenate([near, near[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    first = np.searchsorted(both[:, 0], home, side="left")
    count = np.searchsorted(both[:, 0], home, side="right") - first
    team = np.repeat(np.arange(len(home)), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    building = both[np.repeat(first, count) + offset, 1]
    return Pairs(problem, team, building, np.hypot(*(points[home[team]] - points[building]).T))
