"""The checker catches every way to corrupt a plan."""

from dataclasses import replace

import pytest

from estate.optimise.check import Plan, PlanBroken, checked_cost_per_year
from tests.unit.optimise.problems import pair

GOOD = Plan(frozenset({"new"}), {"a": "new", "b": "new"})


def changed(**changes):
    given = pair()
    return replace(given, buildings=(given.buildings[0], replace(given.buildings[1], **changes)))


def test_counts_the_cost_from_the_problem_alone():
    assert checked_cost_per_year(pair(), GOOD) == 10_000 + 40 * 10 + 1000 * 0.1


def test_counts_the_cost_of_leaving_what_is_emptied_and_of_nothing_else():
    given = pair(leaving_cost=99_999.0)
    given = replace(given, buildings=(replace(given.buildings[0], leaving_cost=5000.0), given.buildings[1]))
    assert checked_cost_per_year(given, GOOD) == 10_000 + 40 * 10 + 1000 * 0.1 + 5000 * 0.1


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan(frozenset({"new", "ghost"}), {"a": "new", "b": "new"}), "not part of the problem"),
        (Plan(frozenset({"new"}), {"a": "new"}), "every team exactly once"),
        (Plan(frozenset({"new"}), {"a": "new", "b": "new", "c": "new"}), "every team exactly once"),
        (Plan(frozenset({"new"}), {"a": "old", "b": "new"}), "which is emptied"),
        (Plan(frozenset({"new", "old"}), {"a": "new", "b": "new"}), "which is kept"),
        (Plan(frozenset({"old"}), {"a": "old", "b": "old"}), "it is protected"),
    ],
)
def test_refuses_a_corrupted_plan(plan, words):
    with pytest.raises(PlanBroken, match=words):
        checked_cost_per_year(pair(), plan)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"capacity_m2": 79.9}, "more than the space standard"),
        ({"capacity_m2": 39.0}, "over-full today"),
        ({"may_host": False}, "may not host"),
        ({"accepts": ()}, "does not accept its use"),
        ({"area_id": "south"}, "across the boundary"),
        ({"x_m": 1000.1}, "too far"),
    ],
)
def test_refuses_a_plan_that_breaks_a_rule(change, words):
    with pytest.raises(PlanBroken, match=words):
        checked_cost_per_year(changed(**change), GOOD)
