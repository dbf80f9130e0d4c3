"""The job queue, as services see it: a job is put there by name, in the caller's own transaction.

Which code runs a job is the worker's business (`estate.worker`), so no room has to import it.
"""

from functools import cache
from typing import Any

from sqlalchemy.orm import Session


@cache
def _queue() -> Any:
    """Never opened: every job goes through the connection of the session at hand. Loaded with the first job."""
    from procrastinate import App, SyncPsycopgConnector

    return App(connector=SyncPsycopgConnector())


def defer(session: Session, task: str, *, queue: str = "default", **arguments: Any) -> int:
    """Put a job in the queue: it exists once the session commits, and never did if it rolls back. Gives its id."""
    session.flush()
    connection = session.connection().connection.driver_connection
    return _queue().configure_task(task, queue=queue, connection=connection).defer(**arguments)  # type: ignore[no-any-return]
