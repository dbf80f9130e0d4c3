"""Each building has one sentence that says why, and the figures in it are the plan's."""

from dataclasses import replace

import pytest

from estate.optimise.explain import Action, explained, list_moves
from estate.optimise.rules import Access, DemandPoint, Locks
from estate.optimise.solve import solve
from tests.unit.optimise.problems import building, pair, problem, random_problem, team
from tests.unit.optimise.told import told


def reasons(given):
    return {row.building.id: row for row in explained(given, solve(given))}


def test_emptied_and_host():
    rows = reasons(pair())
    assert rows["old"].action is Action.EMPTIED
    assert rows["old"].reason == (
        "Emptied: its 1 team moves to Building new. £20,000 a year of running cost stops; the moves cost £500 a year."
    )
    assert rows["old"].used_m2 == 0
    assert rows["new"].action is Action.HOST
    assert "takes in 1 team with a need of 40 m², and is then used to 80 of 100 m²" in rows["new"].reason
    assert "It may not be emptied, because it is listed." in rows["new"].reason
    assert rows["new"].used_m2 == 80


def test_protected_and_unaffordable():
    given = problem([building("a", may_close=False), building("b", running_cost_per_year=100.0)], [team("x", "b")])
    rows = reasons(given)
    assert rows["a"].reason == "Kept: it may not be emptied, because it is listed."
    assert (rows["a"].cause, rows["b"].cause) == ("may_not_close", "saves_too_little")
    assert "would save £100 a year, no more than the £500 a year" in rows["b"].reason


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x_m": 5000.0}, "no other building within the distance"),
        ({"area_id": "south"}, "across the boundary"),
        ({"may_host": False}, "may host"),
        ({"accepts": ()}, "suits its use"),
        ({"capacity_m2": 60.0}, "has room for it"),
    ],
)
def test_a_stuck_team_is_named_with_the_rule_that_holds_it(change, words):
    given = pair()
    given = replace(given, buildings=(given.buildings[0], replace(given.buildings[1], **change)))
    reason = reasons(given)["old"].reason
    assert "Team a can't move" in reason
    assert words in reason


def test_what_is_paid_for_leaving_is_named():
    def with_leaving(cost):
        given, words = pair(), "of rent stays due until 31 October 2033"
        old = replace(given.buildings[0], leaving_cost=cost, leaving_reason=words)
        return replace(given, buildings=(old, given.buildings[1]))

    assert reasons(with_leaving(4321.0))["old"].reason.endswith(
        "the moves cost £500 a year. £4,321 of rent stays due until 31 October 2033."
    )
    kept = reasons(with_leaving(196_000.0))["old"].reason
    assert "£20,000 a year less £19,600 a year for leaving (£196,000 of rent stays due until 31 October 2033)" in kept


def test_a_building_without_teams():
    assert "nobody works in it" in reasons(problem([building("a"), building("b")], []))["a"].reason


def test_an_estimate_is_called_one():
    given = problem([building("a", estimates=("running_cost_per_year",)), building("b")], [])
    assert "an estimated £10,000 a year" in reasons(given)["a"].reason


def test_moves_carry_distance_and_cost():
    (move,) = list_moves(pair(), solve(pair()))
    assert (move.team.id, move.host.id, move.distance_m) == ("a", "new", 100.0)
    assert (move.hosting_cost_per_year, move.moving_cost_per_year) == (400.0, 100.0)


@pytest.mark.parametrize("seed", range(20))
def test_every_building_has_a_sentence_and_costs_add_up(seed):
    given = random_problem(seed)
    solution = solve(given)
    rows = explained(given, solution)
    assert [row.building.id for row in rows] == [row.id for row in given.buildings]
    assert all(row.reason.endswith(".") for row in rows)
    kept = sum(row.building.running_cost_per_year for row in rows if row.action is not Action.EMPTIED)
    moves = sum(move.hosting_cost_per_year + move.moving_cost_per_year for move in list_moves(given, solution))
    leaving = sum(row.building.leaving_cost for row in rows if row.action is Action.EMPTIED)
    assert kept + moves + leaving * given.settings.annuity_ratio == pytest.approx(solution.objective)


def cause_of_old(**rules):
    given = pair()
    given = replace(given, teams=(replace(given.teams[0], counter="library"), given.teams[1]))
    row = {row.building.id: row for row in explained(told(given, **rules), solve(told(given, **rules)))}["old"]
    return row.cause, row.reason


@pytest.mark.parametrize(
    ("rules", "cause", "words"),
    [
        ({"locks": Locks(kept=("old",))}, "kept_by_decision", "Kept: that was decided for this proposal."),
        ({"locks": Locks(staying=("a",))}, "locked_teams_go_nowhere_else", "it was decided where it works"),
        ({"locks": Locks(barred=(("a", "new"),))}, "barred_moves_are_not_made", "its last possible move was ruled out"),
        ({"locks": Locks(unchanged=("new",))}, "locked_buildings_take_nobody_in", "was to stay as it is"),
        ({"most_moves": 0}, "limit_is_reached", "the plan would make 1 move, where at most 0 are allowed"),
        ({"most_one_off_cost": 5.0}, "limit_is_reached", "one-off costs would rise to £1,000, where at most £5 is"),
        (
            {"access": Access(450.0, (DemandPoint(-400.0, 0.0, 900.0),))},
            "counter_is_needed",
            "its counter is the only one within 450 m of 900 people (library)",
        ),
    ],
)
def test_what_was_told_is_given_as_the_cause(rules, cause, words):
    found, reason = cause_of_old(**rules)
    assert found == cause
    assert words in reason


def test_what_was_decided_is_said_of_an_emptied_building():
    given = told(pair(), locks=Locks(emptied=("old",)))
    assert reasons(given)["old"].reason.endswith("That was decided for this proposal.")
