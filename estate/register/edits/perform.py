"""The jobs of edits too large to wait for: preparing, writing and undoing, each in one transaction."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from estate import jobs
from estate.db import make_session
from estate.errors import EstateError
from estate.register.edits.apply import apply_edit
from estate.register.edits.prepare import prepare_edit, row_count
from estate.register.edits.rights import rights_of_user
from estate.register.edits.undo import undo_edit
from estate.register.models import BulkEdit, EditStatus
from estate.register.seen import see_as, see_everything, viewer_of

TASK, QUEUE = "edits.go_on", "edits"
AT_ONCE = 300
"""Rows of an edit for which nobody has to wait: they are dealt with in the request itself."""
ONE_WORKER = 0x45444954
"""Lock key, with the edit's number beside it."""
WENT_WRONG = "This ended in an error of ours; nothing was changed. Try again, or tell the operator: change {}."
AT_WORK = (EditStatus.PREPARING, EditStatus.APPLYING, EditStatus.UNDOING)
AFTER_FAILURE = {
    EditStatus.PREPARING: EditStatus.FAILED,
    EditStatus.APPLYING: EditStatus.READY,
    EditStatus.UNDOING: EditStatus.APPLIED,
}
"""Where an edit stands after a step that failed: as before it."""

log = logging.getLogger(__name__)


def go_on(session: Session, edit: BulkEdit) -> None:
    """Do the step at which the edit stands: here where it is small, else as a job."""
    if row_count(edit) <= AT_ONCE:
        with _everything_seen(session):
            work_on(session, edit)
    else:
        jobs.defer(session, TASK, queue=QUEUE, edit_id=edit.id)


@contextmanager
def _everything_seen(session: Session) -> Iterator[None]:
    """Let a web session do the worker's work, which reads and writes the tables: rights are asked row by row."""
    viewer = viewer_of(session)
    session.flush()
    session.expire_all()
    see_everything(session)
    try:
        yield
        session.flush()
        session.expire_all()
    finally:
        if viewer is not None:
            # After an error of the database nothing can be set; the next transaction looks as the viewer again.
            with suppress(SQLAlchemyError):
                see_as(session, viewer)


def work_on(session: Session, edit: BulkEdit, tell: Callable[[float], None] = lambda fraction: None) -> None:
    """Do the step at which the edit stands, with the rights its actor has by now; nothing where it waits for people."""
    if edit.status is EditStatus.PREPARING:
        prepare_edit(session, edit, rights_of_user(session, edit.actor_id), tell)
    elif edit.status is EditStatus.APPLYING:
        apply_edit(session, edit, rights_of_user(session, edit.actor_id))
    elif edit.status is EditStatus.UNDOING:
        undo_edit(session, edit, rights_of_user(session, edit.undone_by_id))


def perform(edit_id: int) -> None:
    """The job: one step of one edit. A second call for a step that is done does nothing."""
    try:
        with make_session.begin() as session:
            # A second worker that was given the same job waits here, and then finds it done.
            session.execute(select(func.pg_advisory_xact_lock(ONE_WORKER, edit_id % 2**31)))
            edit = session.get_one(BulkEdit, edit_id)
            work_on(session, edit, lambda fraction: _keep(edit_id, progress=fraction))
    except EstateError as error:
        _fail(edit_id, error.message)
    except OperationalError:
        # The database went away: nothing was stored, and the job is run again.
        raise
    except Exception:
        log.exception("Change %s failed", edit_id)
        _fail(edit_id, WENT_WRONG.format(edit_id))
        raise


def _keep(edit_id: int, **values: Any) -> None:
    with make_session.begin() as session:
        session.execute(update(BulkEdit).where(BulkEdit.id == edit_id).values(**values))


def _fail(edit_id: int, message: str) -> None:
    with make_session.begin() as session:
        edit = session.get_one(BulkEdit, edit_id, with_for_update=True)
        edit.status = AFTER_FAILURE.get(edit.status, edit.status)
        edit.message, edit.progress = message, 1.0
