"""Starts the solver's process, listens to it, and ends it when its time is up. The best plan is always on this side."""

import contextlib
import io
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

SOLVER_COMMAND = (sys.executable, "-m", "estate.optimise.solver_process")
LISTEN_S = 0.1
GRACE_S = 0.5
"""How long after its time limit the process may still say its last word."""


class StopReason(StrEnum):
    """Why the solver ended."""

    PROVEN = "proven"
    GAP = "gap"
    NODES = "nodes"
    TIME = "time"
    CANCELLED = "cancelled"
    CRASHED = "crashed"
    NO_PLAN = "no_plan"
    """Proven: no plan keeps every rule."""


ENDINGS = {
    "Optimal": StopReason.GAP,
    "Time limit reached": StopReason.TIME,
    "Iteration limit reached": StopReason.NODES,
    "Solution limit reached": StopReason.NODES,
    "Infeasible": StopReason.NO_PLAN,
}


@dataclass(frozen=True)
class Ending:
    """How the process ended and the nodes it had searched."""

    reason: StopReason
    nodes: int


def run_solver(
    arrays: Mapping[str, NDArray[Any]],
    options: Mapping[str, Any],
    *,
    deadline: float,
    on_event: Callable[[dict[str, Any]], None],
    may_go_on: Callable[[], bool],
) -> Ending:
    """Runs the solver until it ends, `deadline` (on `time.monotonic`) passes or `may_go_on` says no.

    `on_event` gets every plan and bound as it comes. A process that dies or speaks nonsense is `CRASHED`, no exception.
    """
    process = subprocess.Popen(
        SOLVER_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    lines: queue.Queue[bytes | None] = queue.Queue()
    threads = [
        threading.Thread(target=_listen, args=(process.stdout, lines), daemon=True),
        threading.Thread(target=_feed, args=(process.stdin, arrays, dict(options)), daemon=True),
    ]
    for thread in threads:
        thread.start()
    nodes = 0
    try:
        while True:
            try:
                line = lines.get(timeout=LISTEN_S)
            except queue.Empty:
                if time.monotonic() > deadline + GRACE_S:
                    return Ending(StopReason.TIME, nodes)
                if not may_go_on():
                    return Ending(StopReason.CANCELLED, nodes)
                continue
            event = _event(line)
            if event is None:
                return Ending(StopReason.CRASHED, nodes)
            nodes = event.get("nodes", nodes)
            on_event(event)
            if event["event"] == "end":
                return Ending(ENDINGS.get(event["status"], StopReason.CRASHED), nodes)
    finally:
        _end(process, threads)


def _event(line: bytes | None) -> dict[str, Any] | None:
    """The event in a line; None where the process has ended or the line is no event."""
    try:
        event = json.loads(line) if line else None
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def _listen(pipe: IO[bytes], lines: "queue.Queue[bytes | None]") -> None:
    """Queues every line the process writes, then None."""
    with contextlib.suppress(ValueError, OSError):
        for line in pipe:
            lines.put(line)
    lines.put(None)


def _feed(pipe: IO[bytes], arrays: Mapping[str, NDArray[Any]], options: dict[str, Any]) -> None:
    """Writes the options and the arrays to the process; one that has died already is noticed by `_listen`."""
    packed = io.BytesIO()
    np.savez(packed, **arrays)  # type: ignore[arg-type]
    with contextlib.suppress(BrokenPipeError, ValueError, OSError):
        pipe.write(json.dumps(options).encode() + b"\n" + packed.getvalue())
        pipe.close()


def _end(process: "subprocess.Popen[bytes]", threads: list[threading.Thread]) -> None:
    """Kills the process and all it started, and waits until it and the threads on its pipes are gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for thread in threads:
        thread.join()
    for pipe in (process.stdout, process.stdin):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
