"""The register as somebody sees it: the same queries, against the views of schema `seen` (ADR 18).

A session that looks as a `Viewer` reads the views of `seen` instead of the tables: rows that the viewer may not see are
not there, withheld fields are unknown. Its transactions run as the role `estate_web`, for which the tables themselves
have row-level security: the second net. What a flush writes goes to the tables. A session without a viewer, such as
that of the worker or of a command, reads everything.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from estate.people.permissions import Identity

ROLE = "estate_web"
_VIEWER, _PATH = "estate_viewer", "estate_path"
PATH, PAST_PATH = "seen, public", "seen_as_at, seen, as_at, public"
OWN_PATH, OWN_PAST_PATH = f"seen_own, {PATH}", f"seen_own_as_at, {PAST_PATH}"
"""For who takes part in no programme: each of their own records stands alone, whatever others report beside it."""
UNSEEN_PATH, UNSEEN_PAST_PATH = "public", "as_at, public"


@dataclass(frozen=True)
class Viewer:
    """Who looks. Of their own agencies they see everything, of others what `is_partner` lets them."""

    agency_ids: frozenset[int] = frozenset()
    user_id: int | None = None
    is_partner: bool = False
    """False: sees only what is open."""

    @property
    def stands_outside(self) -> bool:
        """Has agencies, and none of them takes part in a programme today."""
        return bool(self.agency_ids) and not self.is_partner


def viewer_as(identity: Identity) -> Viewer:
    """As whom somebody sees the register: as a partner whose agency takes part today, else only what is open.

    The one definition: pages, calendars and edits of many buildings all ask here.
    """
    return Viewer(identity.agency_ids, identity.user_id, is_partner=bool(identity.programme_ids))


EVERY_AGENCY = Viewer(is_partner=True)
"""What every agency of the partnership may see, and no more: what proposals and evidence are made of."""
THE_PUBLIC = Viewer()
"""What may leave the partnership."""

_LOOK = text("""
    SELECT set_config('estate.viewer_agency_ids', :agency_ids, true),
        set_config('estate.viewer_user_id', :user_id, true),
        set_config('estate.viewer_reach', :reach, true),
        set_config('search_path', :path, true),
        set_config('role', coalesce((SELECT rolname FROM pg_roles
            WHERE rolname = :role AND pg_has_role(session_user, oid, 'MEMBER')), 'none'), true)
""")
WHOLE_PATH, WHOLE_PAST_PATH = "seen_whole", "seen_whole_as_at"
_LOOK_AT_WHOLE_LIST = text("""
    SELECT set_config('search_path', :path || ', ' || current_setting('search_path'), true)
    WHERE seen.shows_every_field() AND seen.reaches_partners()
""")
_STOP = text("SELECT set_config('search_path', :path, true), set_config('role', 'none', true)")
_BACK = text("SELECT set_config('search_path', :path, true), set_config('role', :role, true)")
_STATE = text("SELECT current_setting('search_path'), current_setting('role')")
_VIEWER_STATE = text("""
    SELECT coalesce(current_setting('estate.viewer_agency_ids', true), '') AS agency_ids,
        coalesce(current_setting('estate.viewer_user_id', true), '') AS user_id,
        coalesce(current_setting('estate.viewer_reach', true), '') AS reach
""")
_SET_PATH = text("SELECT set_config('search_path', :path, true)")


def see_as(session: Session, viewer: Viewer) -> None:
    """Let `session` see what `viewer` sees from here on, in this transaction and in those that follow."""
    session.info[_VIEWER] = viewer
    if session.in_transaction():
        session.flush()
        _look(session.connection(), viewer)


def see_everything(session: Session) -> None:
    """End `see_as`."""
    session.flush()
    if session.info.pop(_VIEWER, None) is not None and session.in_transaction():
        session.connection().execute(_STOP, {"path": UNSEEN_PATH})


def viewer_of(session: Session) -> Viewer | None:
    """As whom `session` sees the register; None where it sees everything."""
    viewer: Viewer | None = session.info.get(_VIEWER)
    return viewer


def path_of(session: Session, *, is_past: bool) -> str:
    """The search path for reading today or the past with the eyes of the session's viewer."""
    viewer = viewer_of(session)
    if viewer is None:
        return UNSEEN_PAST_PATH if is_past else UNSEEN_PATH
    if viewer.stands_outside:
        return OWN_PAST_PATH if is_past else OWN_PATH
    return PAST_PATH if is_past else PATH


