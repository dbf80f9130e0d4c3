"""Compiles the search for large areas once and keeps it on disk: `python -m estate.optimise.compile_search`.

Without it the first proposal of a large area spends its first 20 seconds on that. Run when Estate is set up.
"""

import numpy as np

from estate.optimise.large import Hunt
from estate.optimise.siting import Siting


def main() -> None:
    """Searches two sites with a team each, which calls every compiled function."""
    siting = Siting(
        keep_cost=np.array([100.0, 80.0]),
        can_close=np.array([True, True]),
        room=np.array([20.0, 20.0]),
        need=np.array([10.0, 10.0]),
        home=np.array([0, 1]),
        team=np.array([0, 1]),
        site=np.array([1, 0]),
        cost=np.array([1.0, 1.0]),
        points=np.array([[0.0, 0.0], [100.0, 0.0]]),
        stays=True,
    )
    hunt = Hunt(siting, np.array([True, True]), np.array([0, 1]), seed=0)
    hunt.climb(1, lambda: True)
    hunt.anneal(10, hunt.heat, lambda: True)


if __name__ == "__main__":
    main()
