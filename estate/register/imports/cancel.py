"""An import given up while a job is at work on it: up to the moment before it commits, and never after."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from estate.errors import Conflict
from estate.register.models import Import, ImportStatus

CANCELLABLE = (ImportStatus.WAITING, ImportStatus.CHECKING, ImportStatus.APPLYING)
LOCK = {"of": Import, "key_share": True}
"""Stronger than a job's own progress, which it holds up, and no hindrance to rows that refer to the import."""
MESSAGE = "The import was cancelled. Nothing of it was stored."


class NotAtWork(Conflict):
    """Nothing is at work on this import, so there is nothing to cancel. If it was stored, it can be undone."""


class ImportCancelled(Conflict):
    """The import was cancelled. Nothing of it was stored."""


def cancel_import(session: Session, brought: Import) -> None:
    """Ask the job at work on `brought` to stop; one that still waits for its turn is given up at once.

    Waits for a job that is just committing, and then raises `NotAtWork`.
    """
    session.refresh(brought, with_for_update=LOCK)
    if brought.status not in CANCELLABLE:
        raise NotAtWork
    if brought.status is ImportStatus.WAITING:
        brought.status, brought.message = ImportStatus.DISCARDED, MESSAGE
    brought.cancel_asked_at = datetime.now(UTC)
    brought.doing = "Being cancelled"
    session.flush()


def require_not_cancelled(session: Session, brought: Import) -> None:
    """Raise `ImportCancelled` where that was asked; else nobody can ask until this transaction ends."""
    session.refresh(brought, with_for_update=LOCK)
    if brought.cancel_asked_at is not None:
        raise ImportCancelled
