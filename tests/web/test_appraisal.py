"""The appraisal's page and files: who reads them, and that they say the same."""

import json

import pytest

from estate.optimise.solve import solve
from estate.people.models import Role
from estate.proposals.build import problem_for
from estate.proposals.options import Options
from estate.proposals.runs import start
from estate.proposals.store import store
from tests import factories
from tests.db.proposals.conftest import make_estate


@pytest.fixture
def estate(session):
    factories.make_place(session)
    return make_estate(session)


@pytest.fixture
def finished(session, estate):
    proposal = start(session, actor=None, area=estate.area, is_queued=False)
    problem = problem_for(session, estate.area, Options())
    store(session, proposal, problem, solve(problem))
    session.flush()
    return proposal


def test_a_viewer_reads_the_appraisal(sign_in, finished):
    viewer = sign_in(Role.VIEWER)
    assert f"/proposals/{finished.id}/appraisal" in viewer.get(f"/proposals/{finished.id}").text
    page = viewer.get(f"/proposals/{finished.id}/appraisal").text
    for words in ("Optimism bias", "−£9,000.00", "Running cost of Old Office", "What to survey next", "unknown"):
        assert words in page
    document = json.loads(viewer.get(f"/proposals/{finished.id}/appraisal.json").text)
    assert document["cash"]["by_year"][0] == "-53250.00"
    rows = [line.split(",") for line in viewer.get(f"/proposals/{finished.id}/appraisal.csv").text.splitlines()]
    assert rows[-1][0] == "Sum"
    assert rows[-1][1] == "-53250.00"
    assert sum(float(row[2]) for row in rows[1:-1]) == pytest.approx(float(rows[-1][2]), abs=0.001)


def test_a_receipt_that_nobody_knows_is_not_shown_as_nothing(sign_in, finished):
    page = sign_in(Role.VIEWER).get(f"/proposals/{finished.id}/appraisal").text
    assert "no tenure is recorded" in page
    assert "unknown for 1 of 1 emptied" in page
    assert "Receipts, gross" not in page, "no line of £0.00"
    assert "not owned" not in page


def test_a_proposal_without_its_problem_says_what_to_do(sign_in, session):
    factories.make_place(session)
    proposal = factories.make_finished_proposal(session)
    answer = sign_in(Role.VIEWER).get(f"/proposals/{proposal.id}/appraisal")
    assert answer.status_code == 409
    assert "Start another for the same area" in answer.text


def test_a_run_without_a_result_has_no_appraisal(sign_in, session, estate):
    waiting = start(session, actor=None, area=estate.area)
    for kind in ("", ".csv", ".json"):
        assert sign_in(Role.VIEWER).get(f"/proposals/{waiting.id}/appraisal{kind}").status_code == 404
