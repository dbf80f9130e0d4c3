"""The order of moves on its page: who may ask for it, what is shown in each state, and its file."""

import pytest
from sqlalchemy import text

from estate.optimise.solve import solve
from estate.people.models import Role
from estate.proposals import phasing
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


def test_a_manager_asks_for_the_order_and_a_viewer_reads_that_it_is_at_work(sign_in, session, estate, finished):
    address = f"/proposals/{finished.id}/phasing"
    manager, viewer = sign_in(Role.ASSET_MANAGER, estate.council), sign_in(Role.VIEWER)
    assert "Nobody asked for an order of moves yet" in viewer.get(address).text
    assert "Order the moves" not in viewer.get(address).text
    assert viewer.get(f"{address}.csv").status_code == 409
    answer = manager.submit(address, {"moves_per_year": "5", "capital_per_year": "£60,000"}, page=address)
    assert answer.location == address
    tasks = session.scalars(text("SELECT task_name FROM procrastinate_jobs")).all()
    assert tasks == [phasing.PHASE_TASK]
    assert finished.summary["phasing"]["limits"]["capital_per_year"] == 60_000
    assert "The order of moves is being worked out" in viewer.get(address).text


def test_a_limit_that_cannot_be_is_a_sentence(sign_in, estate, finished):
    address = f"/proposals/{finished.id}/phasing"
    manager = sign_in(Role.ASSET_MANAGER, estate.council)
    answer = manager.submit(address, {"moves_per_year": "0"}, page=address)
    assert answer.status_code == 422
    assert "Enter a number of teams from 1 to 100,000" in answer.text
    answer = manager.submit(address, {"capital_per_year": "-5"}, page=address)
    assert "Enter an amount of 0 or more" in answer.text


def test_a_run_without_a_result_has_no_order(sign_in, session, estate):
    waiting = start(session, actor=None, area=estate.area)
    assert sign_in(Role.VIEWER).get(f"/proposals/{waiting.id}/phasing").status_code == 404
