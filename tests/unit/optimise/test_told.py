"""Each thing that a proposal may be told, in a case where it binds: without it "old" would be emptied into "new"."""

import json
from dataclasses import replace

import pytest

from estate.optimise import Limits, TeamRule
from estate.optimise import solve as solving
from estate.optimise.check import Plan, PlanBroken, checked_cost_per_year
from estate.optimise.errors import ContradictoryLocks, NoPlan, NotANumber, SettingOutOfRange, UnknownInRules
from estate.optimise.problem import Problem
from estate.optimise.rules import Access, Counter, DemandPoint, Locks, MixOf, Rules
from estate.optimise.solve import solve
from estate.optimise.validate import list_notes, validated
from tests.unit.optimise.problems import building, pair, problem, random_problem, team
from tests.unit.optimise.told import random_told, told

EXACT = Limits(gap_wanted_ratio=0.0)
EMPTIED = Plan(frozenset({"new"}), {"a": "new", "b": "new"})
BY_THE_OLD = DemandPoint(-400.0, 0.0, 900.0)


def with_teams(given: Problem, **changes) -> Problem:
    """The pair, with changes to the team that would move."""
    return replace(given, teams=(replace(given.teams[0], **changes), given.teams[1]))


def near_old(fall: float | None = None, *more: DemandPoint, others: tuple[Counter, ...] = ()) -> Access:
    """People 400 m from the old building and 500 m from the new one, who must keep a counter within 450 m."""
    return Access(450.0, (BY_THE_OLD, *more), others, fall)


BINDING = [
    ("is emptied, but was to be kept", {"locks": Locks(kept=("old",))}),
    ("is emptied, but was to be kept", {"locks": Locks(unchanged=("old",))}),
    ("in or out of a building that was to stay", {"locks": Locks(unchanged=("new",))}),
    ("but was to stay", {"locks": Locks(staying=("a",))}),
    ("does not work in building old", {"locks": Locks(moving=(("a", "old"),))}),
    ("which was ruled out", {"locks": Locks(barred=(("a", "new"),))}),
    ("at most 0 may", {"most_moves": 0}),
    ("at most 999.00 may be paid", {"most_one_off_cost": 999.0}),
    ("under one roof", {"apart": (("children", "probation"),)}),
    ("holds 1 of at least 2", {"least_mix": 2}),
    ("holds 1 of at least 2", {"least_mix": 2, "mix_of": MixOf.USE}),
    ("lose their last counter of library", {"access": near_old()}),
    ("Too many people lose", {"access": near_old(0.5)}),
]


def free() -> Problem:
    """A pair that would be emptied into one, with what the rules speak of."""
    given = pair()
    one = replace(given.teams[0], group="children", counter="library")
    return replace(given, teams=(one, replace(given.teams[1], group="probation")))


@pytest.mark.parametrize(("words", "rules"), BINDING)
def test_a_rule_binds(words, rules):
    assert solve(free(), EXACT).emptied == ("old",)
    given = told(free(), **rules)
    assert solve(given, EXACT).emptied == ()
    with pytest.raises(PlanBroken, match=words):
        checked_cost_per_year(given, EMPTIED)


@pytest.mark.parametrize(
    "rules",
    [
        {"locks": Locks(kept=("new",), emptied=("old",), staying=("b",), moving=(("a", "new"),))},
        {"most_moves": 1, "most_one_off_cost": 1000.0},
        {"apart": (("children", "army"),)},
        {"least_mix": 1},
        {"access": near_old(1.0)},
        {"access": near_old(0.5, DemandPoint(0.0, 0.0, 900.0))},
        {"access": near_old(None, others=(Counter(-400.0, 10.0, "library"),))},
        {"access": replace(near_old(), distance_m=500.0)},
    ],
)
def test_a_rule_that_the_plan_keeps_changes_nothing(rules):
    solution = solve(told(free(), **rules), EXACT)
    assert solution.emptied == ("old",)
    assert solution.is_proven


