"""What a child process may use up, and the little that it knows of the machine."""

import os
import resource
import signal
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Most that one file may take."""

    address_space_bytes: int = 1024**3
    seconds: int = 60
    output_bytes: int = 256 * 1024**2


def limit_this_process(limits: Limits) -> None:
    """Memory, processor and wall-clock time, output, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.address_space_bytes, limits.address_space_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output_bytes, limits.output_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(limits.seconds)


def bare_environment(folder: str) -> dict[str, str]:
    """The child's whole environment: neither the database's address nor the secret key."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TMPDIR": folder,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }
