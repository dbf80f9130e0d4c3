"""Bytes to rows of text, in a disposable child process with limits. Every failure is one sentence about the file."""

import hashlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from estate.errors import InvalidInput
from estate.register.imports.child import DAMAGED, SECONDS, TOO_LARGE
from estate.register.imports.memory import CollectorAtRest
from estate.register.imports.readers import Sheet
from estate.settings import get_settings

SUFFIXES = (".csv", ".xlsx", ".ods", ".geojson", ".json", ".gpkg", ".zip")
TOO_SLOW = f"Reading the file took more than {SECONDS} seconds, so it was stopped. Split it into smaller files."
HARMFUL = "The file stopped the program that reads it: it is damaged, or made to do harm. Save it again and send that."
GRACE_SECONDS = 10


class UnreadableUpload(InvalidInput):
    """The file can't be read."""


@dataclass(frozen=True)
class FileContent:
    """A file's name, its SHA-256, and the sheets of text in it."""

    name: str
    sha256: str
    sheets: list[Sheet]
    encoding: str | None


class Reader:
    """A process that reads files, each in a fork of its own. Close it, or use it in `with`."""

    def __init__(self, *, warm: bool = False) -> None:
        command = [sys.executable, "-m", "estate.register.imports.child", *(["--warm"] if warm else [])]
        # The child gets no environment of ours: neither the database's address nor the secret key.
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._folder = tempfile.TemporaryDirectory(prefix="estate-import-")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "TMPDIR": self._folder.name},
            cwd=Path(__file__).parents[3],
            start_new_session=True,
        )

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and whatever it started, and remove its files."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._folder.cleanup()

    @CollectorAtRest()
    def read(self, content: bytes, file_name: str) -> FileContent:
        """The sheets of `content`; `UnreadableUpload` with one sentence where that can't be."""
        name = PurePosixPath(file_name.replace("\\", "/")).name
        suffix = PurePosixPath(name).suffix.casefold()
        _check_upload(content, suffix)
        folder = Path(self._folder.name)
        source, output = folder / "input", folder / "output.json"
        source.write_bytes(content)
        output.unlink(missing_ok=True)
        stem = PurePosixPath(name).stem
        code = self._ask({"input": str(source), "output": str(output), "suffix": suffix, "name": stem})
        answer = _answer(code, output)
        sheets = [Sheet(**sheet) for sheet in answer["sheets"]]
        return FileContent(name, hashlib.sha256(content).hexdigest(), sheets, answer["encoding"])

    def _ask(self, request: dict[str, str]) -> int:
        """Exit code of the fork that served the request."""
        to_child, from_child = self._process.stdin, self._process.stdout
        if to_child is None or from_child is None:
            raise UnreadableUpload(HARMFUL)
        try:
            to_child.write(json.dumps(request).encode() + b"\n")
            to_child.flush()
        except BrokenPipeError:
            raise UnreadableUpload(HARMFUL) from None
        ready, _, _ = select.select([from_child], [], [], SECONDS + GRACE_SECONDS)
        if not ready:
            raise UnreadableUpload(TOO_SLOW)
        line = from_child.readline()
        return int(line) if line else 1


def _check_upload(content: bytes, suffix: str) -> None:
    if suffix not in SUFFIXES:
        raise UnreadableUpload(
            f"Files of the kind “{suffix or 'no ending'}” are not read. Send one of {', '.join(SUFFIXES)}."
        )
    if not content.strip():
        raise UnreadableUpload("The file is empty.")
    limit = get_settings().maximum_upload_bytes
    if len(content) > limit:
        raise UnreadableUpload(f"The file is larger than {limit // 1024**2} MiB. Split it into smaller files.")


def _answer(code: int, output: Path) -> dict[str, Any]:
    if code in (-signal.SIGALRM, -signal.SIGXCPU):
        raise UnreadableUpload(TOO_SLOW)
    if code == -signal.SIGXFSZ:
        raise UnreadableUpload(TOO_LARGE)
    if code or not output.exists():
        raise UnreadableUpload(HARMFUL if code < 0 else DAMAGED)
    try:
        answer: dict[str, Any] = json.loads(output.read_bytes())
    except ValueError:
        raise UnreadableUpload(DAMAGED) from None
    if "problem" in answer:
        raise UnreadableUpload(answer["problem"])
    return answer


def read_file(content: bytes, file_name: str) -> FileContent:
    """The sheets of one file, read by a process that ends with it."""
    with Reader() as reader:
        return reader.read(content, file_name)


@contextmanager
def warm_reader() -> Iterator[Reader]:
    """A reader that has all parsers loaded, for many files; each still gets a fork of its own."""
    with Reader(warm=True) as reader:
        yield reader
