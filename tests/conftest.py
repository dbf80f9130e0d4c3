"""Fixtures of every test: one migrated PostGIS database a test process, one savepoint a test.

`make test` runs as many test processes as the machine has cores.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from estate import embedded
from estate.db import bind_sessions, make_engine, make_session
from estate.register.demo.empty import REFERENCE_TABLES
from estate.settings import ROOT, get_settings

SHARED_DATA = ROOT.parent / "shared" / "data"

hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse database access in tests/unit by leaving the fixture out; order: unit, db, web, browser, house."""
    order = {name: place for place, name in enumerate(["unit", "house", "db", "web", "browser"])}
    root = Path(__file__).parent
    items.sort(key=lambda item: order.get(item.path.relative_to(root).parts[0], 9))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real open data; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of real open data is not here")
    return SHARED_DATA


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """URL of a fresh, migrated database in the embedded cluster, dropped afterwards.

    `ESTATE_TEST_DATABASE_URL` names a database to use instead; it is migrated, not dropped.
    """
    given = os.environ.get("ESTATE_TEST_DATABASE_URL")
    settings = get_settings()
    name = f"estate_test_{os.getpid()}"
    if not given:
        embedded.start(settings)
        embedded.create_database(settings, name)
    url = given or settings.embedded_url(name)
    os.environ["DATABASE_URL"] = url
    get_settings.cache_clear()
    with one_process_at_a_time(settings.var_dir):
        command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")
    if not given:
        _wait_for_no_disk(url, name)
    yield url
    if not given:
        embedded.drop_database(settings, name)


@contextmanager
def one_process_at_a_time(folder: Path) -> Iterator[None]:
    """Migrations grant rights to a role that all databases of the cluster share: two at once may refuse each other."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "test_migration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _wait_for_no_disk(url: str, name: str) -> None:
    """Let commits return before they are on disk: a test database need not survive a power cut."""
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    engine.dispose()


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """The engine of the test database; also what `make_session` is bound to."""
    engine = make_engine(database_url)
    bind_sessions(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose work is undone after the test. Code under test may flush; a commit ends a savepoint only."""
    with engine.connect() as connection:
        transaction = connection.begin()
        session = make_session(bind=connection, join_transaction_mode="create_savepoint")
        yield session
        session.close()
        transaction.rollback()


@pytest.fixture
def committed(engine: Engine) -> Iterator[Engine]:
    """For tests whose code commits (workers, browsers): every table but reference data is emptied afterwards."""
    yield engine
    empty_database(engine)


KEPT = ("alembic_version", "spatial_ref_sys", *REFERENCE_TABLES)


def empty_database(engine: Engine) -> None:
    """Empty all tables but reference data."""
    with engine.begin() as connection:
        names = connection.execute(
            text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
                "WHERE schemaname = 'history' OR schemaname = 'public' AND tablename <> ALL(:kept)"
            ),
            {"kept": list(KEPT)},
        ).scalars()
        connection.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        connection.execute(text(f"TRUNCATE {', '.join(f'{name}' for name in names)} RESTART IDENTITY CASCADE"))
        connection.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))
