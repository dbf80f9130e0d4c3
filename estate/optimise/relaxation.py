"""A proven lower bound for a large problem, and which sites a relaxation keeps.

**The relaxation.** Every team pays a price p_k >= 0 to each site that takes it, instead of having to work in exactly
one. What is left falls apart into one knapsack a site:

    L(p) = sum_k p_k + sum_j min(0, keep_cost_j - own_j(p) - max { sum_k (p_k - c_kj) x_kj : sum_k need_k x_kj <= R_j })

where own_j(p), under the rule of staying, are the prices of the teams that live on j, and the minimum with 0 is left
out for a site that can't be emptied. L(p) is at most the cost of the best plan for every p, so the highest one met is
the bound; it reaches what column generation by site would give. The prices climb by the volume algorithm: Barahona and
Anbil, Mathematical Programming 87 (2000).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise.knapsack import best_uses
from estate.optimise.siting import Siting

Array = NDArray[Any]

SHARE_OF_NEW = 0.1
PATIENCE = 20
SHORTEN, LENGTHEN, LONGEST = 0.66, 1.1, 2.0


class Relaxation:
    """Prices on their way up. Deterministic."""

    def __init__(self, siting: Siting) -> None:
        self.siting = siting
        sites = len(siting.keep_cost)
        at_home = np.flatnonzero(siting.home >= 0)
        room, teams, places, costs = siting.room.astype(float), siting.team, siting.site, siting.cost
        if siting.stays:
            room = room - np.bincount(siting.home, weights=siting.need, minlength=sites)
        else:
            teams = np.concatenate([teams, at_home])
            places = np.concatenate([places, siting.home[at_home]])
            costs = np.concatenate([costs, np.zeros(len(at_home))])
        order = np.lexsort((teams, places))
        self.room, self.team, self.cost = room, teams[order].astype(np.int64), costs[order].astype(float)
        self.start = np.searchsorted(places[order], np.arange(sites + 1))
        self.is_chosen, self.is_kept = np.zeros(len(order), dtype=bool), np.zeros(sites, dtype=bool)
        self.price = self._first_price()
        self.length = 1.0
        self.bound, self.best_price = -np.inf, self.price
        self.direction = self._evaluate(self.price)
        self.kept_share = self.is_kept.astype(float)
        """Of each site, how much of it the average of the last relaxed plans keeps: 0 to 1."""
        self._without_rise = 0

    def _first_price(self) -> Array:
        """Each team pays for its share of a full site of average cost."""
        siting = self.siting
        room = float(siting.room.sum())
        return siting.need * (float(np.maximum(siting.keep_cost, 0).sum()) / room if room > 0 else 0.0)

    def _evaluate(self, price: Array) -> Array:
        """Raises the bound if L(price) is higher; gives 1 less how often each team is taken."""
        siting = self.siting
        keep = siting.keep_cost.astype(float)
        if siting.stays:
            keep = keep - np.bincount(siting.home, weights=price, minlength=len(keep))
        self.value = float(price.sum()) + best_uses(
            self.start,
            self.team,
            self.cost,
            siting.need,
            self.room,
            keep,
            siting.can_close,
            price,
            self.is_chosen,
            self.is_kept,
        )
        if self.value > self.bound:
            self.bound, self.best_price = self.value, price
        missing = 1.0 - np.bincount(self.team[self.is_chosen], minlength=len(price))
        return missing - self.is_kept[siting.home] if siting.stays else missing

    def climb(self, steps: int, target: float) -> float:
        """Takes steps towards `target`, the cost of a plan; returns the bound."""
        for _ in range(steps):
            norm = float(self.direction @ self.direction)
            if norm < 1e-12 or self.bound >= target:
                break
            before = self.bound
            price = self.best_price + self.length * (target - self.bound) / norm * self.direction
            missing = self._evaluate(np.maximum(price, 0.0))
            if self.bound > before:
                self._without_rise = 0
                if float(missing @ self.direction) > 0:
                    self.length = min(LONGEST, self.length * LENGTHEN)
            else:
                self._without_rise += 1
                if self._without_rise >= PATIENCE:
                    self.length, self._without_rise = self.length * SHORTEN, 0
            self.direction = SHARE_OF_NEW * missing + (1 - SHARE_OF_NEW) * self.direction
            self.kept_share = SHARE_OF_NEW * self.is_kept + (1 - SHARE_OF_NEW) * self.kept_share
        return self.bound
