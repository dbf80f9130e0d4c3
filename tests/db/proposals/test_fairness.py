"""Fair shares: groups are solved with their own buildings and teams, and what is kept adds up to the plan's saving."""

from contextlib import nullcontext
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from estate.db import make_session
from estate.optimise import Limits, Problem
from estate.optimise.problem import Building, Payer, Settings, Team
from estate.proposals import coalitions, fairness, queries, runs
from estate.proposals.cash import cash_frame, cash_of
from estate.proposals.coalitions import agencies_of, problem_of, shares_of
from estate.proposals.errors import SharingAtWork
from estate.register.models import Assumption
from tests.db.proposals.conftest import make_estate


def building(number, agency, cost, capacity):
    return Building(
        id=str(number), name=f"House {number}", area_id="a", x_m=float(number), y_m=0.0, capacity_m2=capacity,
        running_cost_per_year=cost, accepts=("office",), payers=(Payer(agency, 1.0),),
    )  # fmt: skip


def team(number, home, agency, need=100.0):
    return Team(id=f"t{number}", name=f"Team {number}", home=str(home), agency=agency, use="office", need_m2=need)


def problem():
    """A has two houses and can empty one by itself; B's and C's teams fit only into A's large one."""
    return Problem(
        buildings=(
            building(1, "A", 1000.0, 400.0),
            building(2, "A", 500.0, 100.0),
            building(3, "B", 700.0, 100.0),
            building(4, "C", 300.0, 100.0),
        ),
        teams=(team(1, 1, "A"), team(2, 2, "A"), team(3, 3, "B"), team(4, 4, "C")),
        settings=Settings(annuity_ratio=0.12),
    )


def test_a_group_has_its_own_buildings_and_teams_only():
    assert agencies_of(problem()) == ("A", "B", "C")
    alone = problem_of(problem(), {"B"})
    assert [each.id for each in alone.buildings] == ["3"]
    shared = problem_of(
        Problem((building(1, "A", 1.0, 300.0),), (team(1, 1, "A"), team(2, 1, "B", 120.0)), problem().settings), {"A"}
    )
    assert [each.id for each in shared.teams] == ["t1"]
    assert shared.buildings[0].capacity_m2 == 180
    assert not shared.buildings[0].may_close


def test_shares_of_three_agencies_by_hand():
    """Alone: A 500 of its second house, or nothing. With A, B brings 700 and C 300: of 1,500 A gets half of both."""
    found = shares_of(problem(), 1500.0, Limits(time_limit_s=5), 30.0)
    assert [(row.agency, round(row.alone), round(row.share)) for row in found.rows] == [
        ("A", 500, 1000),
        ("B", 0, 350),
        ("C", 0, 150),
    ]
    assert (found.method, found.groups, found.unproven) == ("shapley", 6, 0)
    assert "No group of agencies would do better" in found.sentence
    assert shares_of(problem(), 0.0, Limits(), 1.0) is None


@pytest.mark.parametrize(
    ("unproven", "sentence"),
    [
        (1, "No agency would do better alone."),
        (1000, "No agency does better by the best plan found for it alone; of 7 of 7 agencies that is not proven."),
    ],
)
def test_many_agencies_are_sampled_with_an_interval(monkeypatch, unproven, sentence):
    def half_of_all_they_cost(part, _):
        cost = sum(each.running_cost_per_year for each in part.buildings)
        return SimpleNamespace(saving_per_year=cost / 2, cost_today_per_year=cost, bound=cost / 2 - unproven)

    monkeypatch.setattr(coalitions, "solve", half_of_all_they_cost)
    names = "ABCDEFG"
    own = tuple(building(at, name, 100.0 * (at + 1), 100.0) for at, name in enumerate(names))
    seven = Problem(own, tuple(team(at, at, name) for at, name in enumerate(names)), problem().settings)
    found = shares_of(seven, 2700.0, Limits(time_limit_s=1), 1.0)
    assert found.method == "sampled"
    assert sum(row.share for row in found.rows) == pytest.approx(2700)
    assert [row.alone for row in found.rows] == [50, 100, 150, 200, 250, 300, 350]
    assert all(row.lowest <= row.share <= row.highest for row in found.rows)
    assert found.unproven == found.groups
    assert found.sentence.startswith(sentence)


def test_who_pays_only_when_a_building_is_left_has_a_share_too():
    left = replace(building(1, "A", 1.0, 300.0), leaving_cost=5.0, leaving_payers=(Payer("Z", 1.0),))
    assert agencies_of(Problem((left,), (), problem().settings)) == ("A", "Z")


