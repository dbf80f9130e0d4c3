"""Decisions, limits and public access: from the options, over the register's rows, to the stored result."""

import json
from decimal import Decimal

import pytest
from click.testing import CliRunner

from estate.cli import main
from estate.db import make_session
from estate.optimise.rules import Locks, Rules
from estate.optimise.solve import solve
from estate.proposals.build import problem_for
from estate.proposals.errors import NoPeopleToServe, OptionsInvalid
from estate.proposals.models import RunStatus
from estate.proposals.options import Options
from estate.proposals.queries import get_proposal, list_outcomes
from estate.proposals.runs import perform, start
from estate.proposals.store import store
from tests import factories
from tests.db.proposals.conftest import make_estate


def test_options_with_rules_survive_json():
    rules = Rules(locks=Locks(kept=("1",), moving=(("occupation:2", "1"),)), most_moves=3, apart=(("a", "b"),))
    options = Options(rules=rules, access_m=800.0, access_fall_ratio=0.05)
    assert Options.from_json(json.loads(json.dumps(options.to_json()))) == options
    assert Options.from_json({"seed": 4}) == Options(seed=4)


@pytest.mark.parametrize(
    "wrong", [{"access_m": -1.0}, {"access_fall_ratio": 0.1}, {"access_m": 5.0, "access_fall_ratio": 2.0}]
)
def test_options_that_can_not_be_are_refused(wrong):
    with pytest.raises(OptionsInvalid):
        Options(**wrong)


def test_a_decision_is_kept_and_told(session, estate):
    proposal = start(session, actor=None, area=estate.area, is_queued=False)
    options = Options(rules=Rules(locks=Locks(kept=(str(estate.old.id),)), most_moves=5))
    problem = problem_for(session, estate.area, options)
    store(session, proposal, problem, solve(problem))
    assert proposal.summary["told"] == ["Old Office is kept", "At most 5 moves"]
    assert proposal.summary["kept_causes"][str(estate.old.id)] == "kept_by_decision"
    assert proposal.summary["may_be_emptied"] == [str(estate.old.id)]
    assert {row.outcome.value for row in list_outcomes(session, proposal)} == {"kept"}


def test_teams_have_their_service_and_counter(session, estate):
    factories.make_occupation(session, estate.old, team="Desk", fte=Decimal(1), is_public_counter=True)
    team = {team.name: team for team in problem_for(session, estate.area, Options()).teams}["Desk"]
    assert team.counter == "service not recorded"


def test_people_keep_a_counter_near(session, estate):
    factories.make_occupation(session, estate.old, team="Desk", fte=Decimal(1), is_public_counter=True)
    assert solve(problem_for(session, estate.area, Options())).emptied == (str(estate.old.id),)
    with pytest.raises(NoPeopleToServe):
        problem_for(session, estate.area, Options(access_m=400.0))
    factories.make_small_areas(session)
    problem = problem_for(session, estate.area, Options(access_m=400.0))
    assert problem.settings.rules.access is not None
    assert len(problem.settings.rules.access.points) >= 1
    assert solve(problem).emptied == ()


def test_a_run_whose_decisions_contradict_one_another_fails_with_their_names(committed):
    with make_session.begin() as session:
        estate = make_estate(session)
        options = Options(rules=Rules(locks=Locks(emptied=(str(estate.old.id),)), most_moves=0))
        run_id = start(session, actor=None, area=estate.area, options=options, is_queued=False).id
    perform(run_id)
    with make_session.begin() as session:
        proposal = get_proposal(session, run_id)
        assert proposal.run_status is RunStatus.FAILED
        assert proposal.message is not None
        assert "No plan keeps all of these: Old Office is emptied, at most 0 moves." in proposal.message


def test_propose_takes_rules_and_prints_json(committed):
    with make_session.begin() as session:
        estate = make_estate(session)
        code, old = estate.area.code, str(estate.old.id)
    told = ["--keep", old, "--most-moves", "9", "--least-mix", "2", "--apart", "clinic", "office", "--json"]
    result = CliRunner().invoke(main, ["propose", "--area", code, *told])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["options"]["rules"]["locks"]["kept"] == [old]
    assert found["summary"]["told"][0] == "Old Office is kept"
    assert {row["outcome"] for row in found["buildings"]} == {"kept"}
    assert found["moves"] == []
    assert found["bound"] == found["objective"]
