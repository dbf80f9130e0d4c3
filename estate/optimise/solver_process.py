"""The solver in a process of its own: the programme comes in on standard input, plans and bounds go out as JSON lines.

Run by `supervise`, never imported by it: the supervisor can end this process at any moment and loses nothing that was
already written.
"""

import contextlib
import ctypes
import io
import json
import os
import resource
import signal
import sys
import time
from typing import Any, TextIO

import numpy as np

from estate.optimise.exact import solve_exactly
from estate.optimise.whole import Whole

SET_PARENT_DEATH_SIGNAL = 1
SMALLEST_NEWS_RATIO = 1e-6
"""A bound is told again when it rose by this share of itself."""
TIME, NODES, DONE = "Time limit reached", "Iteration limit reached", "Optimal"
NO_PLAN = ("Infeasible", "Primal infeasible or unbounded")
"""Every column is bounded, so the second says no more than the first."""
SHORTEST_S = 0.1
FIRST_ROUNDS = 2
SHARE_OF_SEARCH = 0.5
"""Of the time of a part that is searched first and then solved exactly."""


class Reporter:
    """Writes every better plan and every higher bound as one JSON line, at once."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.bound = -float("inf")
        self.best = float("inf")

    def say(self, **event: Any) -> None:
        """One line out; a supervisor that has gone is no error here."""
        with contextlib.suppress(BrokenPipeError):
            self.out.write(json.dumps(event) + "\n")
            self.out.flush()

    def tell_plan(self, objective: float, columns: Any) -> None:
        """Reports the columns that are 1 in a plan, if it is better than the last."""
        if objective < self.best:
            self.best = objective
            self.say(event="plan", columns=np.flatnonzero(columns).tolist())

    def tell_bound(self, bound: float, nodes: int) -> None:
        """Reports the proven bound, if it rose."""
        if np.isfinite(bound) and bound > self.bound + SMALLEST_NEWS_RATIO * abs(bound):
            self.bound = bound
            self.say(event="bound", bound=bound, nodes=nodes)


def solve(arrays: dict[str, Any], options: dict[str, Any], reporter: Reporter) -> None:
    """Solves part after part, the smallest first, and says how it ended."""
    whole = Whole(arrays, reporter)
    deadline = time.monotonic() + options["time_limit_s"]
    endings = set()
    for part in whole.parts_by_size():
        share = whole.arcs_in(part) / max(1, whole.arcs_left(part))
        seconds = max(SHORTEST_S, (deadline - time.monotonic()) * share)
        ending = _solve_part(whole, part, seconds, options)
        if ending in NO_PLAN:
            reporter.say(event="end", status=NO_PLAN[0], bound=None, nodes=whole.nodes)
            return
        endings.add(ending)
    failed = sorted(endings - {TIME, NODES, DONE})
    status = next((status for status in (*failed, TIME, NODES) if status in endings), DONE)
    reporter.say(event="end", status=status, bound=whole.bound, nodes=whole.nodes)


def _solve_part(whole: Whole, part: int, seconds: float, options: dict[str, Any]) -> str:
    """Exactly where the part is small, by search where it is large, by both between."""
    arcs = whole.arcs_in(part)
    if arcs <= options["most_arcs_without_search"]:
        return solve_exactly(whole, part, seconds, options)
    # Imported here: small problems would wait for the compiler too.
    from estate.optimise.large import search_part
    from estate.optimise.mending import mend_part

    search_part = mend_part if options["is_mended"] else search_part
    started = time.monotonic()
    if arcs > options["most_arcs_exactly"]:
        return search_part(whole, part, seconds, options)
    rounds = {**options, "rounds": min(FIRST_ROUNDS, options["rounds"] or FIRST_ROUNDS)}
    if (searched := search_part(whole, part, seconds * SHARE_OF_SEARCH, rounds)) == DONE:
        return searched
    ending = solve_exactly(whole, part, max(SHORTEST_S, seconds - (time.monotonic() - started)), options)
    # Where the clock ended the search, what came after began from a plan that another run may not have.
    return TIME if searched == TIME and ending == DONE else ending


def main() -> None:
    """Reads options (one JSON line) and arrays (npz) and solves. Only protocol lines go to the real standard output."""
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    options = json.loads(sys.stdin.buffer.readline())
    memory = options["memory_limit_bytes"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False) as arrays:
        solve(dict(arrays), options, Reporter(out))


if __name__ == "__main__":
    main()
