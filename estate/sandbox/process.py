"""The parent's side of the sandbox: starts the child, asks it, and turns whatever becomes of it into one sentence."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgpack

from estate.sandbox import SURROGATES, UnreadableFile
from estate.sandbox.child import DAMAGED, TOO_LARGE
from estate.sandbox.limits import Limits, bare_environment

HARMFUL = "The file stopped the program that reads it: it is damaged, or made to do harm. Save it again and send that."
GRACE_SECONDS = 10


class Sandbox:
    """A process that reads files, each in a fork of its own. Close it, or use it in `with`.

    `module` names the module that answers, `limits` are its `LIMITS`. `folder` is for files that both sides see.
    """

    def __init__(self, module: str, limits: Limits, *, warm: bool = False) -> None:
        self._limits = limits
        self._keeper = tempfile.TemporaryDirectory(prefix="estate-sandbox-")
        self.folder = Path(self._keeper.name)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "estate.sandbox.child", module, *(["--warm"] if warm else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=bare_environment(self._keeper.name),
            cwd=Path(__file__).parents[2],
            start_new_session=True,
        )

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def process_id(self) -> int:
        """Id of the child process."""
        return self._process.pid

    def close(self) -> None:
        """End the process and whatever it started, and remove its files."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._keeper.cleanup()

    def ask(self, **request: str) -> dict[str, Any]:
        """What the module answers; `UnreadableFile` with one sentence where there is no answer."""
        output = self.folder / "output"
        output.unlink(missing_ok=True)
        code = self._exit_code({**request, "output": str(output)})
        if code in (-signal.SIGALRM, -signal.SIGXCPU):
            raise UnreadableFile(self._too_slow)
        if code == -signal.SIGXFSZ:
            raise UnreadableFile(TOO_LARGE)
        if code or not output.exists():
            raise UnreadableFile(HARMFUL if code < 0 else DAMAGED)
        try:
            answer: dict[str, Any] = msgpack.unpackb(output.read_bytes(), unicode_errors=SURROGATES)
        except (ValueError, msgpack.UnpackException):
            raise UnreadableFile(DAMAGED) from None
        if "problem" in answer:
            raise UnreadableFile(answer["problem"])
        return answer

    @property
    def _too_slow(self) -> str:
        return (
            f"Reading the file took more than {self._limits.seconds} seconds, so it was stopped. "
            "Split it into smaller files."
        )

    def _exit_code(self, request: dict[str, str]) -> int:
        """Exit code of the fork that served the request."""
        to_child, from_child = self._process.stdin, self._process.stdout
        if to_child is None or from_child is None:
            raise UnreadableFile(HARMFUL)
        try:
            to_child.write(json.dumps(request).encode() + b"\n")
            to_child.flush()
        except BrokenPipeError:
            raise UnreadableFile(HARMFUL) from None
        ready, _, _ = select.select([from_child], [], [], self._limits.seconds + GRACE_SECONDS)
        if not ready:
            raise UnreadableFile(self._too_slow)
        line = from_child.readline()
        return int(line) if line else 1
