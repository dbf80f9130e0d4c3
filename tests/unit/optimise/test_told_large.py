"""A larger problem, told things, mended piece by piece: every plan keeps every rule, and no bound is above a plan."""

import random
from dataclasses import replace

import pytest

from estate.optimise import Limits, Problem
from estate.optimise import solve as solving
from estate.optimise.check import Plan, checked_cost_per_year
from estate.optimise.errors import NoPlan
from estate.optimise.rules import Access, DemandPoint, Locks
from estate.optimise.solve import solve
from tests.unit.optimise.problems import building, problem, team
from tests.unit.optimise.told import run_here, told


def town() -> Problem:
    """Forty-five buildings with two teams each; anybody may move a kilometre."""
    dice = random.Random(4)
    rows = [
        building(
            f"b{number}",
            x_m=dice.uniform(0, 2200),
            y_m=dice.uniform(0, 2200),
            capacity_m2=float(dice.randint(90, 300)),
            running_cost_per_year=float(dice.randint(8_000, 40_000)),
            leaving_cost=float(dice.choice([0, 9_000])),
        )
        for number in range(45)
    ]
    teams = [
        team(
            f"{row.id}-{at}",
            row.id,
            need_m2=float(dice.randint(10, 45)),
            agency=dice.choice(["council", "police", "nhs"]),
            group=dice.choice(["", "", "children", "probation"]),
            counter=dice.choice(["", "", "library"]),
        )
        for row in rows
        for at in range(2)
    ]
    return problem(rows, teams)


HOMES = tuple(DemandPoint(x * 300.0, y * 300.0, 100.0 + x * y) for x in range(11) for y in range(11))


@pytest.mark.parametrize(
    "rules",
    [
        {"most_moves": 20},
        {"most_one_off_cost": 25_000.0},
        {"apart": (("children", "probation"),)},
        {"least_mix": 3},
        {"access": Access(700.0, HOMES)},
        {"access": Access(700.0, HOMES, (), 0.05)},
        {"locks": Locks(emptied=("b1", "b2"), kept=("b3",)), "most_moves": 40, "least_mix": 2},
    ],
)
def test_a_large_part_is_never_wrong(monkeypatch, rules):
    monkeypatch.setattr(solving, "run_solver", run_here)
    given = told(town(), **rules)
    exact = solve(given, Limits(time_limit_s=5.0))
    monkeypatch.setattr(solving, "MOST_ARCS_WITHOUT_SEARCH", 0)
    monkeypatch.setattr(solving, "MOST_ARCS_EXACTLY", 0)
    mended = solve(given, Limits(time_limit_s=60.0, node_limit=3))
    assert checked_cost_per_year(given, Plan(frozenset(mended.kept), mended.host)) == mended.objective
    assert mended.bound <= exact.objective + 0.01
    assert exact.bound <= mended.objective + 0.01
    assert mended.objective <= exact.objective * 1.15
    assert not [note for note in mended.notes if "contradicts" in note]


def test_a_large_part_without_a_plan_is_said_to_have_none(monkeypatch):
    monkeypatch.setattr(solving, "MOST_ARCS_WITHOUT_SEARCH", 0)
    monkeypatch.setattr(solving, "MOST_ARCS_EXACTLY", 0)
    given = told(town(), locks=Locks(emptied=("b1", "b2")), most_moves=3)
    with pytest.raises(NoPlan, match="b1 is emptied, Building b2 is emptied, at most 3 moves"):
        solve(replace(given), Limits(time_limit_s=20.0))
