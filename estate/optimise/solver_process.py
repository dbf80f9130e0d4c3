"""HiGHS in a process of its own: the programme comes in on standard input, plans and bounds go out as JSON lines.

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
from typing import Any, TextIO

import highspy
import numpy as np

SET_PARENT_DEATH_SIGNAL = 1
SMALLEST_NEWS_RATIO = 1e-6
"""A bound is told again when it rose by this share of itself."""


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
            self.say(event="plan", columns=np.flatnonzero(np.asarray(columns) > 0.5).tolist())

    def tell_bound(self, bound: float, nodes: int) -> None:
        """Reports the proven bound, if it rose."""
        if np.isfinite(bound) and bound > self.bound + SMALLEST_NEWS_RATIO * abs(bound):
            self.bound = bound
            self.say(event="bound", bound=bound, nodes=nodes)


def load(arrays: Any) -> highspy.HighsLp:
    """The programme as HiGHS takes it; every column is an integer."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(arrays["cost"]), len(arrays["row_lower"])
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = arrays["cost"], arrays["lower"], arrays["upper"]
    lp.offset_ = float(arrays["offset"])
    lp.row_lower_, lp.row_upper_ = arrays["row_lower"], arrays["row_upper"]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = arrays["start"], arrays["index"]
    lp.a_matrix_.value_ = arrays["value"]
    lp.integrality_ = [highspy.HighsVarType.kInteger] * lp.num_col_
    return lp


def solve(arrays: Any, options: dict[str, Any], reporter: Reporter) -> None:
    """Solves, reporting on the way; the last line says how it ended."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(load(arrays))
    start = highspy.HighsSolution()
    start.col_value = arrays["first_plan"].astype(float).tolist()
    highs.setSolution(start)

    def on_plan(event: Any) -> None:
        reporter.tell_plan(event.data_out.objective_function_value, event.data_out.mip_solution)

    def on_pause(event: Any) -> None:
        reporter.tell_bound(event.data_out.mip_dual_bound, int(event.data_out.mip_node_count))

    highs.cbMipImprovingSolution += on_plan
    highs.cbMipInterrupt += on_pause
    highs.run()
    info = highs.getInfo()
    if info.primal_solution_status == 2:
        reporter.tell_plan(info.objective_function_value, highs.getSolution().col_value)
    status = highs.modelStatusToString(highs.getModelStatus())
    reporter.say(event="end", status=status, bound=info.mip_dual_bound, nodes=int(info.mip_node_count))


def main() -> None:
    """Reads options (one JSON line) and arrays (npz) and solves. Only protocol lines go to the real standard output."""
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    options = json.loads(sys.stdin.buffer.readline())
    memory = options.pop("memory_limit_bytes")
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False) as arrays:
        solve(dict(arrays), options, Reporter(out))


if __name__ == "__main__":
    main()