def test_who_would_walk_away_is_named(monkeypatch):
    """Each pair brings nearly all, so no split holds everyone."""

    def what_pairs_bring(part, _):
        saving = 900.0 if len(part.buildings) == 2 else 0.0
        return SimpleNamespace(saving_per_year=saving, cost_today_per_year=saving, bound=0.0)

    monkeypatch.setattr(coalitions, "solve", what_pairs_bring)
    own = tuple(building(at, str(at), 100.0, 100.0) for at in range(3))
    three = Problem(own, tuple(team(at, at, str(at)) for at in range(3)), problem().settings)
    names = {"0": "Testshire Council", "1": "Testshire NHS", "2": "Testshire Police"}
    found = shares_of(three, 1000.0, Limits(time_limit_s=1), 1.0, names)
    assert "No split can hold everyone" in found.sentence
    assert "together gain £233.33 a year more by walking away; so would 2 other groups." in found.sentence
    assert sum(name in found.sentence for name in names.values()) == 2
    assert [row.agency for row in found.rows] == ["0", "1", "2"]


def test_half_a_penny_between_pence_and_savings_changes_nothing(monkeypatch):
    def all_that_two_bring(part, _):
        saving = 100_000.004 if {each.id for each in part.buildings} == {"0", "1"} else 0.0
        return SimpleNamespace(saving_per_year=saving, cost_today_per_year=saving, bound=0.0)

    monkeypatch.setattr(coalitions, "solve", all_that_two_bring)
    own = tuple(building(at, name, 100.0, 100.0) for at, name in enumerate("ABC"))
    three = Problem(own, tuple(team(at, at, name) for at, name in enumerate("ABC")), problem().settings)
    found = shares_of(three, 100_000.0, Limits(time_limit_s=1), 1.0)
    assert found.method == "shapley"
    assert found.rows[2].share == 0
    assert sum(row.share for row in found.rows) == pytest.approx(100_000, abs=1e-6)


@pytest.fixture
def run_id(committed):
    with make_session.begin() as session:
        made = runs.start(session, actor=None, area=make_estate(session).area, is_queued=False).id
    runs.perform(made)
    return made


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(ValueError(), "error of ours"), (KeyboardInterrupt(), "was stopped"), (None, "not a problem")],
)
def test_whatever_ends_the_work_nobody_waits_for_ever(run_id, monkeypatch, error, sentence):
    def fails(*_):
        raise error

    with make_session.begin() as session:
        proposal = queries.get_proposal(session, run_id)
        fairness.start(session, proposal, actor=None)
        if error is None:
            proposal.problem = {"format": 0}
    if error is not None:
        monkeypatch.setattr(fairness, "shares_of", fails)
    with pytest.raises(KeyboardInterrupt) if isinstance(error, KeyboardInterrupt) else nullcontext():
        fairness.perform(run_id)
    with make_session.begin() as session:
        proposal = queries.get_proposal(session, run_id)
        found = fairness.fairness_of(session, proposal)
        assert found.state == "failed"
        assert sentence in found.sentence
        fairness.start(session, proposal, actor=None)


def test_cash_keeps_the_rates_of_its_day(run_id):
    with make_session() as session:
        before = cash_of(session, queries.get_proposal(session, run_id)).whole.net_present_value
        newest = select(Assumption).where(Assumption.code == "discount_rate").order_by(Assumption.valid_from.desc())
        session.scalars(newest.limit(1)).one().value = Decimal("0.09")
        session.flush()
        assert cash_of(session, queries.get_proposal(session, run_id)).whole.net_present_value == before
        session.rollback()


def test_shares_are_kept_with_the_proposal_and_add_up_to_the_penny(run_id):
    with make_session.begin() as session:
        proposal = queries.get_proposal(session, run_id)
        fairness.start(session, proposal, actor=None)
        with pytest.raises(SharingAtWork):
            fairness.start(session, proposal, actor=None)
        assert fairness.fairness_of(session, proposal).state == "queued"
    fairness.perform(run_id)
    with make_session.begin() as session:
        proposal = queries.get_proposal(session, run_id)
        found, cash = fairness.fairness_of(session, proposal), cash_of(session, proposal)
        assert (found.state, found.method) == ("done", "shapley")
        assert sorted(found.names) == ["Testshire Council", "Testshire NHS"]
        saving = float(proposal.baseline - proposal.objective)
        assert [row.alone for row in found.rows] == [0, 0], "both pay for the old office: neither empties it alone"
        assert [row.share for row in found.rows] == pytest.approx([saving / 2] * 2)
        schedule = fairness.schedule_of(cash, found)
        assert schedule.short_years == (0,)
        assert all(sum(moved[year] for moved in schedule.transfers.values()) == 0 for year in range(11))
        assert all(amount >= 0 for after in schedule.after.values() for amount in after[1:])
        assert cash.whole.net_present_value == pytest.approx(
            Decimal(proposal.summary["net_present_value"]), abs=Decimal("0.02")
        )
        frame = cash_frame(cash)
        lines = frame[frame["line"] != "Sum"].groupby("agency")["year_1"].sum()
        sums = frame[frame["line"] == "Sum"].set_index("agency")["year_1"]
        assert lines.to_dict() == sums.to_dict()


def test_a_problem_that_can_not_be_read_ends_in_a_sentence(run_id, monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(fairness, "shares_of", fail)
    fairness.perform(run_id)
    with make_session() as session:
        found = fairness.fairness_of(session, queries.get_proposal(session, run_id))
        assert (found.state, found.sentence) == ("failed", fairness.WENT_WRONG)
