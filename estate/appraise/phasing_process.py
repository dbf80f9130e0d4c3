"""HiGHS on one mixed-integer programme, in a process of its own: arrays in on standard input, one JSON line out.

Run by `phasing`, never imported by it: it can be ended at any moment, and its memory is its own.
"""

import ctypes
import io
import json
import os
import resource
import signal
import sys

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

SET_PARENT_DEATH_SIGNAL = 1


def main() -> None:
    """Reads the programme (npz) and writes the columns that are 1, the value and the proven bound."""
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False) as found:
        given = dict(found)
    memory = int(given["memory_limit_bytes"])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    shape = (len(given["upper"]), len(given["gain"]))
    rows = coo_array((given["entry"], (given["row"], given["column"])), shape=shape).tocsr()
    answer = milp(
        -given["gain"],
        constraints=LinearConstraint(rows, ub=given["upper"]),
        integrality=np.ones(shape[1]),
        bounds=Bounds(0, 1),
        options={"time_limit": float(given["time_limit_s"]), "mip_rel_gap": 1e-6},
    )
    bound = getattr(answer, "mip_dual_bound", None)
    document = {
        "columns": None if answer.x is None else np.flatnonzero(answer.x > 0.5).tolist(),
        "bound": None if bound is None or not np.isfinite(bound) else -float(bound),
        "is_proven": answer.status == 0,
    }
    out.write(json.dumps(document) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
