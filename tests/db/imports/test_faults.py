"""Imports under fire: killed workers, a killed database, two at once. Exactly once, never half, by plain counts."""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, select
from sqlalchemy.orm.exc import StaleDataError

from estate import embedded
from estate.audit import first_broken
from estate.db import bind_sessions, make_engine, make_session
from estate.register.changes import change_building
from estate.register.imports import perform
from estate.register.imports.cancel import NotAtWork, cancel_import
from estate.register.imports.mapping.remembered import list_mappings, remember
from estate.register.imports.mapping.spec import ColumnUse, Mapping
from estate.register.imports.undo import ask_to_undo
from estate.register.imports.uploads import apply_import, get_import
from estate.register.models import Building
from estate.register.queries import get_building
from estate.register.rules import ChangedMeanwhile
from estate.settings import ROOT, Settings, get_settings
from tests.db.imports.workers import Eye, file_of, own_list_of, queue_import, queue_mapped_import, worker
from tests.factories import make_agency, make_building

ROWS = 400


@pytest.fixture
def eye(committed: Engine, database_url: str) -> Eye:
    return Eye(database_url)


@pytest.fixture
def agency_id(committed: Engine) -> int:
    with make_session.begin() as session:
        return make_agency(session).id


@pytest.mark.parametrize(
    ("table", "is_mapped"), [("building", False), ("source_record", False), ("event", False), ("source_record", True)]
)
def test_a_worker_killed_while_storing(eye: Eye, agency_id: int, table: str, is_mapped: bool) -> None:
    """It dies before, between or after the rows; another worker does the whole work, once."""
    content = own_list_of(ROWS) if is_mapped else file_of(ROWS)
    import_id = queue_mapped_import(content, agency_id) if is_mapped else queue_import(content, agency_id)
    with worker(eye.url) as first:
        with eye.lock(table):
            eye.wait_for(lambda: eye.waiting() > 0, "the worker wants to store rows")
            first.send_signal(signal.SIGKILL)
            first.wait()
        eye.wait_for(lambda: eye.waiting() == 0, "the dead worker's connection ends")
        eye.wait_for(
            lambda: eye.ask("SELECT pg_try_advisory_xact_lock(%s)", 0x494D5054) == [(True,)], "its locks are free"
        )
    assert set(eye.counts().values()) == {0}
    assert eye.ask("SELECT status::text FROM import WHERE id = %s", import_id) == [("applying",)]
    eye.let_time_pass()
    with worker(eye.url):
        eye.wait_for_status(import_id, "applied")
    eye.assert_stored_once(content)


def test_a_worker_that_is_asked_to_stop_ends_its_job_first(eye: Eye, agency_id: int) -> None:
    import_id = queue_import(file_of(ROWS), agency_id)
    with worker(eye.url) as process:
        with eye.lock("event"):
            eye.wait_for(lambda: eye.waiting() > 0, "the worker wants to store rows")
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert eye.ask("SELECT status::text FROM import WHERE id = %s", import_id) == [("applied",)]


def test_a_worker_killed_while_undoing(eye: Eye, agency_id: int) -> None:
    import_id = queue_import(file_of(ROWS), agency_id)
    perform.perform_apply(import_id)
    with make_session.begin() as session:
        brought = get_import(session, import_id)
        ask_to_undo(session, brought, actor=None, reason="The wrong file")
        perform.queue_undo(session, brought)
    with worker(eye.url) as first, eye.lock("event"):
        eye.wait_for(lambda: eye.waiting() > 0, "the worker wants to keep events")
        first.send_signal(signal.SIGKILL)
        first.wait()
    retired = "SELECT count(*) FROM building WHERE status = 'retired'"
    assert eye.ask(retired) == [(0,)]
    eye.let_time_pass()
    with worker(eye.url):
        eye.wait_for_status(import_id, "undone")
    assert eye.ask(retired) == [(ROWS,)]
    assert eye.ask("SELECT count(*) FROM event WHERE group_id = %s", f"undo:{import_id}") == [(ROWS,)]


