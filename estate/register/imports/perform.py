"""The worker's side of imports: check, apply and undo, each in one transaction, with progress for the page.

A job whose worker or database dies is run again from its start: nothing of it was stored, or all of it.
"""

import logging
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, undefer

from estate import jobs
from estate.db import make_session
from estate.errors import EstateError
from estate.register.imports.cancel import ImportCancelled
from estate.register.imports.obstacles import Uses
from estate.register.imports.reporting import Tell
from estate.register.imports.undo import undo_import
from estate.register.imports.uploads import apply_import, check_import
from estate.register.models import Import, ImportStatus

CHECK_TASK, APPLY_TASK, UNDO_TASK = "imports.check", "imports.apply", "imports.undo"
QUEUE = "imports"
ONE_WORKER = 0x494D5057
"""Lock key, with the import's number beside it."""
WENT_WRONG = "The import ended in an error of ours; nothing was stored. Try again, or tell the operator: import {}."
NOT_UNDONE = "The import could not be undone, by an error of ours; nothing was changed. Tell the operator: import {}."

log = logging.getLogger(__name__)


def queue_check(session: Session, brought: Import) -> None:
    """Put the check of a file in the queue, in the caller's transaction."""
    jobs.defer(session, CHECK_TASK, queue=QUEUE, import_id=brought.id)


def queue_apply(session: Session, brought: Import) -> None:
    """Put the storing of a file in the queue, in the caller's transaction."""
    jobs.defer(session, APPLY_TASK, queue=QUEUE, import_id=brought.id)


def queue_undo(session: Session, brought: Import) -> None:
    """Put the undoing of an import in the queue, in the caller's transaction."""
    jobs.defer(session, UNDO_TASK, queue=QUEUE, import_id=brought.id)


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


def perform_undo(import_id: int, uses: Collection[Uses] = ()) -> None:
    """Undo an import for which that was asked; a second call for one that was undone does nothing."""
    _perform(
        import_id,
        (ImportStatus.UNDOING,),
        ImportStatus.UNDOING,
        lambda session, brought, tell: undo_import(session, brought, uses=uses),
        (ImportStatus.APPLIED, NOT_UNDONE),
    )


def _perform(
    import_id: int,
    expected: tuple[ImportStatus, ...],
    working: ImportStatus,
    work: Callable[[Session, Import, Tell], Any],
    otherwise: tuple[ImportStatus, str] = (ImportStatus.FAILED, WENT_WRONG),
) -> None:
    """Do the work in one transaction; whatever goes wrong leaves the import as `otherwise` says, with a sentence."""
    if not _claim(import_id, expected, working):
        return
    try:
        with make_session.begin() as session:
            # A second worker that was given the same job waits here, and then finds it done.
            session.execute(select(func.pg_advisory_xact_lock(ONE_WORKER, import_id % 2**31)))
            query = select(Import).where(Import.id == import_id).options(undefer(Import.content))
            brought = session.scalars(query).one()
            if brought.status is working:
                work(session, brought, partial(_tell, import_id))
    except ImportCancelled as cancelled:
        _fail(import_id, ImportStatus.DISCARDED, cancelled.message)
    except EstateError as error:
        _fail(import_id, otherwise[0], error.message)
    except OperationalError:
        # The database went away: nothing was stored, and the job is run again.
        raise
    except Exception:
        log.exception("Import %s failed", import_id)
        _fail(import_id, otherwise[0], otherwise[1].format(import_id))
        raise


def _claim(import_id: int, expected: tuple[ImportStatus, ...], working: ImportStatus) -> bool:
    with make_session.begin() as session:
        claimed = update(Import).where(Import.id == import_id, Import.status.in_(expected))
        return bool(session.execute(claimed.values(status=working, progress=0.1).returning(Import.id)).first())


def _tell(import_id: int, fraction: float, doing: str) -> None:
    """Keep how far the work is, for the page, in a transaction of its own; `ImportCancelled` where that was asked."""
    with make_session.begin() as session:
        telling = update(Import).where(Import.id == import_id).values(progress=fraction, doing=doing)
        asked = session.execute(telling.returning(Import.cancel_asked_at)).scalar_one_or_none()
    if asked is not None:
        raise ImportCancelled


def _fail(import_id: int, status: ImportStatus, message: str) -> None:
    with make_session.begin() as session:
        failed = update(Import).where(Import.id == import_id)
        session.execute(failed.values(status=status, message=message, progress=1.0, doing=None))
