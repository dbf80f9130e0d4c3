"""A run from start to stored result: honest about how it ended, and never without a sentence."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import undefer

from estate.audit import history
from estate.db import make_session
from estate.optimise import Problem
from estate.optimise.check import Plan, checked_cost_per_year
from estate.proposals import queries, runs
from estate.proposals.errors import AreaUnknown, LevelTooLarge, LevelUnknown, ProposalNotFound, RunEnded
from estate.proposals.models import Proposal, ProposalMove, RunStatus
from estate.proposals.options import Options
from estate.proposals.store import problem_sha256
from estate.worker import make_app
from tests import factories
from tests.db.proposals.conftest import make_estate


@pytest.fixture
def run_id(committed):
    """A run that waits in the queue, committed."""
    with make_session.begin() as session:
        return runs.start(session, actor=None, area=make_estate(session).area).id


def loaded(session, run_id):
    return session.scalars(select(Proposal).where(Proposal.id == run_id).options(undefer(Proposal.problem))).one()


def jobs(session):
    return session.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()


def test_a_run_is_stored_with_its_proof_and_its_problem(run_id):
    runs.perform(run_id)
    with make_session() as session:
        proposal = loaded(session, run_id)
        assert proposal.run_status is RunStatus.FINISHED
        assert proposal.solver_status == "optimal"
        assert proposal.gap == 0
        assert proposal.objective == proposal.bound
        assert "proven to be optimal" in proposal.message
        assert proposal.problem_sha256 == problem_sha256(proposal.problem)
        problem = Problem.from_json(proposal.problem)
        moves = queries.list_moves(session, proposal)
        assert {move.team for move in moves} == {"Planning", "Health visitors"}
        assert {(move.from_building.name, move.to_building.name) for move in moves} == {("Old Office", "Town Hall")}
        emptied, host = queries.list_outcomes(session, proposal)
        assert (emptied.building.name, emptied.outcome.value) == ("Old Office", "emptied")
        assert emptied.reason.startswith("Emptied: its 2 teams move to Town Hall.")
        assert (host.building.name, host.used_m2) == ("Town Hall", Decimal("350.00"))
        placed = {team.id: str(host.building_id) for team in problem.teams}
        assert checked_cost_per_year(problem, Plan(frozenset({str(host.building_id)}), placed)) == pytest.approx(
            float(proposal.objective), abs=0.01
        )
        assert runs.replay(proposal).objective == pytest.approx(float(proposal.objective), abs=0.01)
        assert [event.action for event in history(session, "proposal", run_id)] == ["finish_proposal", "start_proposal"]


def test_positions_add_up_to_the_penny(run_id):
    runs.perform(run_id)
    with make_session() as session:
        proposal = loaded(session, run_id)
        rows = queries.list_positions(session, proposal)
        assert {row.agency.name: row.released_per_year for row in rows} == {
            "Testshire Council": Decimal("40000.00"),
            "Testshire NHS": Decimal("20000.01"),
        }
        summary = proposal.summary
        for figure in ("released_per_year", "added_per_year", "one_off_cost"):
            assert sum(getattr(row, figure) for row in rows) == Decimal(summary[figure])
        annuity = Problem.from_json(proposal.problem).settings.annuity_ratio
        again = float(proposal.baseline) - float(summary["saving_per_year"]) + annuity * float(summary["one_off_cost"])
        assert again == pytest.approx(float(proposal.objective), abs=0.05)
        assert sum(row.emptied_count for row in rows) == summary["counts"]["emptied"] == 1


def test_frames_for_maps_and_downloads(run_id):
    runs.perform(run_id)
    with make_session() as session:
        proposal = loaded(session, run_id)
        outcomes = queries.outcomes_frame(session, proposal)
        assert list(outcomes.columns) == list(queries.BUILDING_COLUMNS)
        assert outcomes.set_index("name").loc["Old Office", ["lon", "lat", "use"]].tolist() == [-2.3, 53.4, "Office"]
        moves = queries.moves_frame(session, proposal)
        assert moves["to_lon"].tolist() == [-2.31, -2.31]
        assert moves["distance_m"].between(660, 668).all()


def test_start_and_job_are_one_transaction(session, estate):
    with session.begin_nested() as savepoint:
        proposal = runs.start(session, actor=None, area=estate.area)
        assert jobs(session) == [(runs.PERFORM_TASK, {"run_id": proposal.id})]
        savepoint.rollback()
    assert jobs(session) == []
    runs.start(session, actor=None, area=estate.area, is_queued=False)
    assert jobs(session) == []


async def work(app):
    """Does all jobs there are."""
    await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)


def test_the_worker_takes_the_run_from_the_queue(run_id, database_url):
    async def work_once():
        app = make_app(database_url)
        async with app.open_async():
            await work(app)

    asyncio.run(work_once())
    with make_session() as session:
        assert loaded(session, run_id).run_status is RunStatus.FINISHED
        assert session.scalar(text("SELECT status FROM procrastinate_jobs WHERE task_name = 'proposals.perform'")) == (
            "succeeded"
        )


def test_the_job_of_a_killed_worker_is_taken_by_another(run_id, database_url):
    async def die_and_recover():
        app = make_app(database_url)
        async with app.open_async():
            dead = await app.job_manager.register_worker()
            job = await app.job_manager.fetch_job(queues=[runs.QUEUE], worker_id=dead)
            assert job is not None
            long_ago = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
            await app.connector.execute_query_async(long_ago)
            await app.tasks["jobs.retry_stalled"].defer_async(timestamp=0)
            await work(app)
            await work(app)

    asyncio.run(die_and_recover())
    with make_session() as session:
        assert loaded(session, run_id).run_status is RunStatus.FINISHED


def test_performing_twice_changes_nothing(run_id):
    runs.perform(run_id)
    with make_session() as session:
        first = loaded(session, run_id).finished_at
    runs.perform(run_id)
    with make_session() as session:
        assert loaded(session, run_id).finished_at == first


def test_a_run_whose_worker_died_is_done_by_another(run_id):
    with make_session.begin() as session:
        loaded(session, run_id).run_status = RunStatus.RUNNING
    runs.perform(run_id)
    with make_session() as session:
        assert loaded(session, run_id).run_status is RunStatus.FINISHED


def test_an_error_of_the_input_ends_in_its_sentence(run_id):
    with make_session.begin() as session:
        session.execute(text("UPDATE proposal SET options = options || '{\"time_limit_s\": -1}'"))
    runs.perform(run_id)
    with make_session() as session:
        proposal = loaded(session, run_id)
        assert proposal.run_status is RunStatus.FAILED
        assert proposal.message == "The time limit must be between 1 and 3,600 seconds."


def test_an_error_of_ours_ends_in_a_sentence_too(run_id, monkeypatch):
    def break_down(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(runs, "solve", break_down)
    with pytest.raises(ZeroDivisionError):
        runs.perform(run_id)
    with make_session() as session:
        proposal = loaded(session, run_id)
        assert proposal.run_status is RunStatus.FAILED
        assert f"tell the operator run {run_id}" in proposal.message
        assert session.scalars(select(ProposalMove)).all() == []


def test_cancelling_a_queued_run(run_id):
    with make_session.begin() as session:
        runs.cancel(session, loaded(session, run_id), actor=None)
    runs.perform(run_id)
    with make_session.begin() as session:
        proposal = loaded(session, run_id)
        assert proposal.run_status is RunStatus.CANCELLED
        assert "before it began" in proposal.message
        with pytest.raises(RunEnded):
            runs.cancel(session, proposal, actor=None)


def test_cancelling_a_running_run_keeps_its_best_plan(run_id, monkeypatch):
    from estate.optimise import supervise

    hang = "import sys, time; sys.stdin.buffer.read(); time.sleep(60)"
    monkeypatch.setattr(supervise, "SOLVER_COMMAND", ("/usr/bin/env", "python3", "-c", hang))

    def cancel(progress):
        with make_session.begin() as session:
            runs.cancel(session, loaded(session, run_id), actor=None)

    runs.perform(run_id, on_progress=cancel)
    with make_session() as session:
        proposal = loaded(session, run_id)
        assert proposal.run_status is RunStatus.FINISHED
        assert proposal.summary["stop_reason"] == "cancelled"
        assert "The run was cancelled before the search was finished" in proposal.message
        assert "optimal" not in proposal.message
        assert proposal.summary["counts"]["emptied"] == 1


def test_a_worker_that_dies_while_a_run_is_stopped_leaves_no_page_waiting(run_id):
    with make_session.begin() as session:
        proposal = loaded(session, run_id)
        proposal.run_status = RunStatus.RUNNING
        session.flush()
        runs.cancel(session, proposal, actor=None)
        assert proposal.is_at_work
    runs.perform(run_id)
    with make_session() as session:
        proposal = loaded(session, run_id)
        assert (proposal.run_status, proposal.is_at_work) == (RunStatus.CANCELLED, False)
        assert "Run it again" in proposal.message


def test_an_area_without_buildings_says_so(committed):
    with make_session.begin() as session:
        run_id = runs.start(session, actor=None, area=factories.make_area(session)).id
    runs.perform(run_id)
    with make_session() as session:
        proposal = loaded(session, run_id)
        assert proposal.solver_status == "empty_area"
        assert "nothing to propose" in proposal.message
        assert proposal.run_status is RunStatus.FINISHED


def test_levels_are_checked(session, estate):
    factories.make_level(session, "county")
    with pytest.raises(LevelTooLarge):
        runs.start(session, actor=None, area=estate.area, options=Options(level_code="county"))
    with pytest.raises(LevelUnknown):
        runs.start(session, actor=None, area=estate.area, options=Options(level_code="parish"))


def test_unknown_area_and_proposal(session):
    with pytest.raises(AreaUnknown, match="E0X"):
        queries.get_area(session, "district", "E0X")
    with pytest.raises(ProposalNotFound):
        queries.get_proposal(session, 2**70)
