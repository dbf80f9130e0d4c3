"""A large problem as plain arrays: which sites to keep and who goes where, each team whole."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NEIGHBOURS = 30


@dataclass(frozen=True)
class Siting:
    """n sites, m teams, a arcs. Money per year, areas in m2. A team is at home for nothing, or on one of its arcs."""

    keep_cost: Array
    """n: what keeping a site costs more than emptying it."""
    can_close: Array
    """n"""
    room: Array
    """n: what a site holds, its own teams included."""
    need: Array
    """m"""
    home: Array
    """m: site of each team; -1 where it has none and must be given one."""
    team: Array
    """a: team of each arc. Homes are no arcs."""
    site: Array
    """a"""
    cost: Array
    """a: yearly cost of the team on that site."""
    points: Array
    """n x d: where each site is; sites near one another compete for the same teams."""
    stays: bool
    """Whether the teams of a kept site stay on it."""

    def cost_of(self, is_kept: Array, host: Array) -> float:
        """Yearly cost of a plan, without what emptying every site would cost. Infinite where a team is on no arc."""
        paid = np.where(host == self.home, 0.0, np.inf)
        on = host[self.team] == self.site
        paid[self.team[on]] = np.minimum(paid[self.team[on]], self.cost[on])
        return float(self.keep_cost[is_kept].sum() + paid.sum())


def nearest(points: Array, most: int = NEIGHBOURS) -> Array:
    """For each point the ones nearest to it, itself included: n x at most `most`."""
    if not len(points):
        return np.empty((0, 0), dtype=np.int64)
    # Imported here: the web server would wait for it at every start.
    from scipy.spatial import cKDTree

    found = cKDTree(points).query(points, k=range(1, min(most, len(points)) + 1))[1]
    return np.asarray(found, dtype=np.int64).reshape(len(points), -1)
