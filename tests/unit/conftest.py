"""Unit tests reach no database: opening a connection raises."""

import psycopg
import pytest


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a unit test opened a database connection")

    monkeypatch.setattr(psycopg.Connection, "connect", refuse)
