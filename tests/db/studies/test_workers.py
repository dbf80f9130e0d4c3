"""Many workers on one database, one of them killed or cut off in the middle: every area is done, and stored once."""

import os
import signal
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from estate.db import make_session
from estate.proposals import studies
from estate.register.areas import assign_areas
from tests import factories
from tests.db.imports.workers import Eye
from tests.db.studies.machines import Machine, can_make_machines, machines

WARDS = 16
COUNT_STORING = """
    CREATE TABLE stored (part_id bigint);
    CREATE FUNCTION count_stored() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO stored VALUES (NEW.id); RETURN NEW; END $$;
    CREATE TRIGGER count_stored AFTER UPDATE ON study_part FOR EACH ROW
    WHEN (OLD.status = 'running' AND NEW.status = 'finished') EXECUTE FUNCTION count_stored();
"""

pytestmark = pytest.mark.skipif(not can_make_machines(), reason="may not make network namespaces here")


@pytest.fixture
def eye(committed: Engine, database_url: str):
    """Counts in the database itself how often a result was stored."""
    eye = Eye(database_url)
    with committed.begin() as connection:
        connection.exec_driver_sql(COUNT_STORING)
    yield eye
    with committed.begin() as connection:
        connection.exec_driver_sql("DROP TABLE stored; DROP FUNCTION count_stored CASCADE")


@pytest.fixture
def study_id(eye: Eye) -> int:
    """A county of wards with a hall and an office each, by ward and by county."""
    with make_session.begin() as session:
        county = factories.make_area(session, level="county", bounds=(-2.4, 53.3, -2.4 + WARDS * 0.01, 53.5))
        council = factories.make_agency(session)
        for number in range(WARDS):
            west = -2.4 + number * 0.01
            factories.make_area(session, level="ward", bounds=(west, 53.3, west + 0.01, 53.5))
            for lon in (west + 0.003, west + 0.006):
                building = factories.make_building(
                    session, agency=council, lonlat=(lon, 53.4), net_internal_area_m2=Decimal(400)
                )
                factories.make_occupation(session, building, fte=Decimal(8))
                factories.make_running_cost(session, building, amount=Decimal(30_000))
        assign_areas(session)
        return studies.start(session, actor=None, area=county, level_codes=["ward", "county"]).id


def held_by(eye: Eye) -> list[tuple[int, str]]:
    """The areas at work and by which process."""
    return eye.ask("SELECT id, split_part(worker, ':', 2) FROM study_part WHERE status = 'running'")


def freeze_at_work(eye: Eye, machine: Machine) -> int:
    """Stops the machine's worker in the middle of an area, and gives the area's id."""
    (worker,) = machine.workers

    def own() -> list[int]:
        return [part_id for part_id, pid in held_by(eye) if pid == str(worker.pid)]

    while True:
        eye.wait_for(lambda: bool(own()), "the worker has an area")
        worker.send_signal(signal.SIGSTOP)
        if parts := own():
            return parts[0]
        worker.send_signal(signal.SIGCONT)


def let_the_frozen_seem_dead(eye: Eye, part_id: int) -> None:
    """As if its heartbeat had been missing for long; those of the other workers stay as they are."""
    eye.ask(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' WHERE id = "
        "(SELECT worker_id FROM procrastinate_jobs JOIN study_part ON job_id = procrastinate_jobs.id "
        "WHERE study_part.id = %s) RETURNING id",
        part_id,
    )


def assert_done_once(eye: Eye, study_id: int, twice: int) -> None:
    rows = eye.ask("SELECT id, status::text, attempt FROM study_part WHERE study_id = %s ORDER BY id", study_id)
    assert len(rows) == WARDS + 1
    assert {status for _, status, _ in rows} == {"finished"}
    assert {part_id: attempt for part_id, _, attempt in rows if attempt != 1} == {twice: 2}
    stored = eye.ask("SELECT part_id, count(*) FROM stored GROUP BY part_id ORDER BY part_id")
    assert stored == [(part_id, 1) for part_id, _, _ in rows]
    unended = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'studies' AND status <> 'succeeded'"
    assert eye.ask(unended) == [(0,)]
    workers = eye.ask("SELECT count(DISTINCT worker) FROM study_part WHERE study_id = %s", study_id)
    assert workers[0][0] >= 2


def is_finished(eye: Eye, study_id: int) -> bool:
    return eye.ask("SELECT status::text FROM study WHERE id = %s", study_id) == [("finished",)]


def wait_for_the_end(eye: Eye, study_id: int) -> None:
    eye.wait_for(lambda: is_finished(eye, study_id), "the study has ended")
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'studies' AND status IN ('todo', 'doing')"
    eye.wait_for(lambda: eye.ask(jobs) == [(0,)], "no job is left")


def test_a_worker_killed_in_the_middle(eye: Eye, study_id: int) -> None:
    """The third machine joins after the first has died, and what the dead one held is done by another."""
    with machines(3, eye.url) as (first, second, third):
        first.start_worker()
        second.start_worker()
        part_id = freeze_at_work(eye, first)
        os.killpg(first.workers[0].pid, signal.SIGKILL)
        first.workers[0].wait()
        assert not is_finished(eye, study_id)
        let_the_frozen_seem_dead(eye, part_id)
        third.start_worker()
        wait_for_the_end(eye, study_id)
    assert_done_once(eye, study_id, twice=part_id)


def test_a_worker_cut_off_comes_back_too_late(eye: Eye, study_id: int) -> None:
    """It is alive, and solves on; its area has gone to another meanwhile, so that it stores nothing."""
    with machines(3, eye.url) as (first, second, third):
        first.start_worker()
        second.start_worker()
        part_id = freeze_at_work(eye, first)
        let_the_frozen_seem_dead(eye, part_id)
        third.start_worker()
        query = "SELECT attempt, status::text FROM study_part WHERE id = %s"
        eye.wait_for(lambda: eye.ask(query, part_id) == [(2, "finished")], "another has done the area")
        found = eye.ask("SELECT worker, finished_at FROM study_part WHERE id = %s", part_id)
        first.workers[0].send_signal(signal.SIGCONT)
        wait_for_the_end(eye, study_id)
        assert eye.ask("SELECT worker, finished_at FROM study_part WHERE id = %s", part_id) == found
    assert_done_once(eye, study_id, twice=part_id)


def test_a_worker_whose_wire_is_cut(eye: Eye, study_id: int) -> None:
    """Nobody tells the database: it is the missing heartbeat that does."""
    with machines(2, eye.url) as (first, second):
        first.start_worker()
        part_id = freeze_at_work(eye, first)
        first.cut_the_wire()
        first.workers[0].send_signal(signal.SIGCONT)
        let_the_frozen_seem_dead(eye, part_id)
        second.start_worker()
        wait_for_the_end(eye, study_id)
    assert eye.ask("SELECT part_id, count(*) FROM stored GROUP BY 1 HAVING count(*) > 1") == []
    assert eye.ask("SELECT attempt FROM study_part WHERE id = %s", part_id) == [(2,)]