def test_a_building_is_emptied_at_a_loss_where_that_was_decided():
    given = pair()
    cheap = replace(given, buildings=(replace(given.buildings[0], running_cost_per_year=1.0), given.buildings[1]))
    assert solve(cheap, EXACT).emptied == ()
    solution = solve(told(cheap, locks=Locks(emptied=("old",))), EXACT)
    assert solution.emptied == ("old",)
    assert solution.saving_per_year == pytest.approx(1 - 500)
    assert solution.is_proven


def test_a_limit_on_money_counts_leaving_too():
    given = pair()
    bound = replace(given, buildings=(replace(given.buildings[0], leaving_cost=5000.0), given.buildings[1]))
    assert solve(told(bound, most_one_off_cost=6000.0), EXACT).emptied == ("old",)
    assert solve(told(bound, most_one_off_cost=5999.0), EXACT).emptied == ()


def test_a_limit_is_one_for_the_whole_plan():
    """Two towns far apart, one move each to gain: a limit of one move is not granted to each."""
    far = 90_000.0
    rows = [
        building("a1", running_cost_per_year=30_000.0),
        building("a2", may_close=False, x_m=100.0),
        building("b1", x_m=far, running_cost_per_year=20_000.0),
        building("b2", x_m=far + 100, may_close=False),
    ]
    given = problem(rows, [team(row.id + "-t", row.id) for row in rows])
    assert solve(given, EXACT).emptied == ("a1", "b1")
    assert solve(told(given, most_moves=1), EXACT).emptied == ("a1",)
    assert solve(told(given, most_one_off_cost=1000.0), EXACT).emptied == ("a1",)


def test_a_share_is_one_for_all_who_live_anywhere():
    """Half of all may lose their library: one of two, not both."""
    far = 90_000.0
    rows = [
        building("a1", running_cost_per_year=30_000.0),
        building("a2", may_close=False, x_m=900.0),
        building("b1", x_m=far, running_cost_per_year=20_000.0),
        building("b2", x_m=far + 900, may_close=False),
    ]
    teams = [team(row.id + "-t", row.id, counter="library" if row.id.endswith("1") else "") for row in rows]
    homes = (DemandPoint(0, 0, 500.0), DemandPoint(far, 0, 500.0), DemandPoint(far, 10, None))
    given = problem(rows, teams)
    assert solve(told(given, access=Access(450.0, homes, (), 0.5)), EXACT).emptied == ("a1",)
    assert solve(told(given, access=Access(450.0, homes, (), 1.0)), EXACT).emptied == ("a1", "b1")
    assert solve(told(given, access=Access(450.0, homes)), EXACT).emptied == ()


def test_a_lock_moves_a_single_team_where_any_may_move():
    rows = [building("x"), building("y", x_m=50.0, may_close=False)]
    given = problem(rows, [team("t", "x"), team("s", "x", need_m2=10.0)], team_rule=TeamRule.FREE)
    locks = Locks(moving=(("t", "y"),), kept=("x",))
    assert solve(told(given, locks=locks), EXACT).host == {"t": "y", "s": "x"}


def test_those_who_share_a_roof_today_may_stay():
    given = problem([building("one")], [team("a", "one", group="children"), team("b", "one", group="probation")])
    given = told(given, apart=(("children", "probation"),))
    assert solve(given, EXACT).host == {"a": "one", "b": "one"}
    assert any("Under one roof today" in note and "Building one" in note for note in list_notes(given))


def test_rules_survive_json_and_an_old_document_has_none():
    written = random_told(random_problem(5), 3, chance=1.0)
    assert written.settings.rules.access is not None
    document = json.loads(json.dumps(written.to_json()))
    assert Problem.from_json(document) == written
    del document["settings"]["rules"]
    for row in document["teams"]:
        del row["group"], row["counter"]
    old = Problem.from_json(document)
    assert old.settings.rules == Rules()
    assert {row.group + row.counter for row in old.teams} <= {""}


