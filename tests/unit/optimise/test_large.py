"""The search for large areas, made to work on small ones: its plans are checked, its bounds never above the best."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from estate.optimise import Limits, Status, TeamRule
from estate.optimise import solve as solving
from estate.optimise.arcs import candidate_arcs
from estate.optimise.knapsack import fill
from estate.optimise.parts import SETTLED, part_of
from estate.optimise.solve import solve
from estate.optimise.tighten import tightened
from tests.unit.optimise.problems import best_cost_by_trying_all, building, problem, random_problem, team

TWO_ROUNDS = Limits(node_limit=2, gap_wanted_ratio=0.0, time_limit_s=120.0)


@pytest.fixture
def only_search(monkeypatch):
    """Every part is searched, however small, and none is solved exactly."""
    monkeypatch.setattr(solving, "MOST_ARCS_WITHOUT_SEARCH", 0)
    monkeypatch.setattr(solving, "MOST_ARCS_EXACTLY", 0)


@pytest.mark.parametrize("seed", range(40))
def test_a_knapsack_is_filled_as_by_trying_all(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 11))
    value, weight = rng.uniform(0.1, 50, count), rng.choice([1.0, 7.5, 12.0, 30.0], count)
    limit = float(rng.uniform(0, weight.sum() * 1.1))
    taken = np.zeros(count, dtype=bool)
    found = fill(value, weight, limit, taken)
    best = max(
        float(value[list(chosen)].sum())
        for size in range(count + 1)
        for chosen in itertools.combinations(range(count), size)
        if weight[list(chosen)].sum() <= limit
    )
    assert found == pytest.approx(best)
    assert value[taken].sum() == pytest.approx(best)
    assert weight[taken].sum() <= limit


@pytest.mark.parametrize("rule", list(TeamRule))
def test_search_and_bound_enclose_the_best_plan(only_search, rule):
    for seed in range(10):
        given = random_problem(seed, rule)
        solution = solve(given, TWO_ROUNDS)
        best = best_cost_by_trying_all(given)
        assert solution.bound <= best + 0.01, seed
        assert solution.objective >= best - 0.01, seed
        assert not [note for note in solution.notes if "contradicts" in note]


def test_what_is_searched_and_then_solved_exactly_is_the_best(monkeypatch):
    monkeypatch.setattr(solving, "MOST_ARCS_WITHOUT_SEARCH", 0)
    for seed in range(6):
        given = random_problem(seed)
        solution = solve(given, Limits(gap_wanted_ratio=0.0, time_limit_s=60.0))
        assert solution.objective == pytest.approx(best_cost_by_trying_all(given), abs=0.01)
        assert solution.is_proven


def town(x_m: float, name: str):
    """Twelve buildings in a row that may all be emptied, and the team of each."""
    rows = [
        building(
            f"{name}{number}",
            x_m=x_m + 50.0 * number,
            capacity_m2=90.0 + 7 * number,
            running_cost_per_year=9_000.0 + 311 * number,
        )
        for number in range(12)
    ]
    return rows, [team(f"{row.id}-t", row.id, need_m2=31.0 + 5 * at) for at, row in enumerate(rows)]


def two_towns():
    """Two towns too far apart for anybody to move between them, and a building where nothing can change."""
    north, south = town(0, "n"), town(50_000, "s")
    alone = building("alone", x_m=200_000, may_close=False)
    return problem([*north[0], alone, *south[0]], [*north[1], *south[1]])


def test_what_has_nothing_to_do_with_one_another_is_apart():
    given = two_towns()
    part = part_of(given, tightened(given, candidate_arcs(given)))
    assert part[12] == SETTLED
    assert set(part[:12]) == {part[0]}
    assert set(part[13:]) == {part[-1]}
    assert part[0] != part[-1]


def test_the_whole_is_the_sum_of_its_parts():
    given = two_towns()
    alone = replace(given, buildings=given.buildings[:13], teams=given.teams[:12])
    exact = Limits(gap_wanted_ratio=0.0, time_limit_s=60.0)
    both, one = solve(given, exact), solve(alone, exact)
    assert both.status is Status.OPTIMAL
    assert both.saving_per_year == pytest.approx(2 * one.saving_per_year, abs=0.02)


def test_the_same_rounds_give_the_same_plan(only_search):
    first, second = solve(two_towns(), TWO_ROUNDS), solve(two_towns(), TWO_ROUNDS)
    assert first.is_repeatable
    assert (first.host, first.bound) == (second.host, second.bound)
    assert first.emptied


def test_a_cancelled_search_keeps_its_best_plan(only_search):
    asked = []

    def watch(progress):
        asked.append(progress)
        return len(asked) < 40

    solution = solve(two_towns(), Limits(gap_wanted_ratio=0.0, time_limit_s=60.0), watch)
    assert solution.objective <= min(progress.objective for progress in asked)
    assert solution.bound >= max(progress.bound for progress in asked) - 0.01
