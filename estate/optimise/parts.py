"""The parts of a problem that have nothing to do with one another, so that each is solved for itself."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.optimise.problem import Problem
from estate.optimise.tighten import Tightened

Array = NDArray[Any]

SETTLED = -1
"""Part of a building in whose part nothing can change."""


def part_of(problem: Problem, tight: Tightened) -> Array:
    """The part of each building, 0, 1, ...; `SETTLED` where every building of its part stays for certain.

    Two buildings are in one part where a team of one may move to the other, or to a third building with one of the
    other's. A rule of the whole plan makes one part of everything; and where a rule may forbid that teams go home,
    no building is settled.
    """
    rules = problem.settings.rules
    # Imported here: the web server would wait for it at every start.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count, arcs = len(problem.buildings), tight.arcs
    links = coo_array((np.ones(len(arcs)), (arcs.home[arcs.team], arcs.building)), shape=(count, count))
    label = connected_components(links, directed=False)[1]
    open_labels = np.unique(label if rules.may_forbid_going_home else label[~tight.must_stay])
    if rules.is_of_the_whole_plan:
        return np.where(np.isin(label, open_labels), 0, SETTLED)
    number = np.full(label.max(initial=-1) + 1, SETTLED)
    number[open_labels] = np.arange(len(open_labels))
    return np.asarray(number[label])
