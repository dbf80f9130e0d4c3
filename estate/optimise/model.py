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
    """Columns are first y (one a building), then x (one an arc); all of them are 0 or 1."""

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

    def __post_init__(self) -> None:
        self.lower = np.zeros(len(self.cost))
        self.upper = np.ones(len(self.cost))

    def x(self, arc: Array) -> Array:
        """Column of each arc."""
        return arc + len(self.problem.buildings)

    def fix(self, columns: Array, value: float) -> None:
        """Holds columns at a value."""
        self.lower[columns] = value
        self.upper[columns] = value

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
            shape=(int(starts[-1]), len(self.cost)),
        ).tocsr()
        return {
            "cost": self.cost,
            "offset": np.array(self.offset),
            "lower": self.lower,
            "upper": self.upper,
            "row_lower": np.concatenate([block[3] for block in self._rows]),
            "row_upper": np.concatenate([block[4] for block in self._rows]),
            "start": matrix.indptr.astype(np.int32),
            "index": matrix.indices.astype(np.int32),
            "value": matrix.data.astype(float),
        }
