"""The solver against every plan there is, and what it says of the problems where there is nothing to do."""

from dataclasses import replace

import pytest

from estate.optimise import Limits, Solution, Status, TeamRule
from estate.optimise.check import Plan
from estate.optimise.solve import solve
from tests.unit.optimise.problems import best_cost_by_trying_all, building, pair, problem, random_problem, team

EXACT = Limits(gap_wanted_ratio=0.0, time_limit_s=30.0)


@pytest.mark.parametrize("rule", list(TeamRule))
@pytest.mark.parametrize("block", range(6))
def test_agrees_with_trying_every_plan(block, rule):
    for seed in range(block * 8, block * 8 + 8):
        given = random_problem(seed, rule)
        solution = solve(given, EXACT)
        assert solution.objective == pytest.approx(best_cost_by_trying_all(given), abs=0.01), seed
        assert solution.is_proven
        assert solution.bound <= solution.objective


def test_empties_the_dear_building_and_says_it_is_proven():
    solution = solve(pair())
    assert solution.status is Status.OPTIMAL
    assert solution.emptied == ("old",)
    assert solution.host == {"a": "new", "b": "new"}
    assert solution.saving_per_year == pytest.approx(20_000 - 40 * 10 - 1000 * 0.1)
    assert "proven to be optimal" in solution.sentence
    assert "teams stay in a building that is kept" in solution.notes[0]


def test_the_cost_of_leaving_decides():
    """Emptying "old" saves 19,500 a year; at ten pence a pound, leaving it must cost less than 195,000."""
    given = pair()

    def with_leaving(cost):
        return replace(given, buildings=(replace(given.buildings[0], leaving_cost=cost), given.buildings[1]))

    worth = solve(with_leaving(194_000.0), EXACT)
    assert worth.emptied == ("old",)
    assert worth.saving_per_year == pytest.approx(100)
    assert worth.bound == pytest.approx(worth.objective)
    kept = solve(with_leaving(196_000.0), EXACT)
    assert (kept.emptied, kept.status) == ((), Status.NOTHING_TO_GAIN)


def test_the_building_that_is_cheaper_to_leave_is_emptied():
    """There is room for one of two teams; the dearer building is bound by its lease."""
    rows = [
        building("bound", running_cost_per_year=30_000.0, leaving_cost=200_000.0),
        building("loose", running_cost_per_year=20_000.0),
        building("host", may_close=False, capacity_m2=80.0),
    ]
    rows[:2] = [replace(row, may_host=False) for row in rows[:2]]
    teams = [team("a", "bound"), team("b", "loose"), team("c", "host")]
    for rule in TeamRule:
        assert solve(problem(rows, teams, team_rule=rule), EXACT).emptied == ("loose",)
    free_to_go = [replace(rows[0], leaving_cost=0.0), *rows[1:]]
    assert solve(problem(free_to_go, teams), EXACT).emptied == ("bound",)


def test_empty_area():
    solution = solve(problem([], []))
    assert solution.status is Status.EMPTY_AREA
    assert "no building" in solution.sentence
    assert solution.gap_ratio == 0


def test_one_building():
    solution = solve(problem([building("only")], [team("a", "only")]))
    assert solution.status is Status.ONE_BUILDING
    assert "only one building" in solution.sentence


def test_one_building_that_stands_empty_is_given_up():
    solution = solve(problem([building("only")], []))
    assert solution.emptied == ("only",)
    assert solution.objective == 0


def test_no_capacity_anywhere():
    rows = [building("a", capacity_m2=0.0), building("b", capacity_m2=0.0)]
    solution = solve(problem(rows, [team("x", "a"), team("y", "b")]))
    assert solution.status is Status.NO_CAPACITY
    assert "No team may move anywhere" in solution.sentence


def test_nothing_to_gain():
    rows = [building("a", running_cost_per_year=50.0), building("b", running_cost_per_year=50.0)]
    solution = solve(problem(rows, [team("x", "a"), team("y", "b")]))
    assert solution.status is Status.NOTHING_TO_GAIN
    assert "Nothing is to be gained" in solution.sentence
    assert "proven" in solution.sentence


def test_free_may_save_where_stay_can_not():
    """To empty the dear building its big team needs the host's room, which a small team must give up."""
    rows = [
        building("dear", running_cost_per_year=90_000.0),
        building("host", may_close=False),
        building("small", may_close=False, capacity_m2=40.0),
    ]
    teams = [team("big", "dear", need_m2=90.0), team("little", "host", need_m2=40.0)]
    assert solve(problem(rows, teams, team_rule=TeamRule.STAY), EXACT).emptied == ()
    free = solve(problem(rows, teams, team_rule=TeamRule.FREE), EXACT)
    assert free.emptied == ("dear",)
    assert free.host == {"big": "host", "little": "small"}
    assert "any team may move" in free.notes[0]


def test_same_seed_and_limits_give_the_same_plan():
    given = random_problem(11)
    assert solve(given).host == solve(given).host


def test_a_solution_survives_json():
    solution = solve(pair())
    document = solution.to_json()
    assert document["gap_ratio"] == 0
    assert Solution.from_json(document) == solution


def test_a_start_is_taken_where_it_is_better_and_keeps_every_rule(monkeypatch):
    given = pair()
    found = solve(given)
    monkeypatch.setattr("estate.optimise.search.first_plan", lambda problem, tight, seed: NoPlan)
    monkeypatch.setattr("estate.optimise.supervise.SOLVER_COMMAND", ("/bin/false",))
    assert solve(given).objective > found.objective
    start = Plan(frozenset(found.kept), found.host)
    assert solve(given, starts=[start]).objective == pytest.approx(found.objective)
    broken = solve(given, starts=[Plan(frozenset(), found.host)])
    assert broken.objective > found.objective
    assert any("which is emptied" in note for note in broken.notes)


class NoPlan:
    is_kept = (True, True)
    host = (0, 0)
