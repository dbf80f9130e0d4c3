"""Problems survive JSON, and those that can't be true are refused with a sentence that names the rows."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, strategies

from estate.errors import InvalidInput
from estate.optimise.errors import (
    DuplicateId,
    NegativeFigure,
    NotANumber,
    PayersDoNotAddUp,
    ProblemUnreadable,
    SettingOutOfRange,
    UnknownHome,
)
from estate.optimise.problem import Payer, Problem, TeamRule
from estate.optimise.validate import list_notes, validated
from tests.unit.optimise.problems import building, pair, problem, random_problem, settings, team


@given(strategies.integers(0, 10_000), strategies.sampled_from(TeamRule))
def test_a_problem_survives_json(seed, rule):
    written = random_problem(seed, rule)
    assert Problem.from_json(json.loads(json.dumps(written.to_json()))) == written


def test_payers_and_assumptions_survive_json():
    rows = [building("a", payers=(Payer("x", 0.5), Payer("y", 0.5)), estimates=("running_cost_per_year",))]
    written = problem(rows, [], assumptions=(("discount rate", "3.5 %"),))
    assert Problem.from_json(json.loads(json.dumps(written.to_json()))) == written


def test_leaving_survives_json_and_an_old_document_has_none():
    rows = [building("a", leaving_cost=500.0, leaving_reason="of rent", leaving_payers=(Payer("x", 1.0),))]
    document = json.loads(json.dumps(problem(rows, []).to_json()))
    assert Problem.from_json(document).buildings == tuple(rows)
    for name in ("leaving_cost", "leaving_reason", "leaving_payers"):
        del document["buildings"][0][name]
    assert Problem.from_json(document).buildings == (building("a"),)


@pytest.mark.parametrize("document", [{}, {"format": "estate-problem-9"}, {"format": "estate-problem-1"}, [], None])
def test_other_documents_are_not_problems(document):
    with pytest.raises(ProblemUnreadable):
        Problem.from_json(document)


@pytest.mark.parametrize(
    ("figure", "value", "error"),
    [
        ("x_m", float("nan"), NotANumber),
        ("capacity_m2", float("inf"), NotANumber),
        ("capacity_m2", -1.0, NegativeFigure),
        ("running_cost_per_year", float("nan"), NotANumber),
        ("running_cost_per_year", -0.01, NegativeFigure),
        ("hosting_cost_per_m2_per_year", -1.0, NegativeFigure),
        ("leaving_cost", -1.0, NegativeFigure),
        ("leaving_cost", float("inf"), NotANumber),
    ],
)
def test_refuses_a_building_figure(figure, value, error):
    with pytest.raises(error, match="building wrong") as caught:
        validated(problem([building("right"), building("wrong", **{figure: value})], []))
    assert caught.value.rows == ("wrong",)
    assert isinstance(caught.value, InvalidInput)


@pytest.mark.parametrize(
    ("figure", "value", "error"),
    [
        ("need_m2", float("nan"), NotANumber),
        ("need_m2", -1.0, NegativeFigure),
        ("move_cost", float("-inf"), NotANumber),
        ("fte", -1.0, NegativeFigure),
    ],
)
def test_refuses_a_team_figure(figure, value, error):
    with pytest.raises(error, match="team wrong"):
        validated(problem([building("b")], [team("wrong", "b", **{figure: value})]))


def test_refuses_duplicates_and_unknown_homes():
    with pytest.raises(DuplicateId, match="buildings appear more than once: b"):
        validated(problem([building("b"), building("b")], []))
    with pytest.raises(DuplicateId, match="teams appear more than once: t"):
        validated(problem([building("b")], [team("t", "b"), team("t", "b")]))
    with pytest.raises(UnknownHome, match="team t"):
        validated(problem([building("b")], [team("t", "elsewhere")]))


@pytest.mark.parametrize("shares", [(0.5, 0.4), (1.5, -0.5), (0.0, 1.0)])
def test_refuses_payers_that_do_not_add_up(shares):
    payers = tuple(Payer(str(number), share) for number, share in enumerate(shares))
    with pytest.raises(PayersDoNotAddUp, match="building b"):
        validated(problem([building("b", payers=payers)], []))
    with pytest.raises(PayersDoNotAddUp, match="building b"):
        validated(problem([building("b", leaving_payers=payers)], []))


@pytest.mark.parametrize(
    "change",
    [
        {"max_move_m": -1.0},
        {"max_move_m": float("nan")},
        {"horizon_years": 0},
        {"discount_rate": 1.0},
        {"annuity_ratio": 0.0},
        {"annuity_ratio": float("nan")},
    ],
)
def test_refuses_settings_out_of_range(change):
    with pytest.raises(SettingOutOfRange):
        validated(replace(pair(), settings=settings(**change)))


def test_many_rows_are_named_by_the_first_few():
    with pytest.raises(NegativeFigure, match=r"b0, b1, b2, b3, b4 and 4 more"):
        validated(problem([building(f"b{number}", capacity_m2=-1.0) for number in range(9)], []))


def test_notes_name_what_is_possible_but_odd():
    rows = [building("a"), building("b")]
    notes = list_notes(problem(rows, [team("giant", "a", need_m2=5000.0)]))
    assert any("Larger than any building" in note and "Team giant" in note for note in notes)
    assert any("share one point" in note and "Building a, Building b" in note for note in notes)