@pytest.mark.parametrize(
    ("rules", "error", "words"),
    [
        ({"most_moves": -1}, SettingOutOfRange, "moves must be 0 or more"),
        ({"most_one_off_cost": float("nan")}, SettingOutOfRange, "one-off costs"),
        ({"least_mix": 0}, SettingOutOfRange, "1 or more"),
        ({"apart": (("office", "office"),)}, SettingOutOfRange, "two different"),
        ({"access": Access(-1.0, ())}, SettingOutOfRange, "0 metres or more"),
        ({"access": Access(1.0, (), (), 1.5)}, SettingOutOfRange, "between 0 and 1"),
        ({"access": Access(1.0, (DemandPoint(float("nan"), 0.0),))}, NotANumber, "position"),
        ({"locks": Locks(kept=("ghost",))}, UnknownInRules, "Building ghost"),
        ({"locks": Locks(moving=(("a", "ghost"),))}, UnknownInRules, "Building ghost"),
        ({"locks": Locks(staying=("nobody",))}, UnknownInRules, "Team nobody"),
        ({"locks": Locks(kept=("old",), emptied=("old",))}, ContradictoryLocks, "Building old is to be kept and to be"),
        ({"locks": Locks(emptied=("new",))}, ContradictoryLocks, "because it is listed"),
        ({"locks": Locks(staying=("a",), moving=(("a", "new"),))}, ContradictoryLocks, "at once"),
        (
            {"locks": Locks(staying=("a",), emptied=("old",))},
            ContradictoryLocks,
            "Building old, which is to be emptied",
        ),
        ({"locks": Locks(moving=(("a", "new"),), barred=(("a", "new"),))}, ContradictoryLocks, "and may not"),
        ({"locks": Locks(barred=(("a", "old"),))}, ContradictoryLocks, "already"),
        ({"locks": Locks(moving=(("b", "old"),))}, ContradictoryLocks, "that building is kept"),
        ({"apart": (("office", "children"),)}, ContradictoryLocks, "both office and children"),
    ],
)
def test_refuses_rules_that_can_not_be_meant(rules, error, words):
    with pytest.raises(error, match=words):
        validated(told(free(), **rules))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x_m": 1001.0}, "further than the distance"),
        ({"accepts": ("clinic",)}, "suit what they do"),
        ({"capacity_m2": 79.0}, "is room for it"),
    ],
)
def test_a_decided_move_keeps_the_estates_own_rules(change, words):
    given = pair()
    given = replace(given, buildings=(given.buildings[0], replace(given.buildings[1], **change)))
    given = told(given, locks=Locks(moving=(("a", "new"),)))
    with pytest.raises(ContradictoryLocks, match=words):
        validated(given)


def test_what_can_not_be_kept_together_is_named_and_nothing_else():
    """Emptying "old" takes a move: a limit of none contradicts it; what else was told has nothing to do with it."""
    given = told(free(), locks=Locks(emptied=("old",), kept=("new",)), most_moves=0, least_mix=1)
    with pytest.raises(NoPlan) as caught:
        solve(given, EXACT)
    assert caught.value.message == (
        "No plan keeps all of these: Building old is emptied, at most 0 moves. "
        "Without any one of them there may be one: take one away."
    )
    assert caught.value.rows == ("old",)


def test_a_decision_that_no_plan_can_follow_is_named_alone():
    given = told(pair(capacity_m2=60.0), locks=Locks(emptied=("old",)), most_moves=5)
    with pytest.raises(NoPlan, match="can do this: Building old is emptied") as caught:
        solve(given, EXACT)
    assert caught.value.rows == ("old",)


def test_without_time_nothing_is_said_to_be_impossible(monkeypatch):
    def out_of_time(*_, **__):
        return solving.Ending(solving.StopReason.TIME, 0)

    monkeypatch.setattr(solving, "run_solver", out_of_time)
    with pytest.raises(NoPlan, match="in the time given that keeps all of these: Building old is emptied"):
        solve(told(pair(), locks=Locks(emptied=("old",))), EXACT)


def test_the_same_plan_with_and_without_a_rule_that_does_not_bind():
    for seed in range(6):
        given = random_problem(seed)
        assert solve(told(given, most_moves=99), EXACT).objective == pytest.approx(solve(given, EXACT).objective)
