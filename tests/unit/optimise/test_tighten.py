"""Tightening never changes the best plan: sums are right, and buildings are only held that may be held."""

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies

from estate.optimise.arcs import candidate_arcs
from estate.optimise.tighten import largest_sum, tightened
from tests.unit.optimise.problems import best_cost_by_trying_all, random_problem


@given(
    strategies.lists(strategies.integers(1, 400).map(lambda tenths: tenths / 10), max_size=7),
    strategies.integers(0, 1500).map(lambda tenths: tenths / 10),
)
def test_largest_sum_is_the_largest_of_all_sums_that_fit(needs, limit):
    sums = [sum(some) for count in range(len(needs) + 1) for some in itertools.combinations(needs, count)]
    best = max(total for total in sums if total <= limit + 1e-9)
    assert largest_sum(np.array(needs), limit) == pytest.approx(best)


def test_areas_on_no_grid_fall_back_to_the_limit():
    assert largest_sum(np.array([np.pi, np.e]), 5.0) == 5.0


@pytest.mark.parametrize("seed", range(12))
def test_arcs_are_those_of_the_rules(seed):
    """Every arc by the KD-tree is one that plain loops allow, and the other way round."""
    given = random_problem(seed)
    arcs = candidate_arcs(given)
    found = {
        (given.teams[team].id, given.buildings[at].id)
        for team, at, is_home in zip(arcs.team, arcs.building, arcs.is_home, strict=True)
        if not is_home
    }
    expected = set()
    for team, host in itertools.product(given.teams, given.buildings):
        home = given.buildings[given.building_index[team.home]]
        near = np.hypot(home.x_m - host.x_m, home.y_m - host.y_m) <= given.settings.max_move_m
        room = host.capacity_m2 - given.own_need_m2[host.id]
        if (
            host.id != home.id
            and near
            and host.area_id == home.area_id
            and host.may_host
            and team.use in host.accepts
            and room >= -1e-6
            and team.need_m2 <= room + 1e-6
        ):
            expected.add((team.id, host.id))
    assert found == expected
    assert int(arcs.is_home.sum()) == len(given.teams)


@pytest.mark.parametrize("seed", range(100, 106))
def test_held_buildings_cost_nothing(seed):
    """The buildings that are held are kept in some best plan."""
    from dataclasses import replace

    given = random_problem(seed)
    tight = tightened(given, candidate_arcs(given))
    held = tuple(
        replace(row, may_close=row.may_close and not stays)
        for row, stays in zip(given.buildings, tight.must_stay, strict=True)
    )
    assert best_cost_by_trying_all(replace(given, buildings=held)) == pytest.approx(best_cost_by_trying_all(given))