def turn_to(session: Session, *, is_past: bool) -> None:
    """Read today or the past with the eyes of the session's viewer, in this transaction."""
    session.execute(_SET_PATH, {"path": path_of(session, is_past=is_past)})
    if viewer_of(session) is not None:
        session.execute(_LOOK_AT_WHOLE_LIST, {"path": WHOLE_PAST_PATH if is_past else WHOLE_PATH})


@contextmanager
def seen_by(session: Session, viewer: Viewer) -> Iterator[Session]:
    """A session in the same transaction that reads the register of today as `viewer`, whoever looks.

    Nothing else may be read meanwhile; what it loads belongs to it alone.
    """
    session.flush()
    connection = session.connection()
    path, role = connection.execute(_STATE).one()
    values = dict(connection.execute(_VIEWER_STATE).one()._mapping)
    _look(connection, viewer)
    try:
        with Session(bind=connection, join_transaction_mode="rollback_only", autoflush=False) as reading:
            yield reading
    finally:
        # In a transaction that has failed nothing can be set, and its rollback brings everything back.
        with suppress(DBAPIError):
            connection.execute(_LOOK, {**values, "path": path, "role": role})


@contextmanager
def unseen(session: Session) -> Iterator[None]:
    """Read and write everything inside the block, whoever looks.

    For what follows from all records alike, such as the rows of lists: worked out with one viewer's eyes, it would be
    wrong for everybody else.
    """
    if viewer_of(session) is None:
        yield
        return
    connection = session.connection()
    path, role = connection.execute(_STATE).one()
    connection.execute(_STOP, {"path": UNSEEN_PATH})
    try:
        yield
    finally:
        # In a transaction that has failed nothing can be set, and its rollback brings everything back.
        with suppress(DBAPIError):
            connection.execute(_BACK, {"path": path, "role": role})


def _look(connection: Connection, viewer: Viewer) -> None:
    """Look with the viewer's eyes; who sees every field reads the list of `WHOLE_PATH`, which indexes answer."""
    values = {
        "agency_ids": "{" + ",".join(map(str, sorted(viewer.agency_ids))) + "}",
        "user_id": "" if viewer.user_id is None else str(viewer.user_id),
        "reach": "partner" if viewer.is_partner else "open",
        "path": OWN_PATH if viewer.stands_outside else PATH,
        "role": ROLE,
    }
    connection.execute(_LOOK, values)
    connection.execute(_LOOK_AT_WHOLE_LIST, {"path": WHOLE_PATH})


@event.listens_for(Session, "after_begin")
def _keep_looking(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """A new transaction, such as that after a rollback, begins with the viewer's eyes."""
    viewer = viewer_of(session)
    if viewer is not None and not transaction.nested:
        _look(connection, viewer)


@event.listens_for(Session, "before_flush")
def _write_to_tables(session: Session, context: Any, instances: Any) -> None:
    if viewer_of(session) is not None:
        connection = session.connection()
        session.info[_PATH] = connection.execute(_STATE).one()[0]
        connection.execute(_SET_PATH, {"path": UNSEEN_PATH})


@event.listens_for(Session, "after_flush")
def _read_from_views(session: Session, context: Any) -> None:
    path = session.info.pop(_PATH, None)
    if path is not None:
        session.connection().execute(_SET_PATH, {"path": path})


@event.listens_for(Session, "do_orm_execute")
def _write_in_one_go(state: ORMExecuteState) -> Any:
    """A statement that writes goes to the tables, as a flush does."""
    session = state.session
    if viewer_of(session) is None or not (state.is_insert or state.is_update or state.is_delete):
        return None
    # Not by way of the session's own note of its path: this may happen in the middle of a flush.
    connection = session.connection()
    path = connection.execute(_STATE).one()[0]
    connection.execute(_SET_PATH, {"path": UNSEEN_PATH})
    result = state.invoke_statement()
    connection.execute(_SET_PATH, {"path": path})
    return result
