"""The job queue, as services see it: a job is put there by name, in the caller's own transaction.

Which code runs a job is the worker's business (`estate.worker`), so no room has to import it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy.orm import Session


@cache
def _queue() -> Any:
    """Never opened: every job goes through the connection of the session at hand. Loaded with the first job."""
    from procrastinate import App, SyncPsycopgConnector

    return App(connector=SyncPsycopgConnector())


def defer(session: Session, task: str, *, queue: str = "default", priority: int = 0, **arguments: Any) -> int:
    """Put a job in the queue: it exists once the session commits, and never did if it rolls back. Gives its id."""
    return defer_many(session, task, [arguments], queue=queue, priority=priority)[0]


def defer_many(
    session: Session, task: str, arguments: Sequence[dict[str, Any]], *, queue: str = "default", priority: int = 0
) -> list[int]:
    """The same for a job of each of the `arguments`, in one statement. Of two jobs the higher priority goes first."""
    if not arguments:
        return []
    session.flush()
    connection = session.connection().connection.driver_connection
    configured = _queue().configure_task(task, queue=queue, priority=priority, connection=connection)
    return configured.batch_defer(*arguments)  # type: ignore[no-any-return]
