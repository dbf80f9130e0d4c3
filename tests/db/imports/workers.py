"""Real worker processes for tests that kill them, and an eye on the database that shares nothing with the code."""

import contextlib
import csv
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg

from estate.db import make_session
from estate.people.models import Agency
from estate.register.imports import perform
from estate.register.imports.check import Options
from estate.register.imports.mapping import drafts
from estate.register.imports.uploads import check_import, confirm_import, start_import
from estate.settings import ROOT

PATIENCE_SECONDS = 90


def file_of(rows: int, prefix: str = "B") -> bytes:
    """Buildings with a cost each."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    header = [
        "Reference", "Name", "UPRN", "Postcode", "Use", "Gross internal area m2", "Tenure",
        "Financial year", "Cost: energy",
    ]  # fmt: skip
    writer.writerow(header)
    for number in range(rows):
        reference = f"{prefix}{number}"
        writer.writerow(
            [reference, f"Building {reference}", "", "M32 0TH", "office", 50, "freehold", "2023-24", 100 + number]
        )
    return buffer.getvalue().encode()


OWN_NAMES = {
    "Reference": "Prop ref", "Name": "What we call it", "Use": "Asset type", "Tenure": "Held as",
    "Gross internal area m2": "Size", "Cost: energy": "Electricity 2023/24",
}  # fmt: skip


def own_list_of(rows: int, prefix: str = "B") -> bytes:
    """The same under headings of somebody's own, below a title: it needs a mapping."""
    header, _, body = file_of(rows, prefix).decode().partition("\r\n")
    named = [OWN_NAMES.get(name, name) for name in header.split(",")]
    return "\r\n".join(["Our list", ",".join(named), body]).encode()


def queue_mapped_import(content: bytes, agency_id: int) -> int:
    """The same as `queue_import` for an unknown file: the first of its header is mapped as it is guessed."""
    with make_session.begin() as session:
        agency = session.get_one(Agency, agency_id)
        brought = start_import(session, content, "list.csv", agency=agency, actor=None, options=Options())
        if check_import(session, brought) is None:
            drafts.use_mapping(session, brought, drafts.draft_of(session, brought), name="List", actor=None)
            assert check_import(session, brought), brought.message
        confirm_import(session, brought)
        perform.queue_apply(session, brought)
        return brought.id


def queue_import(content: bytes, agency_id: int, name: str = "file.csv") -> int:
    """Check and confirm a file, so that storing it waits for a worker; gives the import's id."""
    with make_session.begin() as session:
        agency = session.get_one(Agency, agency_id)
        brought = start_import(session, content, name, agency=agency, actor=None, options=Options())
        assert check_import(session, brought), brought.message
        confirm_import(session, brought)
        perform.queue_apply(session, brought)
        return brought.id


@contextlib.contextmanager
def worker(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process on the database at `url`; killed at the end if it still runs."""
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "estate.worker"], cwd=ROOT, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Eye:
    """Reads the database with a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def wait_for(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait until `is_so`; fails after a while."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < end, f"waited in vain until {what}"
            time.sleep(0.05)

    def wait_for_status(self, import_id: int, status: str) -> None:
        """Wait until the import has this status."""
        query = "SELECT status::text FROM import WHERE id = %s"
        self.wait_for(lambda: self.ask(query, import_id) == [(status,)], f"import {import_id} is {status}")

    def waiting(self) -> int:
        """How many connections wait for a lock."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return int(self.ask(query)[0][0])

    @contextlib.contextmanager
    def lock(self, table: str) -> Iterator[psycopg.Connection[Any]]:
        """Keep everybody else from the table."""
        with psycopg.connect(self.url) as connection:
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield connection
            with contextlib.suppress(psycopg.OperationalError):
                connection.rollback()

    def let_time_pass(self) -> None:
        """Let every worker that gave a sign of life until now seem long gone."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")

    def counts(self) -> dict[str, int]:
        """Rows that an import leaves behind, by table."""
        tables = ("building", "interest", "running_cost", "source_record")
        found = {table: self.ask(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
        (events,) = self.ask("SELECT count(*), count(DISTINCT subject_id) FROM event WHERE action = 'import_building'")
        return {**found, "events": events[0], "buildings with events": events[1]}

    def assert_stored_once(self, content: bytes) -> None:
        """Exactly the rows of the file are in the register: counted by the standard library's reader and plain SQL."""
        text = content.decode().removeprefix("Our list\r\n")
        for known, own in OWN_NAMES.items():
            text = text.replace(own, known, 1) if own in text.split("\r\n")[0] else text
        rows = list(csv.DictReader(io.StringIO(text)))
        assert set(self.counts().values()) == {len(rows)}
        total = sum(int(row["Cost: energy"]) for row in rows)
        assert self.ask("SELECT sum(amount)::int, count(DISTINCT building_id)::int FROM running_cost") == [
            (total, len(rows))
        ]
        assert {name for (name,) in self.ask("SELECT name FROM building")} == {row["Name"] for row in rows}
