"""A solver that is slow, dies or lies keeps the run honest: the best plan stays, nothing false is called proven."""

import json
import subprocess
import sys
import time

import pytest

from estate.optimise import Limits, Status, search, supervise
from estate.optimise.search import Position
from estate.optimise.solve import solve
from estate.optimise.supervise import StopReason
from tests.unit.optimise.problems import pair

READ_ALL = "import sys, time; sys.stdin.buffer.read(); "
HANG = READ_ALL + "time.sleep(60)"
DIE = READ_ALL + "import os; os.kill(os.getpid(), 9)"
RAMBLE = READ_ALL + "print('hello', flush=True); time.sleep(60)"


def speak(*events):
    """A program that says these events and ends."""
    return READ_ALL + f"print({json.dumps(chr(10).join(json.dumps(event) for event in events))}, flush=True)"


@pytest.fixture
def solver(monkeypatch):
    """Puts another program in the solver's place, and takes the search's plan away."""

    def replace_with(program):
        monkeypatch.setattr(supervise, "SOLVER_COMMAND", (sys.executable, "-c", program))
        monkeypatch.setattr(
            search, "first_plan", lambda problem, tight, seed: Position([True] * 2, tight.arcs.home.tolist(), [])
        )

    return replace_with


def test_a_solver_that_hangs_is_ended_at_its_time(solver):
    solver(HANG)
    started = time.monotonic()
    solution = solve(pair(), Limits(time_limit_s=0.5))
    assert time.monotonic() - started < 5
    assert solution.stop_reason is StopReason.TIME
    assert solution.status is Status.STOPPED
    assert "time limit was reached" in solution.sentence
    assert "optimal" not in solution.sentence
    assert not solution.is_repeatable


def test_a_solver_that_dies_leaves_the_best_plan(monkeypatch):
    monkeypatch.setattr(supervise, "SOLVER_COMMAND", (sys.executable, "-c", DIE))
    solution = solve(pair())
    assert solution.stop_reason is StopReason.CRASHED
    assert solution.emptied == ("old",), "the search's plan is kept"
    assert "ended unexpectedly" in solution.sentence
    assert solution.status is Status.STOPPED


def test_a_solver_that_speaks_nonsense_has_crashed(solver):
    solver(RAMBLE)
    assert solve(pair()).stop_reason is StopReason.CRASHED


def test_plans_told_before_a_crash_are_kept(solver):
    good = [1, 3, 4]  # y_new, and both teams' arcs into it
    solver(speak({"event": "plan", "columns": good}, {"event": "bound", "bound": 10_100.0, "nodes": 7}))
    solution = solve(pair())
    assert solution.emptied == ("old",)
    assert solution.bound == 10_100.0
    assert solution.nodes == 7
    assert solution.stop_reason is StopReason.CRASHED


def test_a_broken_plan_is_refused_and_said(solver):
    solver(speak({"event": "plan", "columns": [0]}, {"event": "end", "status": "Optimal", "bound": 1.0, "nodes": 0}))
    solution = solve(pair())
    assert solution.emptied == ()
    assert any("every team exactly once" in note for note in solution.notes)


def test_a_bound_that_contradicts_a_plan_proves_nothing(solver):
    solver(speak({"event": "end", "status": "Optimal", "bound": 99_999.0, "nodes": 0}))
    solution = solve(pair())
    assert not solution.is_proven
    assert solution.status is Status.STOPPED
    assert any("contradicts" in note for note in solution.notes)


def test_whoever_watches_may_cancel(solver):
    solver(HANG)
    seen = []
    solution = solve(pair(), Limits(time_limit_s=30), watch=lambda progress: seen.append(progress) or len(seen) < 3)
    assert solution.stop_reason is StopReason.CANCELLED
    assert "cancelled" in solution.sentence
    assert seen[0].bound <= seen[0].objective


def test_the_node_limit_is_kept_and_repeatable():
    solution = solve(pair(), Limits(node_limit=0, gap_wanted_ratio=0.0))
    assert solution.is_repeatable
    assert solution.emptied == ("old",)


def test_too_little_memory_ends_as_a_crash_not_an_error():
    solution = solve(pair(), Limits(memory_limit_bytes=64 * 1024**2))
    assert solution.stop_reason in (StopReason.CRASHED, StopReason.PROVEN)
    assert solution.emptied == ("old",)


def test_no_process_is_left_behind(solver):
    solver(HANG + "  # estate-test-marker")
    solve(pair(), Limits(time_limit_s=0.3))
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "estate-test-marker" not in listing
