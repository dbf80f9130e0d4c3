"""Bytes to rows of text, in a disposable child process with limits. Every failure is one sentence about the file."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from estate.errors import InvalidInput
from estate.register.imports import child
from estate.register.imports.memory import CollectorAtRest
from estate.register.imports.readers import Sheet
from estate.sandbox import UnreadableFile
from estate.sandbox.process import Sandbox
from estate.settings import get_settings

SUFFIXES = (".csv", ".xlsx", ".ods", ".geojson", ".json", ".gpkg", ".zip")


class UnreadableUpload(InvalidInput):
    """The file can't be read."""


@dataclass(frozen=True)
class FileContent:
    """A file's name, its SHA-256, and the sheets of text in it."""

    name: str
    sha256: str
    sheets: list[Sheet]
    encoding: str | None
    delimiter: str | None = None
    """Of a table of text."""


class Reader:
    """A sandbox that reads files. Close it, or use it in `with`."""

    def __init__(self, *, warm: bool = False) -> None:
        self._sandbox = Sandbox(child.__name__, child.LIMITS, warm=warm)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox's process."""
        self._sandbox.close()

    @CollectorAtRest()
    def read(
        self, content: bytes, file_name: str, *, encoding: str | None = None, delimiter: str | None = None
    ) -> FileContent:
        """The sheets of `content`; `UnreadableUpload` with one sentence where that can't be.

        `encoding` (a codec's name) and `delimiter` are for tables of text; both are found where they are not given.
        """
        name = PurePosixPath(file_name.replace("\\", "/")).name
        suffix = PurePosixPath(name).suffix.casefold()
        _check_upload(content, suffix)
        source = self._sandbox.folder / "input"
        source.write_bytes(content)
        request = {"input": str(source), "suffix": suffix, "name": PurePosixPath(name).stem}
        try:
            answer = self._sandbox.ask(**request, encoding=encoding or "", delimiter=delimiter or "")
        except UnreadableFile as error:
            raise UnreadableUpload(str(error)) from None
        sheets = [Sheet(**sheet) for sheet in answer["sheets"]]
        digest = hashlib.sha256(content).hexdigest()
        return FileContent(name, digest, sheets, answer["encoding"], answer["delimiter"])


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


def read_file(
    content: bytes, file_name: str, *, encoding: str | None = None, delimiter: str | None = None
) -> FileContent:
    """The sheets of one file, read by a process that ends with it."""
    with Reader() as reader:
        return reader.read(content, file_name, encoding=encoding, delimiter=delimiter)


@contextmanager
def warm_reader() -> Iterator[Reader]:
    """A reader that has all parsers loaded, for many files; each still gets a fork of its own."""
    with Reader(warm=True) as reader:
        yield reader
