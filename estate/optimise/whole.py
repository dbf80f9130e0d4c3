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


ROW_TOLERANCE = 1e-5
"""By how much a row may be missed, as the independent check allows for areas."""
DEPTH = 2
"""A column that is 1 where any of some others is may have such columns among them, which have none."""


class Whole:
    """Columns are y (one a building), then x (one an arc), then those that are 1 where any of some others is.

    They are as in `model.Model`; x of an arc is of its home's part. A part has no plan yet while what its columns hold
    breaks a row; the listener hears of the whole once every part has one.
    """

    def __init__(self, arrays: dict[str, Any], listener: Listener) -> None:
        self.arrays, self.listener = arrays, listener
        self.part = arrays["part"]
        self.chosen = len(self.part) + len(arrays["arc_building"])
        """How many columns there are to choose: what the others hold follows from these."""
        self.column_part = np.concatenate(
            [self.part, self.part[arrays["arc_building"]], np.full(len(arrays["cost"]) - self.chosen, SETTLED)]
        )
        for _ in range(DEPTH):
            self.column_part[arrays["any_of"]] = self.column_part[arrays["any_of_member"]]
        shape = (len(arrays["row_lower"]), len(arrays["cost"]))
        self.rows = csr_array((arrays["value"], arrays["index"], arrays["start"]), shape=shape)
        self.columns = np.zeros(len(arrays["cost"]), dtype=bool)
        self.columns[: self.chosen] = arrays["first_plan"]
        self._settle_any_of(self.columns)
        self.cost = self._cost(self.columns)
        self.nodes = 0
        least = arrays["lower"] * np.maximum(arrays["cost"], 0) + np.minimum(arrays["cost"], 0)
        settled = self.column_part == SETTLED
        self._settled_cost = float(arrays["offset"]) + float(arrays["cost"][settled & self.columns].sum())
        parts = int(self.part.max(initial=SETTLED)) + 1
        open_columns = self.column_part[~settled]
        self.part_bound = np.bincount(open_columns, weights=least[~settled], minlength=parts)
        self.part_size = np.bincount(self.column_part[len(self.part) :][~settled[len(self.part) :]], minlength=parts)
        self._rows_of: dict[int, tuple[Array, csr_array]] = {}
        self.has_plan = [self._keeps_rows(part, self.columns) for part in range(parts)]

    def _cost(self, columns: Array) -> float:
        return float(self.arrays["offset"] + self.arrays["cost"][columns].sum())

    def _settle_any_of(self, columns: Array) -> None:
        """Puts right the columns that are 1 where any of some others is."""
        any_of, member = self.arrays["any_of"], self.arrays["any_of_member"]
        for _ in range(DEPTH):
            found = any_of[columns[member]]
            columns[self.chosen :] = False
            columns[found] = True

    def rows_of(self, part: int) -> tuple[Array, csr_array]:
        """The rows in which a column of the part stands: their numbers, and themselves."""
        if part not in self._rows_of:
            is_inside = (self.column_part == part).astype(float)
            rows = np.flatnonzero(abs(self.rows) @ is_inside > 0)
            self._rows_of[part] = rows, self.rows if len(rows) == self.rows.shape[0] else self.rows[rows]
        return self._rows_of[part]

    def _keeps_rows(self, part: int, columns: Array) -> bool:
        """True where the columns of a part are within their bounds and break no row."""
        at, (rows, matrix) = self.columns_of(part), self.rows_of(part)
        lower, upper = self.arrays["lower"][at], self.arrays["upper"][at]
        if ((columns[at] < lower) | (columns[at] > upper)).any():
            return False
        held = matrix @ columns.astype(float)
        lowest, highest = self.arrays["row_lower"][rows], self.arrays["row_upper"][rows]
        return bool(((held >= lowest - ROW_TOLERANCE) & (held <= highest + ROW_TOLERANCE)).all())

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

    def take_plan(self, part: int, at: Array, is_one: Array) -> None:
        """Puts better values of some columns of a part into the plan of the whole, and tells it.

        Values that break a row are left where they are: a search need not know every rule.
        """
        columns = self.columns.copy()
        columns[at] = is_one
        self._settle_any_of(columns)
        cost = self._cost(columns)
        if (self.has_plan[part] and cost >= self.cost) or not self._keeps_rows(part, columns):
            return
        self.columns, self.cost = columns, cost
        self.has_plan[part] = True
        if all(self.has_plan):
            self.listener.tell_plan(cost, columns[: self.chosen])

    def raise_bound(self, part: int, bound: float, nodes: int = 0) -> None:
        """Takes a higher bound on what the columns of a part cost, and tells what that makes for the whole."""
        if np.isfinite(bound):
            self.part_bound[part] = max(self.part_bound[part], bound)
        self.listener.tell_bound(self.bound, self.nodes + nodes)
