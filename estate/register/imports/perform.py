"""The worker's side of imports: check and apply a kept file, each in one transaction, with progress for the page."""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from estate import jobs
from estate.db import make_session
from estate.errors import EstateError
from estate.register.imports.uploads import apply_import, check_import
from estate.register.models import Import, ImportStatus

CHECK_TASK, APPLY_TASK = "imports.check", "imports.apply"
QUEUE = "imports"
WENT_WRONG = "The import ended in an error of ours; nothing was stored. Try again, or tell the operator: import {}."

log = logging.getLogger(__name__)


def queue_check(session: Session, brought: Import) -> None:
    """Put the check of a file in the queue, in the caller's transaction."""
    jobs.defer(session, CHECK_TASK, queue=QUEUE, import_id=brought.id)


def queue_apply(session: Session, brought: Import) -> None:
    """Put the storing of a file in the queue, in the caller's transaction."""
    jobs.defer(session, APPLY_TASK, queue=QUEUE, import_id=brought.id)


def perform_check(import_id: int) -> None:
    """Check a waiting file; a second call for one that was checked does nothing."""
    _perform(
        import_id,
        (ImportStatus.WAITING, ImportStatus.CHECKING),
        ImportStatus.CHECKING,
        lambda session, brought, tell: check_import(session, brought, tell),
    )


def perform_apply(import_id: int) -> None:
    """Store a confirmed file; a second call for one that was stored does nothing."""
    _perform(
        import_id,
        (ImportStatus.APPLYING,),
        ImportStatus.APPLYING,
        lambda session, brought, tell: apply_import(session, brought, actor=brought.actor_id, tell=tell),
    )


def _perform(
    import_id: int,
    expected: tuple[ImportStatus, ...],
    working: ImportStatus,
    work: Callable[[Session, Import, Callable[[float], None]], Any],
) -> None:
    """Do the work in one transaction; whatever goes wrong leaves a failed import with a sentence."""
    if not _claim(import_id, expected, working):
        return
    try:
        with make_session.begin() as session:
            query = select(Import).where(Import.id == import_id).options(undefer(Import.content))
            work(session, session.scalars(query).one(), lambda fraction: _tell(import_id, fraction))
    except EstateError as error:
        _fail(import_id, error.message)
    except Exception:
        log.exception("Import %s failed", import_id)
        _fail(import_id, WENT_WRONG.format(import_id))
        raise


def _claim(import_id: int, expected: tuple[ImportStatus, ...], working: ImportStatus) -> bool:
    with make_session.begin() as session:
        claimed = update(Import).where(Import.id == import_id, Import.status.in_(expected))
        return bool(session.execute(claimed.values(status=working, progress=0.1).returning(Import.id)).first())


def _tell(import_id: int, fraction: float) -> None:
    with make_session.begin() as session:
        session.execute(update(Import).where(Import.id == import_id).values(progress=fraction))


def _fail(import_id: int, message: str) -> None:
    with make_session.begin() as session:
        failed = update(Import).where(Import.id == import_id)
        session.execute(failed.values(status=ImportStatus.FAILED, message=message, progress=1.0))
