"""`estate run`: the whole of Estate on one machine, stopped as a whole by Ctrl-C."""

import errno
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

import click

from estate import embedded
from estate.cli.database import is_current, upgrade
from estate.errors import EstateError
from estate.settings import Settings, get_settings

GRACE_SECONDS = 10


class WebServerStopped(EstateError):
    """The web server or the worker stopped by itself. The lines above say why."""


class AddressTaken(EstateError):
    """The web server can't use the address that the settings give."""

    def __init__(self, settings: Settings, error: OSError) -> None:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            hint = "Choose an address of this machine: ESTATE_HOST=127.0.0.1 make run."
        else:
            free = settings.port + 1 if settings.port < 65_535 else 8_000
            hint = f"Stop what uses it, or choose another port: ESTATE_PORT={free} make run."
        why = error.strerror or str(error)
        super().__init__(f"The web server can't use port {settings.port} of {settings.host}: {why}. {hint}")


@click.command()
@click.option("--demo/--no-demo", "with_demo", default=True, help="Load the demo place if the register is empty.")
def run(*, with_demo: bool) -> None:
    """Start the database, the worker and the web server; Ctrl-C stops all that this started.

    ESTATE_PORT chooses another port than 8000, ESTATE_HOST another address than 127.0.0.1.
    """
    settings = get_settings()
    _check_address(settings)
    signal.signal(signal.SIGTERM, _interrupt)
    started_database = False
    programs: list[subprocess.Popen[bytes]] = []
    try:
        if settings.is_embedded:
            click.echo(f"Starting the embedded PostGIS in {embedded.data_dir(settings)}")
            started_database = embedded.start(settings)
        if not is_current():
            upgrade()
        programs.append(_start_web())
        # What takes the longest to load comes first; the rest fits beside it.
        sign_ins = _load_demo() if with_demo else []
        programs.append(_start_worker())
        _wait_until_up(settings, programs)
        _greet(settings, sign_ins)
        _watch(programs)
    except KeyboardInterrupt:
        click.echo("\nStopping.")
    finally:
        _stop(programs)
        if started_database:
            embedded.stop(settings)


def _check_address(settings: Settings) -> None:
    """Before anything is started: what the web server would say itself helps nobody."""
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        raise AddressTaken(settings, error) from None


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _load_demo() -> list[tuple[str, str, str]]:
    from estate.cli.demo import load_if_empty

    return load_if_empty()


def _start_worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "estate.worker"], start_new_session=True)


def _start_web() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gunicorn", "--config", "python:estate.web.server", "estate.web:create_app()"]
    return subprocess.Popen(command, start_new_session=True)


def _url(settings: Settings) -> str:
    return f"http://{settings.host}:{settings.port}/"


def _wait_until_up(settings: Settings, programs: list[subprocess.Popen[bytes]]) -> None:
    for _ in range(600):
        _check_alive(programs)
        try:
            urllib.request.urlopen(_url(settings) + "health", timeout=2).close()  # noqa: S310  (our own http URL)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise WebServerStopped("The web server did not answer within 60 seconds.")


def _greet(settings: Settings, sign_ins: list[tuple[str, str, str]]) -> None:
    click.echo(f"\nEstate is at {_url(settings)}  (Ctrl-C stops it)\n")
    if sign_ins:
        click.echo("Sign in to the demo place as:")
        for role, email, password in sign_ins:
            click.echo(f"  {email:<34} {password:<28} {role}")
        click.echo("")


def _check_alive(programs: list[subprocess.Popen[bytes]]) -> None:
    if any(program.poll() is not None for program in programs):
        raise WebServerStopped


def _watch(programs: list[subprocess.Popen[bytes]]) -> None:
    while True:
        _check_alive(programs)
        time.sleep(0.5)


def _stop(programs: list[subprocess.Popen[bytes]]) -> None:
    for program in programs:
        program.terminate()
    for program in programs:
        try:
            program.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            program.kill()
