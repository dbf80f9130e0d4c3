"""`estate run` says what to do where its address can't be used, before it starts anything."""

import socket

import pytest
from click.testing import CliRunner

from estate.cli import main
from estate.settings import get_settings


@pytest.fixture
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object) -> None:
        raise AssertionError("Something was started")

    for name in ("estate.embedded.start", "estate.cli.run.is_current", "estate.cli.run._start_web"):
        monkeypatch.setattr(name, start)
    get_settings.cache_clear()


def say(monkeypatch: pytest.MonkeyPatch, host: str, port: int) -> str:
    monkeypatch.setenv("ESTATE_HOST", host)
    monkeypatch.setenv("ESTATE_PORT", str(port))
    result = CliRunner().invoke(main, ["run"])
    get_settings.cache_clear()
    return f"{result.output}{result.exception}"


@pytest.mark.usefixtures("nothing_starts")
def test_a_port_that_another_program_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = say(monkeypatch, "127.0.0.1", port)
    assert f"port {port} of 127.0.0.1" in said
    assert f"ESTATE_PORT={port + 1} make run" in said


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize("host", ["192.0.2.7", "no such host"])
def test_an_address_of_another_machine(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    assert "ESTATE_HOST=127.0.0.1 make run" in say(monkeypatch, host, 0 if host == "192.0.2.7" else 8765)
