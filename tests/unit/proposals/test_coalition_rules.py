"""What a group of agencies without the others is told, and that the groups of a told problem can all be solved."""

import pytest

from estate.optimise import Limits, Problem
from estate.optimise.problem import Payer
from estate.optimise.rules import Access, Counter, DemandPoint, Locks
from estate.optimise.solve import solve
from estate.proposals.coalitions import problem_of, shares_of
from tests.unit.optimise.problems import building, problem, team
from tests.unit.optimise.told import told


def two_agencies() -> Problem:
    """Each agency has a dear building and a host near it; a team of the other sits in one host."""
    rows = [
        building(name, x_m=x_m, running_cost_per_year=cost, may_close=cost > 10_000, payers=(Payer(agency, 1.0),))
        for name, x_m, cost, agency in [
            ("old1", 0.0, 30_000.0, "council"),
            ("new1", 100.0, 10_000.0, "council"),
            ("old2", 200.0, 30_000.0, "police"),
            ("new2", 300.0, 10_000.0, "police"),
        ]
    ]
    teams = [
        team("c1", "old1", group="children", counter="library"),
        team("c2", "new1"),
        team("p1", "old2", agency="police", group="probation"),
        team("p2", "new1", agency="police", group="probation", need_m2=10.0, counter="library"),
    ]
    return problem(rows, teams)


def test_a_group_has_its_share_of_a_limit_and_no_demand():
    locks = Locks(
        kept=("new1", "new2"), emptied=("old1",), staying=("c2",), moving=(("p1", "new1"),), barred=(("c1", "new2"),)
    )
    given = told(two_agencies(), locks=locks, most_moves=3, most_one_off_cost=8000.0, least_mix=1)
    rules = problem_of(given, ["council"]).settings.rules
    assert rules.locks == Locks(kept=("new1",), staying=("c2",))
    assert (rules.most_moves, rules.most_one_off_cost, rules.least_mix) == (1, 4000.0, 1)


def test_a_team_of_others_that_stays_is_still_kept_apart():
    given = two_agencies()
    assert solve(problem_of(given, ["council"])).emptied == ("old1",)
    apart = told(given, apart=(("children", "probation"),))
    assert problem_of(apart, ["council"]).settings.rules.locks.barred == (("c1", "new1"),)
    assert solve(problem_of(apart, ["council"])).emptied == ()


def test_counters_of_others_stay_where_they_are():
    near = Access(150.0, (DemandPoint(0.0, 0.0, 10.0),), (), 0.5)
    access = problem_of(told(two_agencies(), access=near), ["council"]).settings.rules.access
    assert access is not None
    assert access.others == (Counter(100.0, 0.0, "library"),)
    assert access.most_fall_ratio == 0.25


def test_shares_of_a_told_problem_add_up():
    given = told(two_agencies(), locks=Locks(emptied=("old1",)), most_moves=2)
    whole = solve(given)
    found = shares_of(given, whole.saving_per_year, Limits(), 20.0)
    assert found is not None
    assert sum(row.share for row in found.rows) == pytest.approx(whole.saving_per_year)
