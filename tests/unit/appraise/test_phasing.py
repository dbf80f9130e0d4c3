"""The order of moves: small cases by hand, and against every order that there is."""

import itertools
import sys

import numpy as np
import pytest

from estate.appraise import phasing
from estate.appraise.discounting import Rates
from estate.appraise.errors import PhasingInvalid
from estate.appraise.phasing import PhasingLimits, Project, is_feasible, phased, values_by_year

RATES = Rates(((0, 0.1),))


def project(key, saving=100.0, capital=50.0, leaving=(0.0, 0.0, 0.0), moves=1, taken=(), freed=()):
    return Project(key, saving, capital, leaving, moves, taken, freed)


def test_values_by_hand():
    """Over 3 years at 10 %: done in year 0 it saves in years 1 to 3, in year 2 only in year 3."""
    (values,) = values_by_year([project("a", leaving=(30.0, 20.0, 0.0))], RATES, 3)
    assert values[0] == pytest.approx(100 / 1.1 + 100 / 1.21 + 100 / 1.331 - 80)
    assert values[2] == pytest.approx(100 / 1.331 - 50 / 1.21)


def test_without_limits_everything_is_done_at_once():
    found = phased([project("a"), project("b")], {}, RATES, 3, PhasingLimits())
    assert found.year == {"a": 0, "b": 0}
    assert found.is_proven
    assert found.gap == pytest.approx(0, abs=1e-6)


def test_the_delivery_capacity_puts_the_dearer_building_first():
    found = phased([project("a"), project("b", saving=200)], {}, RATES, 3, PhasingLimits(moves_per_year=1))
    assert found.year == {"b": 0, "a": 1}


def test_capital_by_year_counts_the_rent_that_stays_due():
    two = [project("a", leaving=(60.0, 0.0, 0.0)), project("b")]
    found = phased(two, {}, RATES, 3, PhasingLimits(capital_per_year=100))
    assert found.year == {"b": 0, "a": 1}, "a costs 110 in year 0, more than there is"


def test_a_lease_break_is_worth_waiting_for():
    found = phased([project("a", leaving=(500.0, 0.0, 0.0))], {}, RATES, 3, PhasingLimits())
    assert found.year == {"a": 1}


def test_a_host_must_be_freed_the_year_before():
    """b takes 80 m2 of a host with 20; a frees 70 there, and may do so in year 0 at the earliest."""
    out, into = project("a", saving=10.0, capital=0.0, freed=(("h", 70.0),)), project("b", taken=(("h", 80.0),))
    found = phased([out, into], {"h": 20.0}, RATES, 3, PhasingLimits())
    assert found.year == {"a": 0, "b": 1}
    assert not is_feasible([out, into], {"h": 20.0}, {"a": 0, "b": 0}, PhasingLimits())
    assert phased([into], {"h": 20.0}, RATES, 3, PhasingLimits()).year == {}, "nobody makes room"


def test_what_never_pays_is_left_out():
    assert phased([project("a", saving=1.0, capital=900.0)], {}, RATES, 3, PhasingLimits()).year == {}


@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_with_every_order(seed):
    random = np.random.default_rng(seed)
    hosts = ("h", "i")
    projects = [
        project(
            name,
            saving=float(random.integers(-20, 120)),
            capital=float(random.integers(0, 120)),
            leaving=tuple(float(rent) for rent in sorted(random.integers(0, 80, 3))[::-1]),
            moves=int(random.integers(1, 4)),
            taken=((hosts[random.integers(2)], float(random.integers(1, 60))),),
            freed=((hosts[random.integers(2)], float(random.integers(1, 60))),) if random.random() < 0.5 else (),
        )
        for name in "abcd"
    ]
    limits = PhasingLimits(moves_per_year=int(random.integers(3, 8)), capital_per_year=float(random.integers(80, 300)))
    room = {"h": float(random.integers(0, 90)), "i": float(random.integers(0, 90))}
    values = values_by_year(projects, RATES, 3)
    best = 0.0
    for choice in itertools.product((None, 0, 1, 2), repeat=4):
        year = {each.key: when for each, when in zip(projects, choice, strict=True) if when is not None}
        if is_feasible(projects, room, year, limits):
            best = max(best, sum(values["abcd".index(key), when] for key, when in year.items()))
    found = phased(projects, room, RATES, 3, limits)
    assert found.is_proven
    assert found.value == pytest.approx(best, rel=1e-4, abs=1e-3)
    assert found.bound >= found.value
    assert is_feasible(projects, room, found.year, limits)


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "print('nonsense')", "import time; time.sleep(60)"])
def test_a_solver_that_dies_leaves_a_plan_and_its_gap(monkeypatch, code):
    monkeypatch.setattr(phasing, "SOLVER_COMMAND", (sys.executable, "-c", code))
    monkeypatch.setattr(phasing, "GRACE_S", 0.2)
    limits = PhasingLimits(moves_per_year=1, time_limit_s=0.5)
    found = phased([project("a"), project("b", saving=200)], {}, RATES, 3, limits)
    assert found.year == {"b": 0, "a": 1}
    assert not found.is_proven
    assert found.gap > 0


def test_nothing_to_do_and_nonsense():
    assert phased([], {}, RATES, 3, PhasingLimits()).year == {}
    for bad in (
        [project("a"), project("a")],
        [project("a", saving=float("nan"))],
        [project("a", leaving=(0.0,) * 9)],
        [project("a"), project("b", leaving=(0.0,))],
    ):
        with pytest.raises(PhasingInvalid):
            phased(bad, {}, RATES, 3, PhasingLimits())
    with pytest.raises(PhasingInvalid, match="must not be below 0"):
        phased([project("a")], {}, RATES, 3, PhasingLimits(moves_per_year=-1))
