"""Rows for COPY that are made beside the database's own work, in a temporary file instead of in memory."""

import csv
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from threading import Event
from typing import IO, Any

from sqlalchemy import event
from sqlalchemy.orm import Session

CHUNK_CHARACTERS = 1 << 20
AT_ONCE = 500
SHORT_S = 0.02
"""A statement that is answered within this time is not worth a turn: the caller would have to wait for its own."""


class RowsAhead:
    """Rows without NULL that a thread writes down while the caller waits for the database.

    Python lets only one thread run at a time, so this one rests while the caller has work of its own.
    """

    def __init__(self, rows: Iterable[Sequence[Any]], file: IO[str]) -> None:
        self._rows, self._file = iter(rows), file
        self._may_work = Event()
        self._not_before = 0.0
        self._written: Any = None

    def start(self, beside: ThreadPoolExecutor) -> None:
        """Begin as soon as the caller waits."""
        self._written = beside.submit(self._write)

    def go(self, *_: Any) -> None:
        """The caller waits."""
        self._not_before = time.monotonic() + SHORT_S
        self._may_work.set()

    def rest(self, *_: Any) -> None:
        """The caller works."""
        self._may_work.clear()

    def _write(self) -> None:
        writer = csv.writer(self._file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        while some := list(islice(self._rows, AT_ONCE)):
            writer.writerows(some)
            self._wait_for_a_turn()
        self._file.seek(0)

    def _wait_for_a_turn(self) -> None:
        self._may_work.wait()
        while (early := self._not_before - time.monotonic()) > 0:
            time.sleep(early)
            self._may_work.wait()

    def _finish(self) -> None:
        """Let the thread work until it has ended: the caller does nothing else."""
        self.go()
        self._written.result()

    def __iter__(self) -> Iterator[list[str]]:
        """The rows as text, once they are all written."""
        self._finish()
        return csv.reader(self._file)

    def copy_into(self, session: Session, table: str, columns: Iterable[str]) -> None:
        """COPY them into `table`, once they are all written."""
        self._finish()
        connection: Any = session.connection().connection.driver_connection
        command = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
        with connection.cursor() as cursor, cursor.copy(command) as copy:
            while chunk := self._file.read(CHUNK_CHARACTERS):
                copy.write(chunk)


@contextmanager
def rows_ahead(session: Session, rows: Iterable[Sequence[Any]]) -> Iterator[RowsAhead]:
    """Begin to make the rows; nothing of them is left when the block ends."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="", prefix="estate-rows-") as file:
        ahead = RowsAhead(rows, file)
        connection = session.connection()
        watched = (
            (connection, "before_cursor_execute", ahead.go),
            (connection, "after_cursor_execute", ahead.rest),
        )
        for found in watched:
            event.listen(*found)
        with ThreadPoolExecutor(1, "rows-ahead") as beside:
            ahead.start(beside)
            try:
                yield ahead
            finally:
                ahead.go()
                for found in watched:
                    event.remove(*found)
