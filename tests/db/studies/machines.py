"""Worker processes as if on machines of their own: each in a network namespace, a wire to the database its only way."""

import contextlib
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from estate.settings import ROOT


def can_make_machines() -> bool:
    """True where this process may make network namespaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"estate-try-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode:
        return False
    subprocess.run(["ip", "netns", "del", name], check=True)
    return True


class Machine:
    """A network namespace joined to this one by a pair of virtual cards, and the workers in it."""

    def __init__(self, number: int, url: str) -> None:
        self.name = f"estate-{os.getpid()}-{number}"
        self.card = f"es{os.getpid() % 100_000}x{number}"
        net = f"10.{64 + os.getpid() % 64}.{number}"
        self.here, self.there = f"{net}.1", f"{net}.2"
        self.url = url
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Machine":
        inside = ["netns", "exec", self.name, "ip"]
        _ip("netns", "add", self.name)
        _ip("link", "add", self.card, "type", "veth", "peer", "name", "wire", "netns", self.name)
        _ip("addr", "add", f"{self.here}/24", "dev", self.card)
        _ip("link", "set", self.card, "up")
        _ip(*inside, "addr", "add", f"{self.there}/24", "dev", "wire")
        _ip(*inside, "link", "set", "wire", "up")
        self.relay = _Relay(self.here, self.url)
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.relay.close()
        _ip("netns", "del", self.name)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """A worker that reaches the database by this machine's wire only."""
        database = urlsplit(self.url).path.strip("/")
        address = f"postgresql://estate@{self.here}:{self.relay.port}/{database}?sslmode=disable&gssencmode=disable"
        environment = {**os.environ, "DATABASE_URL": address, "PYTHONPATH": str(ROOT)}
        worker = [sys.executable, "-m", "estate.worker", "--concurrency", "1"]
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.name, *worker], cwd=ROOT, env=environment, start_new_session=True
        )
        self.workers.append(process)
        return process

    def cut_the_wire(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        _ip("link", "set", self.card, "down")


class _Relay:
    """Carries the wire's traffic to the database, which listens on a socket file only."""

    def __init__(self, address: str, url: str) -> None:
        folder = parse_qs(urlsplit(url).query)["host"][0]
        self.target = str(next(Path(folder).glob(".s.PGSQL.*[0-9]")))
        self.server = socket.create_server((address, 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self.server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self.server.accept()
                threading.Thread(target=self._carry, args=(caller,), daemon=True).start()

    def _carry(self, caller: socket.socket) -> None:
        with caller, socket.socket(socket.AF_UNIX) as database, selectors.DefaultSelector() as ready:
            database.connect(self.target)
            ready.register(caller, selectors.EVENT_READ, database)
            ready.register(database, selectors.EVENT_READ, caller)
            with contextlib.suppress(OSError):
                while True:
                    for key, _ in ready.select():
                        data = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                        if not data:
                            return
                        key.data.sendall(data)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@contextlib.contextmanager
def machines(count: int, url: str) -> Iterator[list[Machine]]:
    """So many machines, taken apart at the end with all that runs on them."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Machine(number, url)) for number in range(1, count + 1)]
