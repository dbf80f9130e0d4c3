"""The solver against every plan there is, with every rule that a proposal may be told on and off."""

import math

import pytest

from estate.optimise import Limits, TeamRule
from estate.optimise import solve as solving
from estate.optimise.errors import ContradictoryLocks, NoPlan
from estate.optimise.solve import solve
from tests.unit.optimise.problems import best_cost_by_trying_all, random_problem
from tests.unit.optimise.told import KINDS, random_told, run_here, told

EXACT = Limits(gap_wanted_ratio=0.0, time_limit_s=30.0)


@pytest.fixture
def in_process(monkeypatch):
    """No process for each of hundreds of problems."""
    monkeypatch.setattr(solving, "run_solver", run_here)


def agrees(given, seed) -> bool:
    """Whether there is a plan; fails where the solver and the trying of all plans disagree."""
    best = best_cost_by_trying_all(given)
    if best == math.inf:
        with pytest.raises((ContradictoryLocks, NoPlan)):
            solve(given, EXACT)
        return False
    solution = solve(given, EXACT)
    assert solution.objective == pytest.approx(best, abs=0.01), seed
    assert solution.is_proven, seed
    assert solution.bound <= solution.objective
    assert not [note for note in solution.notes if "contradicts" in note or "but was to be" in note], seed
    return True


@pytest.mark.parametrize("rule", list(TeamRule))
@pytest.mark.parametrize("block", range(10))
def test_agrees_with_trying_every_plan(in_process, block, rule):
    for seed in range(1000 + block * 25, 1025 + block * 25):
        agrees(random_told(random_problem(seed, rule, most_buildings=4, most_teams=5), seed), seed)


@pytest.mark.parametrize("kind", KINDS)
def test_each_rule_alone_binds_somewhere(in_process, kind):
    kinds = ("access", "share") if kind == "share" else (kind,)
    binds = 0
    for seed in range(2000, 2030):
        for rule in TeamRule:
            given = random_told(random_problem(seed, rule, most_buildings=4, most_teams=4), seed, kinds, 1.0)
            if agrees(given, seed):
                binds += best_cost_by_trying_all(given) > best_cost_by_trying_all(told(given)) + 0.01
    assert binds >= 2


@pytest.mark.parametrize("rule", list(TeamRule))
def test_what_is_mended_and_what_its_bound_says_enclose_the_best_plan(in_process, monkeypatch, rule):
    """Parts too large for the whole programme, made so by a limit of no arcs."""
    monkeypatch.setattr(solving, "MOST_ARCS_WITHOUT_SEARCH", 0)
    monkeypatch.setattr(solving, "MOST_ARCS_EXACTLY", 0)
    met = 0
    for seed in range(3000, 3040):
        given = random_told(random_problem(seed, rule, most_buildings=4, most_teams=5), seed)
        best = best_cost_by_trying_all(given)
        two_rounds = Limits(node_limit=2, gap_wanted_ratio=0.0, time_limit_s=60.0)
        if best == math.inf:
            with pytest.raises((ContradictoryLocks, NoPlan)):
                solve(given, two_rounds)
            continue
        solution = solve(given, two_rounds)
        assert solution.bound - 0.01 <= best <= solution.objective + 0.01, seed
        met += solution.objective < best + 0.01
    assert met >= 25
