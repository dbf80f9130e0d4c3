"""Settings of the embedded PostGIS, written anew at each start: a cluster made by an older Estate follows, and one
that moved to a larger machine uses its memory. What `ALTER SYSTEM` set still wins.
"""

import os
from pathlib import Path

INCLUDE = "include_if_exists = 'estate.conf'\n"
MIB = 1 << 20
SMALLEST_BUFFERS, LARGEST_BUFFERS = 128 * MIB, 2048 * MIB


def memory_bytes() -> int:
    """Memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def server_options(socket_dir: Path, memory: int) -> dict[str, str]:
    """The settings of a server beside other programs on a machine with so many bytes of memory.

    An eighth of it for shared buffers, for the web server, the worker and the browser live here too; PostgreSQL's own
    advice is a quarter of a machine that does nothing else. Disks are taken for solid-state ones.
    """
    buffers = min(max(memory // 8, SMALLEST_BUFFERS), LARGEST_BUFFERS)
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "shared_buffers": f"{buffers // MIB}MB",
        "effective_cache_size": f"{memory // 2 // MIB}MB",
        "wal_buffers": "64MB",
        "max_wal_size": "4GB",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "random_page_cost": "1.1",
        "default_toast_compression": "lz4",
        "max_connections": "100",
        "jit": "off",
        "timezone": "UTC",
    }


def write_options(data: Path, socket_dir: Path) -> None:
    """Write the settings into the data folder, and see that the cluster reads them."""
    options = server_options(socket_dir, memory_bytes()).items()
    (data / "estate.conf").write_text(
        "# Written at each start of the embedded PostGIS; use ALTER SYSTEM to change a setting.\n"
        + "".join(f"{key} = '{value.replace(chr(39), chr(39) * 2)}'\n" for key, value in options)
    )
    own = data / "postgresql.conf"
    if INCLUDE not in own.read_text():
        with own.open("a") as file:
            file.write(f"\n{INCLUDE}")
