"""What the solver's process knows of the whole problem: the best plan of each part, and one bound a part."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from estate.optimise.parts import SETTLED

Array = NDArray[Any]


class Listener(Protocol):
    """Whoever is told of plans and bounds."""

    def tell_plan(self, objective: float, columns: Array) -> None:
        """A better plan: its cost, and for each column whether it is 1."""

    def tell_bound(self, bound: float, nodes: int) -> None:
        """A higher bound."""


class Whole:
    """Columns are y (one a building), then x (one an arc), as in `model.Model`; x of an arc is of its home's part."""

    def __init__(self, arrays: dict[str, Any], listener: Listener) -> None:
        self.arrays, self.listener = arrays, listener
        self.part = arrays["part"]
        self.column_part = np.concatenate([self.part, self.part[arrays["arc_building"]]])
        shape = (len(arrays["row_lower"]), len(arrays["cost"]))
        self.rows = csr_array((arrays["value"], arrays["index"], arrays["start"]), shape=shape)
        self.columns = arrays["first_plan"].astype(bool)
        self.cost = self._cost(self.columns)
        self.nodes = 0
        least = arrays["lower"] * np.maximum(arrays["cost"], 0) + np.minimum(arrays["cost"], 0)
        settled = self.column_part == SETTLED
        self._settled_cost = float(arrays["offset"]) + float(arrays["cost"][settled & self.columns].sum())
        parts = int(self.part.max(initial=SETTLED)) + 1
        open_columns = self.column_part[~settled]
        self.part_bound = np.bincount(open_columns, weights=least[~settled], minlength=parts)
        self.part_size = np.bincount(self.column_part[len(self.part) :][~settled[len(self.part) :]], minlength=parts)

    def _cost(self, columns: Array) -> float:
        return float(self.arrays["offset"] + self.arrays["cost"][columns].sum())

    @property
    def bound(self) -> float:
        """No plan costs less."""
        return self._settled_cost + float(self.part_bound.sum())

    def parts_by_size(self) -> list[int]:
        """The parts in which something can change, the smallest first."""
        return [int(part) for part in np.argsort(self.part_size, kind="stable")]

    def arcs_in(self, part: int) -> int:
        """Arcs of a part, homes included."""
        return int(self.part_size[part])

    def arcs_left(self, part: int) -> int:
        """Arcs of a part and of all that come after it."""
        order = self.parts_by_size()
        return int(self.part_size[order[order.index(part) :]].sum())

    def share_of(self, part: int) -> float:
        """Arcs of a part among those of all parts, 0 to 1: its share of the gap that is wanted."""
        return self.arcs_in(part) / max(1, int(self.part_size.sum()))

    def columns_of(self, part: int) -> Array:
        """Positions of the columns of a part, in rising order."""
        return np.flatnonzero(self.column_part == part)

    def cost_of(self, part: int) -> float:
        """What the best plan costs in a part: the columns of it alone."""
        at = self.columns_of(part)
        return float(self.arrays["cost"][at][self.columns[at]].sum())

    def take_plan(self, at: Array, is_one: Array) -> None:
        """Puts better values of some columns into the plan of the whole, and tells it."""
        columns = self.columns.copy()
        columns[at] = is_one
        cost = self._cost(columns)
        if cost < self.cost:
            self.columns, self.cost = columns, cost
            self.listener.tell_plan(cost, columns)

    def raise_bound(self, part: int, bound: float, nodes: int = 0) -> None:
        """Takes a higher bound on what the columns of a part cost, and tells what that makes for the whole."""
        if np.isfinite(bound):
            self.part_bound[part] = max(self.part_bound[part], bound)
        self.listener.tell_bound(self.bound, self.nodes + nodes)
