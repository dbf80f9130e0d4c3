"""Distances from homes to their nearest counter in a straight line: exact, by a KD-tree in metres. Pure."""

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Method(enum.Enum):
    """How a distance is measured."""

    STRAIGHT = "straight"
    ROADS = "roads"


@dataclass(frozen=True)
class Distances:
    """For each home the metres to its nearest counter, and which one that is.

    `distance_m` is NaN, and `nearest` -1, where none was measured: there is no counter, or by road where the home is
    off the network (`is_off_network`) or no counter can be reached from it.
    """

    distance_m: Floats
    nearest: Whole
    is_off_network: NDArray[np.bool_]
    counters_off_network: Whole
    """Counters, by position, that are too far from any road to be measured to."""


@dataclass(frozen=True)
class Pairs:
    """Homes and counters no farther apart than some limit: row k says how far `home[k]` is from `counter[k]`."""

    home: Whole
    counter: Whole
    distance_m: Floats


def straight_distances(homes: Floats, counters: Floats) -> Distances:
    """Straight-line metres from each home (n x 2, eastings and northings) to its nearest counter (m x 2)."""
    none = np.zeros(len(homes), dtype=bool)
    nowhere: Whole = np.zeros(0, dtype=np.int64)
    if not len(counters) or not len(homes):
        return Distances(np.full(len(homes), np.nan), np.full(len(homes), -1), none, nowhere)
    distance_m, nearest = cKDTree(counters).query(homes, k=1)
    return Distances(distance_m, nearest.astype(np.int64), none, nowhere)


def straight_pairs(homes: Floats, counters: Floats, limit_m: float) -> Pairs:
    """Every home and counter no more than `limit_m` apart in a straight line."""
    if not len(counters) or not len(homes):
        return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    # The tree's own limit is open to rounding: a home at exactly the limit keeps its counter.
    near = cKDTree(homes).sparse_distance_matrix(cKDTree(counters), limit_m * (1 + 1e-12), output_type="ndarray")
    return Pairs(near["i"].astype(np.int64), near["j"].astype(np.int64), near["v"])
