"""The worker: takes jobs from the queue in PostgreSQL and runs them. `python -m estate.worker` starts one.

Each task is one line that calls its room's entry point; a room defers it by name with `estate.jobs.defer`.
"""

import logging
import os
import re

from procrastinate import App, PsycopgConnector
from procrastinate.job_context import JobContext

from estate.db import bind_sessions
from estate.proposals import runs
from estate.register.imports import perform as imports
from estate.register.matches import run as matches
from estate.settings import get_settings

CONCURRENCY = max(1, (os.cpu_count() or 2) // 2)
"""Jobs at once. A proposal keeps one core busy; the web server needs another."""


def make_app(url: str | None = None) -> App:
    """The queue's application on `url`, or on the configured database, with every task."""
    plain = re.sub(r"\+\w+(?=://)", "", url or get_settings().resolved_database_url)
    app = App(connector=PsycopgConnector(conninfo=plain))

    @app.task(name=runs.PERFORM_TASK, queue=runs.QUEUE)
    def perform_proposal(run_id: int) -> None:
        runs.perform(run_id)

    @app.task(name=imports.CHECK_TASK, queue=imports.QUEUE)
    def check_import(import_id: int) -> None:
        imports.perform_check(import_id)

    @app.task(name=imports.APPLY_TASK, queue=imports.QUEUE)
    def apply_import(import_id: int) -> None:
        imports.perform_apply(import_id)

    @app.task(name=matches.MATCH_TASK, queue=matches.QUEUE)
    def match_import(import_id: int) -> None:
        matches.perform_match(import_id)

    @app.periodic(cron="* * * * *")
    @app.task(name="jobs.retry_stalled", queue="default", queueing_lock="jobs.retry_stalled", pass_context=True)
    async def retry_stalled(context: JobContext, timestamp: int) -> None:
        """A job whose worker died goes back into the queue."""
        for job in await context.app.job_manager.get_stalled_jobs():
            await context.app.job_manager.retry_job(job)

    return app


def main() -> None:
    """Run until stopped by Ctrl-C or SIGTERM; jobs at work are finished first."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    bind_sessions()
    with (app := make_app()).open():
        app.run_worker(name=f"worker-{os.getpid()}", concurrency=CONCURRENCY)


if __name__ == "__main__":
    # Run by its real name: the queue knows tasks by the module that holds them, and that must not be `__main__`.
    from estate.worker import main as run_worker

    run_worker()
