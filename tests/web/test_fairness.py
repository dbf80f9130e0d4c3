"""Cash and fairness on a proposal's page: who may ask for shares, and what is shown in each state."""

import pytest
from sqlalchemy import text

from estate.optimise.solve import solve
from estate.people.models import Role
from estate.proposals import fairness
from estate.proposals.build import problem_for
from estate.proposals.coalitions import shares_of
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


def test_a_manager_asks_for_shares_and_a_viewer_reads_them(sign_in, session, estate, finished):
    address = f"/proposals/{finished.id}"
    manager = sign_in(Role.ASSET_MANAGER, estate.council)
    page = manager.get(address).text
    assert "Cash by year" in page
    assert "Nobody asked for fair shares yet" in page
    answer = manager.submit(f"{address}/fairness", {}, page=address)
    assert answer.location == f"{address}#fairness"
    assert session.scalar(text("SELECT task_name FROM procrastinate_jobs")) == fairness.SHARE_TASK
    assert "Fair shares are being worked out" in manager.get(address).text
    problem = problem_for(session, estate.area, Options())
    saving = float(finished.baseline - finished.objective)
    found = shares_of(problem, saving, Options().limits, 10.0)
    fairness.keep(finished, found, seconds=1.25)
    page = sign_in(Role.VIEWER).get(address).text
    assert "After these transfers no agency is worse off in any later year." in page
    assert "Shapley value: what each agency adds" in page
    assert "2 groups of agencies were solved" in page
    assert "Work them out again" not in page


def test_the_file_of_cash_has_every_line_and_its_sum(sign_in, finished):
    answer = sign_in(Role.VIEWER).get(f"/proposals/{finished.id}/cash.csv")
    rows = [line.split(",") for line in answer.text.lstrip("\ufeff").splitlines()]
    assert rows[0][:4] == ["agency", "line", "year_0", "year_1"]
    assert [row[1] for row in rows[1:6]][-1] == "Sum"
    assert {row[0] for row in rows[1:]} == {"Testshire Council", "Testshire NHS", "All together"}


def test_a_plan_that_saves_nothing_has_nothing_to_share(sign_in, session, estate, finished):
    finished.objective = finished.baseline
    session.flush()
    manager = sign_in(Role.ASSET_MANAGER, estate.council)
    address = f"/proposals/{finished.id}"
    assert "There is no saving to share" in manager.get(address).text
    assert manager.submit(f"{address}/fairness", {}, page="/proposals/new").status_code == 409


def test_a_run_without_a_result_has_no_cash(sign_in, session, estate):
    waiting = start(session, actor=None, area=estate.area)
    assert sign_in(Role.VIEWER).get(f"/proposals/{waiting.id}/cash.csv").status_code == 404
