"""Each rule of a proposal in a case where it binds: without it "old" would be emptied into "new"."""

from dataclasses import replace

import pytest

from estate.optimise import Limits, TeamRule
from estate.optimise.constraints import CONSTRAINTS, PAIR_RULES, REASONS
from estate.optimise.solve import solve
from tests.unit.optimise.problems import building, pair, problem, team

EXACT = Limits(gap_wanted_ratio=0.0)


def test_every_rule_has_a_reason_and_an_inequality():
    rules = [*PAIR_RULES, *CONSTRAINTS]
    assert set(REASONS) == {rule.__name__ for rule in rules}
    assert all("=" in (rule.__doc__ or "") for rule in rules)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("moves_stay_within_the_distance", {"x_m": 1001.0}),
        ("moves_stay_inside_the_boundary", {"area_id": "south"}),
        ("hosts_must_be_eligible", {"may_host": False}),
        ("uses_must_be_accepted", {"accepts": ("clinic",)}),
        ("hosts_must_have_room", {"capacity_m2": 79.0}),
    ],
)
def test_a_pair_rule_binds(rule, change):
    given = pair()
    changed = replace(given, buildings=(given.buildings[0], replace(given.buildings[1], **change)))
    assert solve(given, EXACT).emptied == ("old",)
    assert solve(changed, EXACT).emptied == ()


def test_distance_is_allowed_to_the_metre():
    given = pair()
    far = replace(given, buildings=(given.buildings[0], replace(given.buildings[1], x_m=1000.0)))
    assert solve(far, EXACT).emptied == ("old",)


def test_room_is_shared_by_all_who_arrive():
    """Each of two teams fits the host alone, not both."""
    teams = [team("a", "old1"), team("b", "old2"), team("c", "new")]
    rows = [building("old1"), building("old2"), building("new", capacity_m2=119.0, may_close=False)]
    assert len(solve(problem(rows, teams), EXACT).emptied) == 1
    roomier = [*rows[:2], replace(rows[2], capacity_m2=120.0)]
    assert len(solve(problem(roomier, teams), EXACT).emptied) == 2


def test_protected_buildings_stay():
    given = pair()
    guarded = replace(given, buildings=tuple(replace(row, may_close=False) for row in given.buildings))
    assert solve(guarded, EXACT).emptied == ()


def test_a_team_moves_whole():
    """Two hosts with 30 m2 each can't take a team of 40 m2 between them."""
    rows = [
        building("old", running_cost_per_year=90_000.0),
        building("n1", capacity_m2=70.0, may_close=False),
        building("n2", capacity_m2=70.0, may_close=False),
    ]
    given = problem(rows, [team("a", "old"), team("b", "n1"), team("c", "n2")])
    assert solve(given, EXACT).emptied == ()


def test_nobody_works_in_an_emptied_building():
    """A building must be kept for the one team of it that can't move."""
    given = pair()
    stuck = replace(given, teams=(*given.teams, team("vault", "old", use="clinic", need_m2=5.0)))
    assert solve(stuck, EXACT).emptied == ()


def test_teams_of_a_kept_building_stay_in_it():
    """Under FREE the host's own team makes room; under STAY it may not."""
    rows = [
        building("dear", running_cost_per_year=90_000.0),
        building("host", may_close=False),
        building("small", may_close=False, capacity_m2=40.0),
    ]
    teams = [team("big", "dear", need_m2=90.0), team("little", "host")]
    assert solve(problem(rows, teams, team_rule=TeamRule.STAY), EXACT).host["little"] == "host"
    assert solve(problem(rows, teams, team_rule=TeamRule.FREE), EXACT).host["little"] == "small"


def test_an_over_full_building_keeps_its_own_and_takes_in_nobody():
    given = pair(capacity_m2=39.0)
    solution = solve(given, EXACT)
    assert solution.host == {"a": "old", "b": "new"}
    assert any("Fuller today" in note for note in solution.notes)
