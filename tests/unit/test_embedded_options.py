"""Settings of the embedded database follow the machine's memory and stay readable by PostgreSQL."""

from pathlib import Path

import pytest

from estate.embedded.options import INCLUDE, MIB, server_options, write_options


@pytest.mark.parametrize(
    ("memory", "buffers"),
    [(512 * MIB, "128MB"), (4096 * MIB, "512MB"), (16_384 * MIB, "2048MB"), (131_072 * MIB, "2048MB")],
)
def test_shared_buffers_are_an_eighth_of_the_memory_within_bounds(memory: int, buffers: str) -> None:
    assert server_options(Path("/x"), memory)["shared_buffers"] == buffers


def test_a_cluster_of_an_older_version_reads_the_settings_from_now_on(tmp_path: Path) -> None:
    own = tmp_path / "postgresql.conf"
    own.write_text("shared_buffers = '256MB'\n")
    for _ in range(2):
        write_options(tmp_path, tmp_path / "it's a folder")
    assert own.read_text().count(INCLUDE) == 1
    assert own.read_text().startswith("shared_buffers = '256MB'\n")
    assert f"unix_socket_directories = '{tmp_path}/it''s a folder'" in (tmp_path / "estate.conf").read_text()
