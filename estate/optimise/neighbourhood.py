"""Mends a plan one neighbourhood at a time: a few sites near one another are solved by HiGHS, all others held still.

It reads the rows of the programme alone, so it keeps every constraint there is.
"""

from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from estate.optimise.exact import FEASIBLE, lp_of
from estate.optimise.siting import nearest
from estate.optimise.whole import DEPTH, Whole

Array = NDArray[Any]

SITES = 40
MOST_NODES = 50
LONGEST_S = 10.0
"""A guard only: the nodes end a neighbourhood long before, so that a run can be repeated."""
LOOKED_AT = 200


class Neighbourhoods:
    """The programme of one part, ready to be cut into pieces."""

    def __init__(self, whole: Whole, part: int, options: dict[str, Any]) -> None:
        arrays = whole.arrays
        self.whole, self.options, self.part = whole, options, part
        self.count = len(whole.part)
        self.by_column = whole.rows.tocsc()
        self.sites = np.flatnonzero(whole.part == part)
        self.near = self.sites[nearest(arrays["points"][self.sites], most=LOOKED_AT)]
        self.can_change = arrays["lower"][: self.count] < arrays["upper"][: self.count]
        self.random = np.random.default_rng(options["seed"])
        self.visits = np.zeros(self.count)
        self.is_cut_short = False
        """True once the clock ended one: another run may then find another plan."""
        self.home = np.zeros(len(arrays["need"]), dtype=np.int64)
        self.home[arrays["arc_team"][arrays["arc_is_home"]]] = arrays["arc_building"][arrays["arc_is_home"]]

    def pick(self, most: int = SITES) -> Array:
        """At most so many sites that may change, around one of those least often looked at."""
        centre = int(np.argmin(self.visits[self.sites] + self.random.random(len(self.sites))))
        near = self.near[centre]
        found = np.sort(near[self.can_change[near]][:most])
        self.visits[found] += 1
        self.visits[self.sites[centre]] += 1
        return found

    def mend(self, sites: Array, seconds: float) -> None:
        """Solves for these sites alone from the plan at hand; a better plan goes to the whole."""
        whole, arrays = self.whole, self.whole.arrays
        at = self._free_columns(sites)
        held = whole.columns.astype(float)
        held[at] = 0.0
        rows = np.unique(self.by_column[:, at].indices)
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in {**self.options["highs"], "mip_max_nodes": MOST_NODES, "mip_rel_gap": 1e-4}.items():
            highs.setOptionValue(name, value)
        highs.setOptionValue("time_limit", min(seconds, LONGEST_S))
        highs.passModel(lp_of(arrays, whole.rows[rows], at, rows, held))
        start = highspy.HighsSolution()
        start.col_value = whole.columns[at].astype(float).tolist()
        highs.setSolution(start)
        highs.run()
        self.is_cut_short |= highs.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
        if highs.getInfo().primal_solution_status == FEASIBLE:
            whole.take_plan(self.part, at, np.asarray(highs.getSolution().col_value) > 0.5)

    def _free_columns(self, sites: Array) -> Array:
        """Columns that may change with these sites: theirs, and the arcs of the teams that live or work in them."""
        arrays, plan = self.whole.arrays, self.whole.columns
        inside = np.zeros(self.count, dtype=bool)
        inside[sites] = True
        used = np.flatnonzero(plan[self.count : self.whole.chosen])
        is_moved = inside[self.home]
        is_moved[arrays["arc_team"][used][inside[arrays["arc_building"][used]]]] = True
        can_be_end = inside | plan[: self.count]
        arcs = np.flatnonzero(is_moved[arrays["arc_team"]] & can_be_end[arrays["arc_building"]])
        chosen = np.concatenate([sites, arcs + self.count])
        is_free = np.zeros(len(plan), dtype=bool)
        is_free[chosen] = True
        for _ in range(DEPTH):
            is_free[arrays["any_of"][is_free[arrays["any_of_member"]]]] = True
        return np.concatenate([chosen, np.flatnonzero(is_free[self.whole.chosen :]) + self.whole.chosen])
