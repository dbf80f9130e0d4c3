"""The worker: takes jobs from the queue in PostgreSQL and runs them. `python -m estate.worker` starts one.

Each task is one line that calls its room's entry point; a room defers it by name with `estate.jobs.defer`.
"""

import asyncio
import contextlib
import logging
import os
import re
import signal
import time

from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.job_context import JobContext
from sqlalchemy.exc import OperationalError

from estate.db import bind_sessions
from estate.proposals import fairness, runs
from estate.proposals.uses import proposal_uses
from estate.register import area_sum_keeping, pyramid
from estate.register.attestation import reminders
from estate.register.edits import perform as edits
from estate.register.imports import perform as imports
from estate.register.matches import job as matches
from estate.register.matches.run import perform_match
from estate.settings import get_settings

CONCURRENCY = max(1, (os.cpu_count() or 2) // 2)
"""Jobs at once. A proposal keeps one core busy; the web server needs another."""
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

    _add_periodic(app)
    return app


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
    @app.task(name=area_sum_keeping.SUM_TASK, queue="default", queueing_lock=area_sum_keeping.SUM_TASK)
    def sum_areas(timestamp: int) -> None:
        area_sum_keeping.perform_sums()

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


def main() -> None:
    """Run until stopped by Ctrl-C or SIGTERM; jobs at work are finished first. Waits for a database that went away."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    bind_sessions()
    asyncio.run(_work_until(Stop()))


async def _work_until(stop: Stop) -> None:
    loop = asyncio.get_running_loop()
    while not stop.is_asked:
        work = asyncio.create_task(_work())
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.ask, work)
        with contextlib.suppress(ConnectorException, asyncio.CancelledError):
            await work
        if not stop.is_asked:
            log.warning("The database does not answer. Trying again in %s seconds.", WAIT_SECONDS)
            await asyncio.sleep(WAIT_SECONDS)


async def _work() -> None:
    """Take jobs, first those whose worker died."""
    app = make_app()
    async with app.open_async():
        with contextlib.suppress(AlreadyEnqueued):
            await app.tasks["jobs.retry_stalled"].defer_async(timestamp=int(time.time()))
        name = f"worker-{os.getpid()}"
        await app.run_worker_async(name=name, concurrency=CONCURRENCY, install_signal_handlers=False)


if __name__ == "__main__":
    # Run by its real name: the queue knows tasks by the module that holds them, and that must not be `__main__`.
    from estate.worker import main as run_worker

    run_worker()