def test_a_job_given_to_two_workers_is_done_once(eye: Eye, agency_id: int) -> None:
    """As when a worker that seemed dead was only slow."""
    content = file_of(ROWS)
    import_id = queue_import(content, agency_id)
    with eye.lock("source_record"):
        threads = [threading.Thread(target=perform.perform_apply, args=(import_id,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        eye.wait_for(lambda: eye.waiting() == 2, "both are at work")
    for thread in threads:
        thread.join()
    eye.assert_stored_once(content)
    assert eye.ask("SELECT inserted_count, unchanged_count FROM import") == [(ROWS, 0)]


@pytest.mark.parametrize("is_mapped", [False, True], ids=["known layout", "mapped"])
@pytest.mark.parametrize("is_same", [True, False], ids=["the same file", "two files"])
def test_two_imports_at_once(eye: Eye, agency_id: int, is_same: bool, is_mapped: bool) -> None:
    make, queue = (own_list_of, queue_mapped_import) if is_mapped else (file_of, queue_import)
    contents = [make(ROWS), make(ROWS, "B" if is_same else "C")]
    imports = [queue(content, agency_id) for content in contents]
    with worker(eye.url), worker(eye.url):
        with eye.lock("source_record"):
            eye.wait_for(lambda: eye.waiting() == 2, "both are at work")
        for import_id in imports:
            eye.wait_for_status(import_id, "applied")
    counts = sorted(eye.ask("SELECT inserted_count, unchanged_count, rejected_count FROM import"))
    if is_same:
        assert counts == [(0, ROWS, 0), (ROWS, 0, 0)]
        eye.assert_stored_once(contents[0])
    else:
        assert counts == [(ROWS, 0, 0), (ROWS, 0, 0)]
        assert set(eye.counts().values()) == {2 * ROWS}
    with make_session() as session:
        assert first_broken(session) is None


def test_an_import_cancelled_while_it_is_stored_leaves_nothing(eye: Eye, agency_id: int) -> None:
    import_id = queue_import(file_of(ROWS), agency_id)
    with worker(eye.url):
        with eye.lock("source_record"):
            eye.wait_for(lambda: eye.waiting() > 0, "the worker has stored buildings and wants to store records")
            with make_session.begin() as session:
                cancel_import(session, get_import(session, import_id))
        eye.wait_for_status(import_id, "discarded")
    assert set(eye.counts().values()) == {0}
    assert eye.ask("SELECT message FROM import") == [("The import was cancelled. Nothing of it was stored.",)]
    with make_session.begin() as session, pytest.raises(NotAtWork):
        cancel_import(session, get_import(session, import_id))


def test_an_import_that_is_just_committing_can_not_be_cancelled(eye: Eye, agency_id: int) -> None:
    """Whoever asks waits for the end, and is told: no import is both stored and cancelled."""
    import_id = queue_import(file_of(ROWS), agency_id)
    refused: list[bool] = []

    def ask() -> None:
        with make_session() as session:
            try:
                cancel_import(session, get_import(session, import_id))
            except NotAtWork:
                refused.append(True)

    with make_session() as session:
        brought = get_import(session, import_id)
        apply_import(session, brought, actor=None)
        thread = threading.Thread(target=ask)
        thread.start()
        eye.wait_for(lambda: eye.waiting() == 1, "the cancelling waits")
        session.commit()
        thread.join()
    assert refused == [True]
    assert eye.ask("SELECT status::text, cancel_asked_at FROM import") == [("applied", None)]


def test_two_people_remember_one_header_at_once(committed: Engine, agency_id: int) -> None:
    """One mapping is left, the later one's; nobody sees an error."""
    say = {"agency_id": agency_id, "fingerprint": "f", "actor": None}
    columns = [Mapping((ColumnUse("Ref", "key"), ColumnUse("Name", use))) for use in ("name", "note")]
    with make_session() as one, make_session() as other:
        remember(one, columns[0], name="First", **say)
        thread = threading.Thread(target=lambda: (remember(other, columns[1], name="Second", **say), other.commit()))
        thread.start()
        one.commit()
        thread.join()
    with make_session() as session:
        (kept,) = list_mappings(session, [agency_id])
    assert (kept.name, kept.version, kept.spec["columns"][1]["use"]) == ("Second", 2, "note")


def test_two_people_change_one_building(committed: Engine) -> None:
    """The second is told, at whatever moment the first one saves; nothing is overwritten."""
    with make_session.begin() as session:
        building_id = make_building(session, name="First").id
    with make_session() as one, make_session() as other:
        mine, yours = get_building(one, building_id), get_building(other, building_id)
        change_building(one, mine, version=1, actor=None, reason="Mine", name="Mine")
        failed: list[type[Exception]] = []

        def change_too() -> None:
            try:
                change_building(other, yours, version=1, actor=None, reason="Yours", name="Yours")
            except StaleDataError as error:
                failed.append(type(error))

        thread = threading.Thread(target=change_too)
        thread.start()
        one.commit()
        thread.join()
        assert failed == [StaleDataError]
    with make_session() as late:
        found = get_building(late, building_id)
        assert (found.name, found.version) == ("Mine", 2)
        with pytest.raises(ChangedMeanwhile):
            change_building(late, found, version=1, actor=None, reason="Late", name="Late")


def test_an_import_and_a_person_change_one_building(eye: Eye, agency_id: int) -> None:
    """Whoever saves last is told or comes after: the import's change is not lost under the person's."""
    perform.perform_apply(queue_import(file_of(1), agency_id))
    with make_session() as session:
        building = session.scalars(select(Building)).one()
        perform.perform_apply(queue_import(file_of(1).replace(b"Building B0", b"By import"), agency_id))
        with pytest.raises(StaleDataError):
            change_building(session, building, version=1, actor=None, reason="By hand", name="By hand")
    assert eye.ask("SELECT name, version FROM building") == [("By import", 2)]


@pytest.fixture
def cluster(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A database server of its own, which may be killed."""
    folder = Path(tempfile.mkdtemp(prefix="estate-cluster-"))
    folder.chmod(0o755)
    settings = Settings(var_dir=folder / "var", database_name="estate")
    settings.database_url = ""
    embedded.start(settings)
    monkeypatch.setenv("DATABASE_URL", settings.embedded_url())
    get_settings.cache_clear()
    command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")
    own = make_engine(settings.embedded_url(), pool_size=2)
    bind_sessions(own)
    yield settings
    own.dispose()
    bind_sessions(engine)
    monkeypatch.undo()
    get_settings.cache_clear()
    embedded.stop(settings)
    shutil.rmtree(folder)


def test_the_database_killed_while_storing(cluster: Settings) -> None:
    """The same worker waits for the database to come back, and then does the whole work, once."""
    eye = Eye(cluster.embedded_url())
    content = file_of(ROWS)
    with make_session.begin() as session:
        agency_id = make_agency(session).id
    import_id = queue_import(content, agency_id)
    with worker(eye.url) as process:
        with eye.lock("event"):
            eye.wait_for(lambda: eye.waiting() > 0, "the worker has stored rows and wants to keep events")
            server = int((embedded.data_dir(cluster) / "postmaster.pid").read_text().splitlines()[0])
            os.kill(server, signal.SIGKILL)
            eye.wait_for(lambda: not embedded.is_ready(cluster), "the server is gone")
        assert embedded.start(cluster)
        assert set(eye.counts().values()) == {0}
        eye.let_time_pass()
        eye.wait_for_status(import_id, "applied")
        assert process.poll() is None
    eye.assert_stored_once(content)
