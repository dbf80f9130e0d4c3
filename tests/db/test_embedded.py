"""The embedded cluster: made from nothing, started once however often asked, robust to what a crash leaves behind."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from estate import embedded
from estate.settings import ROOT, Settings


@pytest.fixture
def cluster() -> Iterator[Settings]:
    folder = Path(tempfile.mkdtemp(prefix="estate-cluster-"))
    folder.chmod(0o755)
    settings = Settings(var_dir=folder / "var", database_name="estate")
    settings.database_url = ""
    yield settings
    embedded.stop(settings)
    shutil.rmtree(folder)


def _query(settings: Settings, statement: str) -> str:
    command = [*embedded.psql_command(settings), "-qtAX", "-c", statement]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_starts_from_nothing_and_once_only(cluster: Settings) -> None:
    assert embedded.start(cluster) is True
    assert embedded.start(cluster) is False
    assert _query(cluster, "SELECT count(*) FROM pg_extension WHERE extname IN ('postgis', 'pg_trgm')") == "2"
    assert _query(cluster, "SHOW listen_addresses") == ""
    assert cluster.socket_dir.stat().st_mode & 0o777 == 0o700


def test_two_starts_at_once_make_one_cluster(cluster: Settings) -> None:
    environment = {**os.environ, "ESTATE_VAR_DIR": str(cluster.var_dir), "DATABASE_URL": ""}
    command = [sys.executable, "-m", "estate.cli", "db", "start"]
    starts = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [start.wait(60) for start in starts] == [0, 0]
    assert embedded.is_ready(cluster)


def test_a_pid_file_left_by_a_crash_does_not_stop_it(cluster: Settings) -> None:
    embedded.start(cluster)
    pid = int((embedded.data_dir(cluster) / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, 9)
    # The dead server's number now belongs to a living process that is not PostgreSQL: this one.
    lines = (embedded.data_dir(cluster) / "postmaster.pid").read_text().splitlines()
    while embedded.is_ready(cluster):
        pass
    (embedded.data_dir(cluster) / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert embedded.start(cluster) is True


def test_data_survive_a_restart(cluster: Settings) -> None:
    embedded.start(cluster)
    _query(cluster, "CREATE TABLE kept AS SELECT 42 AS answer")
    embedded.stop(cluster)
    assert not embedded.is_ready(cluster)
    embedded.start(cluster)
    assert _query(cluster, "SELECT answer FROM kept") == "42"


def test_a_long_path_falls_back_to_a_short_socket_folder() -> None:
    settings = Settings(var_dir=Path("/tmp") / ("long" * 40))
    assert len(str(settings.socket_dir)) < 90
    assert settings.socket_dir != Settings(var_dir=Path("/tmp") / ("longer" * 40)).socket_dir


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_a_folder_that_the_server_cannot_reach_is_said_so(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path / "var")
    tmp_path.chmod(0o700)
    with pytest.raises(embedded.DatabaseFolderUnreachable, match="can't reach"):
        embedded.start(settings)
