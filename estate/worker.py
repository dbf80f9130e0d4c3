"""The worker: takes jobs from the queue in PostgreSQL and runs them. `python -m estate.worker` starts one.

Each task is one line that calls its room's entry point; a room defers it by name with `estate.jobs.defer`.
Areas of studies, which may be thousands, have places of their own: no other job waits until one of them is solved.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import re
import signal
import socket
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.job_context import JobContext
from sqlalchemy.exc import OperationalError

from estate.db import bind_sessions
from estate.proposals import fairness, runs, studies, study_parts
from estate.proposals.uses import proposal_uses
from estate.register import pyramid
from estate.register.attestation import reminders
from estate.register.edits import perform as edits
from estate.register.imports import perform as imports
from estate.register.matches import job as matches
from estate.register.matches.run import perform_match
from estate.settings import get_settings

CONCURRENCY = max(1, (os.cpu_count() or 2) // 2)
"""Jobs at once, and areas of studies besides. A proposal keeps one core busy; the web server needs another."""
AGAIN = RetryStrategy(wait=5, retry_exceptions=[OperationalError])
"""A job that lost the database is tried again until it is back: of an import nothing was stored, or all of it."""
WAIT_SECONDS = 5

log = logging.getLogger(__name__)


def make_app(url: str | None = None) -> App:
    """The queue's application on `url`, or on the configured database, with every task."""
    plain = re.sub(r"\+\w+(?=://)", "", url or get_settings().resolved_database_url)
    app = App(connector=PsycopgConnector(conninfo=plain))

    @app.task(name=runs.PERFORM_TASK, queue=runs.QUEUE)
    def perform_proposal(run_id: int) -> None:
        runs.perform(run_id)

    @app.task(name=fairness.SHARE_TASK, queue=runs.QUEUE, retry=AGAIN)
    def share_proposal(run_id: int) -> None:
        fairness.perform(run_id)

    @app.task(name=imports.CHECK_TASK, queue=imports.QUEUE, retry=AGAIN)
    def check_import(import_id: int) -> None:
        imports.perform_check(import_id)

    @app.task(name=imports.APPLY_TASK, queue=imports.QUEUE, retry=AGAIN)
    def apply_import(import_id: int) -> None:
        imports.perform_apply(import_id)

    @app.task(name=imports.UNDO_TASK, queue=imports.QUEUE, retry=AGAIN)
    def undo_import(import_id: int) -> None:
        imports.perform_undo(import_id, [proposal_uses])

    @app.task(name=edits.TASK, queue=edits.QUEUE, retry=AGAIN)
    def go_on_with_edit(edit_id: int) -> None:
        edits.perform(edit_id)

    @app.task(name=matches.MATCH_TASK, queue=matches.QUEUE)
    def match_import(import_id: int) -> None:
        perform_match(import_id)

    _add_studies(app)
    _add_periodic(app)
    return app


def _add_studies(app: App) -> None:
    """What is done area by area, by any number of workers."""

    @app.task(name=studies.SPLIT_TASK, queue=studies.QUEUE, retry=AGAIN)
    def split_study(study_id: int) -> None:
        study_parts.perform_split(study_id)

    @app.task(name=studies.PART_TASK, queue=studies.QUEUE, retry=AGAIN, pass_context=True)
    def solve_part(context: JobContext, part_id: int) -> None:
        study_parts.perform_part(part_id, context.job.id)


def _add_periodic(app: App) -> None:
    """What is done by the clock."""

    @app.periodic(cron="0 7 * * *")
    @app.task(name=reminders.REMIND_TASK, queue="default", queueing_lock=reminders.REMIND_TASK)
    def remind(timestamp: int) -> None:
        reminders.perform_reminders()

    @app.periodic(cron="*/5 * * * *")
    @app.task(name=pyramid.FOLD_TASK, queue="default", queueing_lock=pyramid.FOLD_TASK)
    def fold_map(timestamp: int) -> None:
        pyramid.perform_fold()

    @app.periodic(cron="* * * * *")
    @app.task(name="jobs.retry_stalled", queue="default", queueing_lock="jobs.retry_stalled", pass_context=True)
    async def retry_stalled(context: JobContext, timestamp: int) -> None:
        """A job whose worker died goes back into the queue."""
        for job in await context.app.job_manager.get_stalled_jobs():
            await context.app.job_manager.retry_job(job)


class Stop:
    """Whether somebody asked the worker to stop: the queue itself also returns when the database went away."""

    is_asked = False

    def ask(self, work: asyncio.Task[None]) -> None:
        """Let the jobs at work end, then stop."""
        self.is_asked = True
        work.cancel()


@dataclass(frozen=True)
class Places:
    """How many jobs a worker does at once: areas of studies, and others. It takes none of a kind without a place."""

    studies: int = CONCURRENCY
    others: int = CONCURRENCY


def main(arguments: list[str] | None = None) -> None:
    """Run until stopped by Ctrl-C or SIGTERM; jobs at work are finished first. Waits for a database that went away."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    places = _places(arguments)
    bind_sessions()
    asyncio.run(_work_until(Stop(), places))


def _places(arguments: list[str] | None) -> Places:
    parser = argparse.ArgumentParser(prog="estate worker")
    parser.add_argument("--concurrency", type=int, default=CONCURRENCY)
    parser.add_argument("--only-studies", action="store_true")
    given = parser.parse_args(arguments)
    return Places(max(1, given.concurrency), 0 if given.only_studies else CONCURRENCY)


async def _work_until(stop: Stop, places: Places) -> None:
    loop = asyncio.get_running_loop()
    while not stop.is_asked:
        work = asyncio.create_task(_work(places))
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.ask, work)
        with contextlib.suppress(ConnectorException, asyncio.CancelledError):
            await work
        if not stop.is_asked:
            log.warning("The database does not answer. Trying again in %s seconds.", WAIT_SECONDS)
            await asyncio.sleep(WAIT_SECONDS)


async def _work(places: Places) -> None:
    """Take jobs, first those whose worker died."""
    app = make_app()
    async with app.open_async():
        with contextlib.suppress(AlreadyEnqueued):
            await app.tasks["jobs.retry_stalled"].defer_async(timestamp=int(time.time()))
        kinds = [("others", places.others, other_queues(app)), ("studies", places.studies, [studies.QUEUE])]
        await _until_one_ends(_take(app, kind, count, queues) for kind, count, queues in kinds if count)


def other_queues(app: App) -> list[str]:
    """Every queue but that of studies."""
    return sorted({task.queue for task in app.tasks.values()} - {studies.QUEUE})


async def _take(app: App, kind: str, count: int, queues: list[str]) -> None:
    name = f"{kind}-{socket.gethostname()}-{os.getpid()}"
    await app.run_worker_async(queues=queues, name=name, concurrency=count, install_signal_handlers=False)


async def _until_one_ends(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Runs them side by side; when one ends, or this is cancelled, the others end their jobs and stop too."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


if __name__ == "__main__":
    # Run by its real name: the queue knows tasks by the module that holds them, and that must not be `__main__`.
    from estate.worker import main as run_worker

    run_worker()
