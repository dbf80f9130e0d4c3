"""How many people keep a counter within reach when some close: numbers in, numbers out.

For a plan that moves or closes counters: pair every home with every place where a counter of some service is or might
be, once (`estate.gis.access.distances.straight_pairs` or `network.road_pairs`, with the distance d as their limit);
then each plan is only a mask of the places that are open.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Reach:
    """Who can reach what.

    `home[k]` is within the distance of `counter[k]`. `population`: people of each home, NaN where unknown; those count
    nowhere. `service`: for each counter the number of its service, from 0.
    """

    home: Whole
    counter: Whole
    population: Floats
    service: Whole
    service_count: int

    def served(self, is_open: NDArray[np.bool_]) -> Floats:
        """People of each service who have an open counter of it within reach; `is_open`: one flag a counter."""
        pairs = is_open[self.counter]
        size = len(self.population)
        reached = np.unique(self.service[self.counter[pairs]] * size + self.home[pairs])
        people = np.nan_to_num(self.population)[reached % size] if size else np.zeros(0)
        served = np.bincount(reached // max(size, 1), weights=people, minlength=self.service_count)
        return served.astype(np.float64)

    def shares(self, is_open: NDArray[np.bool_]) -> Floats:
        """Of each service the share of all people who have an open counter of it within reach; NaN without people."""
        total = float(np.nansum(self.population))
        return self.served(is_open) / total if total else np.full(self.service_count, np.nan)

    def shares_kept(self, is_open: NDArray[np.bool_], was_open: NDArray[np.bool_]) -> Floats:
        """Of each service the people who have a counter within reach, over those who had one; NaN where nobody had.

        Above 1 where more people have one than had. A limit of x % on the fall is `shares_kept >= 1 - x / 100`.
        """
        before, after = self.served(was_open), self.served(is_open)
        kept: Floats = np.divide(after, before, out=np.full(self.service_count, np.nan), where=before > 0)
        return kept
