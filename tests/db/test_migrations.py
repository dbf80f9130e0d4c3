"""Each migration's way back: down to nothing, and up again to the same schema."""

import os
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from estate import embedded
from estate.db import make_engine
from estate.settings import ROOT, get_settings
from tests.conftest import one_process_at_a_time

SHAPE = text("""
    SELECT 'column', table_schema || '.' || table_name || '.' || column_name, data_type || ' ' || is_nullable
    FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
    UNION ALL SELECT 'index', schemaname || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname <> 'pg_catalog'
    UNION ALL SELECT 'policy', schemaname || '.' || tablename, qual FROM pg_policies
    UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
    UNION ALL SELECT 'function', oid::regprocedure::text, md5(prosrc) FROM pg_proc
        WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^(history|as_at|seen|seen_as_at)$')
""")

EXTENSION = {"geography_columns", "geometry_columns", "spatial_ref_sys"}


@pytest.fixture
def config(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Config]:
    """Alembic on an empty database of its own, in the cluster of the others."""
    if os.environ.get("ESTATE_TEST_DATABASE_URL"):
        pytest.skip("makes a database of its own, in the embedded cluster")
    settings = get_settings()
    name = f"estate_test_migrations_{os.getpid()}"
    embedded.create_database(settings, name)
    monkeypatch.setenv("DATABASE_URL", settings.embedded_url(name))
    get_settings.cache_clear()
    with one_process_at_a_time(settings.var_dir):
        yield Config(toml_file=str(ROOT / "pyproject.toml"))
    monkeypatch.undo()
    get_settings.cache_clear()
    embedded.drop_database(settings, name)


def shape() -> set[tuple[str, ...]]:
    engine = make_engine(get_settings().database_url)
    with engine.connect() as connection:
        found = {tuple(row) for row in connection.execute(SHAPE)}
    engine.dispose()
    return found


def test_down_to_nothing_and_up_again(config: Config) -> None:
    command.upgrade(config, "head")
    before = shape()
    command.downgrade(config, "base")
    left = {name for kind, name, _ in shape() if kind == "column" and name.startswith("public.")}
    assert {name.split(".")[1] for name in left} <= EXTENSION | {"alembic_version"}
    command.upgrade(config, "head")
    assert shape() == before
