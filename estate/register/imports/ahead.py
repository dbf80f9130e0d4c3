"""Rows for COPY that are made beside the database's own work, in a temporary file instead of in memory."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, Any

from sqlalchemy.orm import Session

CHUNK_CHARACTERS = 1 << 20


class RowsAhead:
    """Rows without NULL that a thread writes down while the caller waits for the database."""

    def __init__(self, rows: Iterable[Sequence[Any]], beside: ThreadPoolExecutor, file: IO[str]) -> None:
        self._file = file
        self._written = beside.submit(self._write, rows)

    def _write(self, rows: Iterable[Sequence[Any]]) -> None:
        csv.writer(self._file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(rows)
        self._file.seek(0)

    def __iter__(self) -> Iterator[list[str]]:
        """The rows as text, once they are all written."""
        self._written.result()
        return csv.reader(self._file)

    def copy_into(self, session: Session, table: str, columns: Iterable[str]) -> None:
        """COPY them into `table`, once they are all written."""
        self._written.result()
        connection: Any = session.connection().connection.driver_connection
        command = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
        with connection.cursor() as cursor, cursor.copy(command) as copy:
            while chunk := self._file.read(CHUNK_CHARACTERS):
                copy.write(chunk)


@contextmanager
def rows_ahead(rows: Iterable[Sequence[Any]]) -> Iterator[RowsAhead]:
    """Begin to make the rows; nothing of them is left when the block ends."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", newline="", prefix="estate-rows-") as file,
        ThreadPoolExecutor(1, "rows-ahead") as beside,
    ):
        yield RowsAhead(rows, beside, file)
