"""Whether the schema is the newest, asked without Alembic: `estate run` starts the web server by it."""

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from estate.cli import database
from estate.settings import ROOT, Settings


def _use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(database, "get_settings", lambda: Settings(database_url=url))


def test_newest_migrations_are_alembics_heads() -> None:
    scripts = ScriptDirectory.from_config(Config(toml_file=str(ROOT / "pyproject.toml")))
    assert database.newest_migrations() == set(scripts.get_heads())


def test_a_migrated_database_is_current(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, database_url)
    assert database.is_current()


def test_an_older_database_is_not_current(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, database_url)
    monkeypatch.setattr(database, "newest_migrations", lambda: {"9999"})
    assert not database.is_current()


def test_a_database_that_does_not_answer_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(database.DatabaseDoesNotAnswer, match="Check DATABASE_URL"):
        database.is_current()
