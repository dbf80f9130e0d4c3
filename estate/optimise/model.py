"""The mixed-integer programme as sparse arrays: what `constraints` writes to and the solver's process reads."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise.problem import Problem

if TYPE_CHECKING:
    from estate.optimise.arcs import Arcs

Array = NDArray[Any]


@dataclass
class Model:
    """Columns are first y (one a building), then x (one an arc), then what `add_any_of` adds; all are 0 or 1."""

    problem: Problem
    arcs: "Arcs"
    cost: Array
    """Objective coefficient of each column, currency per year."""
    offset: float
    """What the objective adds to its columns: the cost of leaving every building, which each y_j = 1 takes back."""
    usable_m2: Array
    """R_j of the capacity rows, one a building."""
    need_m2: Array
    """Area that each team needs."""
    lower: Array = field(init=False)
    upper: Array = field(init=False)
    _rows: list[tuple[Array, Array, Array, Array, Array]] = field(default_factory=list)
    _any_of: list[tuple[Array, Array]] = field(default_factory=list)
    _extra_count: int = 0

    def __post_init__(self) -> None:
        self.lower = np.zeros(len(self.cost))
        self.upper = np.ones(len(self.cost))

    def x(self, arc: Array) -> Array:
        """Column of each arc."""
        return arc + len(self.problem.buildings)

    def fix(self, columns: Array, value: float) -> None:
        """Holds columns at a value. Two different ones leave no plan: `is_contradictory`."""
        self.lower[columns] = np.maximum(self.lower[columns], value)
        self.upper[columns] = np.minimum(self.upper[columns], value)

    @property
    def is_contradictory(self) -> bool:
        """True where some column is held at 0 and at 1."""
        return bool((self.lower > self.upper).any())

    def add_any_of(self, number: Array, column: Array) -> Array:
        """Adds columns that are 1 exactly where any of some others is; gives the new column of each row.

        `number`: which of the new ones (0, 1, ...) each member in `column` belongs to. The rows that make it so are
        the caller's business; what is said here tells the search the value of the new columns in any plan.
        """
        first = len(self.cost) + self._extra_count
        self._any_of.append((first + number, column))
        self._extra_count += int(number.max()) + 1 if len(number) else 0
        return first + number

    def add_rows(self, row: Array, column: Array, value: Array, *, lower: float, upper: float) -> None:
        """Adds the rows numbered 0.. in `row`, given as triplets, all with the same two limits."""
        count = int(row.max()) + 1 if len(row) else 0
        self._rows.append((row, column, value, np.full(count, lower), np.full(count, upper)))

    def to_arrays(self) -> dict[str, Array]:
        """The programme as arrays by name: bounds, cost and the matrix in compressed rows."""
        counts = [len(block[3]) for block in self._rows]
        starts = np.cumsum([0, *counts])
        row = np.concatenate([block[0] + start for block, start in zip(self._rows, starts, strict=False)])
        # Imported here: the web server would wait for it at every start.
        from scipy.sparse import coo_array

        matrix = coo_array(
            (
                np.concatenate([block[2] for block in self._rows]),
                (row, np.concatenate([block[1] for block in self._rows])),
            ),
            shape=(int(starts[-1]), len(self.cost) + self._extra_count),
        ).tocsr()
        nothing = np.zeros(self._extra_count)
        return {
            "cost": np.concatenate([self.cost, nothing]),
            "offset": np.array(self.offset),
            "lower": np.concatenate([self.lower, nothing]),
            "upper": np.concatenate([self.upper, nothing + 1]),
            "any_of": np.concatenate([np.empty(0, dtype=np.int64), *(block[0] for block in self._any_of)]),
            "any_of_member": np.concatenate([np.empty(0, dtype=np.int64), *(block[1] for block in self._any_of)]),
            "row_lower": np.concatenate([block[3] for block in self._rows]),
            "row_upper": np.concatenate([block[4] for block in self._rows]),
            "start": matrix.indptr.astype(np.int32),
            "index": matrix.indices.astype(np.int32),
            "value": matrix.data.astype(float),
        }
