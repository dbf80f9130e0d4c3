"""Pairs of a team and another building, before the rules say which of them are arcs."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise.problem import Problem

Array = NDArray[Any]


@dataclass(frozen=True)
class Pairs:
    """Pairs of a team and a building other than its home, as positions in the problem."""

    problem: Problem
    team: Array
    building: Array
    distance_m: Array

    def where(self, keep: Array) -> "Pairs":
        """The pairs for which `keep` is True."""
        return Pairs(self.problem, self.team[keep], self.building[keep], self.distance_m[keep])

    @cached_property
    def home(self) -> Array:
        """Position of the home building of each pair's team."""
        index = self.problem.building_index
        homes = np.array([index[team.home] for team in self.problem.teams], dtype=np.int64)
        return homes[self.team]
