"""The private PostGIS cluster of one installation: made, started and stopped without root's help where possible.

It lives in `var/pg`, listens on a unix socket only, and knows its users by peer authentication. PostgreSQL refuses to
run as root, so root runs its programs as the system user `postgres`.
"""

import fcntl
import getpass
import os
import pwd
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from estate.embedded.options import write_options
from estate.errors import EstateError
from estate.settings import Settings

PACKAGE = "postgresql-15-postgis-3"
SERVER_USER = "postgres"
START_TRIES = 3


class DatabaseProgramsMissing(EstateError):
    """PostgreSQL with PostGIS is not installed. Run `make setup`, or set DATABASE_URL to a server that has it."""


class DatabaseFolderUnreachable(EstateError):
    """PostgreSQL can't run as root, and its own user can't reach this folder. Move Estate out of /root."""


class DatabaseStartFailed(EstateError):
    """The embedded database did not start."""


def find_programs() -> Path | None:
    """Folder of the newest installed PostgreSQL server that has PostGIS, or None."""
    for folder in sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: -int(path.parent.name),
    ):
        extension = Path("/usr/share/postgresql") / folder.parent.name / "extension/postgis.control"
        if (folder / "initdb").exists() and extension.exists():
            return folder
    return None


def get_programs() -> Path:
    """As `find_programs`; raises `DatabaseProgramsMissing`."""
    folder = find_programs()
    if folder is None:
        raise DatabaseProgramsMissing
    return folder


def data_dir(settings: Settings) -> Path:
    """The cluster's data folder."""
    return settings.var_dir / "pg"


def is_ready(settings: Settings) -> bool:
    """True when the cluster answers on its socket; a pid file alone proves nothing."""
    command = [str(get_programs() / "pg_isready"), "-q", "-h", str(settings.socket_dir)]
    return subprocess.run(command, check=False).returncode == 0


def start(settings: Settings) -> bool:
    """Make the cluster and the database if need be, and start it. False when it was already running."""
    with _lock(settings):
        if is_ready(settings):
            return False
        _prepare_folders(settings)
        if not (data_dir(settings) / "PG_VERSION").exists():
            _initialise(settings)
        write_options(data_dir(settings), settings.socket_dir)
        _start_server(settings)
        create_database(settings, settings.database_name)
        return True


def _start_server(settings: Settings) -> None:
    log = data_dir(settings) / "server.log"
    for _ in range(START_TRIES):
        _remove_stale_locks(settings)
        answer = _run(settings, "pg_ctl", "-D", data_dir(settings), "-l", log, "-w", "-t", "60", "start")
        if answer.returncode == 0 and is_ready(settings):
            return
        time.sleep(1)  # The last children of a server that was killed may still be leaving.
    tail = log.read_text(errors="replace")[-2000:] if log.exists() else answer.stderr
    raise DatabaseStartFailed(f"The embedded database did not start. Its log ends with:\n{tail}")


def stop(settings: Settings) -> bool:
    """Stop the cluster. False when it was not running."""
    with _lock(settings):
        if not is_ready(settings):
            return False
        answer = _run(settings, "pg_ctl", "-D", data_dir(settings), "-m", "fast", "-w", "stop")
        if answer.returncode != 0:
            raise DatabaseStartFailed(f"The embedded database did not stop: {answer.stderr.strip()}")
        return True


def create_database(settings: Settings, name: str) -> None:
    """Create database `name` with PostGIS enabled, if it is not there."""
    databases = _psql(settings, "postgres", "SELECT datname FROM pg_database").splitlines()
    if name not in databases:
        _psql(settings, "postgres", f'CREATE DATABASE "{name}" OWNER estate')
    _psql(
        settings,
        name,
        "CREATE EXTENSION IF NOT EXISTS postgis; CREATE EXTENSION IF NOT EXISTS pg_trgm",
    )


def drop_database(settings: Settings, name: str) -> None:
    """Drop database `name` of the cluster, with its connections, if it is there."""
    _psql(settings, "postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def psql_command(settings: Settings) -> list[str]:
    """The command line of a psql on the installation's own database."""
    return [
        str(get_programs() / "psql"),
        "-h",
        str(settings.socket_dir),
        "-U",
        "estate",
        settings.database_name,
    ]


def _psql(settings: Settings, database: str, statement: str) -> str:
    command = [
        *psql_command(settings)[:-1],
        "-d",
        database,
        "-qtAX",
        "-v",
        "ON_ERROR_STOP=1",
        "-c",
        statement,
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise DatabaseStartFailed(f"The embedded database refused: {answer.stderr.strip()}")
    return answer.stdout.strip()


def _server_user() -> str:
    return SERVER_USER if os.geteuid() == 0 else getpass.getuser()


def _run(settings: Settings, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(get_programs() / program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", SERVER_USER, "--", *command]
    # The server inherits these streams: a pipe would keep the caller waiting for as long as the server lives.
    log = settings.var_dir / "pg_command.log"
    with log.open("w") as output:
        code = subprocess.run(command, stdout=output, stderr=output, cwd="/", check=False).returncode
    return subprocess.CompletedProcess(command, code, "", log.read_text(errors="replace"))


def _prepare_folders(settings: Settings) -> None:
    for folder in (data_dir(settings), settings.socket_dir):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if os.geteuid() == 0:
            shutil.chown(folder, SERVER_USER, SERVER_USER)
    probe = ["runuser", "-u", SERVER_USER, "--", "test", "-w", str(data_dir(settings))]
    if os.geteuid() == 0 and subprocess.run(probe, check=False, cwd="/").returncode != 0:
        raise DatabaseFolderUnreachable


def _initialise(settings: Settings) -> None:
    answer = _run(
        settings,
        "initdb",
        "-D",
        data_dir(settings),
        "-U",
        "estate",
        "--auth=peer",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    )
    if answer.returncode != 0:
        raise DatabaseStartFailed(f"The embedded database could not be made: {answer.stderr.strip()}")
    data = data_dir(settings)
    users = {_server_user(), getpass.getuser(), "root"}
    (data / "pg_ident.conf").write_text("".join(f"estate {user} estate\n" for user in sorted(users)))
    (data / "pg_hba.conf").write_text("local all all peer map=estate\n")


def _remove_stale_locks(settings: Settings) -> None:
    """Remove the lock files of a server that died, also where another program has taken its number since."""
    for path in (data_dir(settings) / "postmaster.pid", settings.socket_dir / ".s.PGSQL.5432.lock"):
        if path.exists() and not _works_here(settings, path.read_text().split("\n")[0].strip()):
            path.unlink()


def _works_here(settings: Settings, pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data_dir(settings).resolve()
    except OSError:
        return False


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    with (settings.var_dir / "pg.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def describe(settings: Settings) -> str:
    """One sentence on where the database is and whether it answers."""
    if not settings.is_embedded:
        return "DATABASE_URL names the database; the embedded one is not used."
    owner = pwd.getpwuid(data_dir(settings).stat().st_uid).pw_name if data_dir(settings).exists() else "nobody yet"
    state = "running" if is_ready(settings) else "stopped"
    return f"Embedded PostGIS is {state}: data in {shlex.quote(str(data_dir(settings)))}, owned by {owner}."
