"""The one place where a web request opens, commits or rolls back its database session."""

from flask import Flask, Response, current_app, g, request
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from estate.register.seen import THE_PUBLIC, see_as, see_everything

EXTENSION = "estate_make_session"
VIEWER = "viewer"
"""Where `g` holds as whom the request's session opens, where that is known before it opens."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_database(app: Flask, maker: sessionmaker[Session]) -> None:
    """Give `app` its session maker and the commit-once rule."""
    app.extensions[EXTENSION] = maker
    app.after_request(_finish)
    app.teardown_request(_close)


def current_session() -> Session:
    """The database session of this request, opened at first use. A GET's is read-only: the database refuses a write.

    It sees what is open to all, until `access` knows who asks.
    """
    if "database_session" not in g:
        g.database_session = current_app.extensions[EXTENSION]()
        see_as(g.database_session, g.get(VIEWER, THE_PUBLIC))
        if request.method in SAFE_METHODS:
            g.database_session.execute(text("SET TRANSACTION READ ONLY"))
    session: Session = g.database_session
    return session


def bare_session() -> Session:
    """A session of the tables themselves, to be closed at once: for what is asked before it is known who asks."""
    session: Session = current_app.extensions[EXTENSION]()
    return session


def keep_changes() -> None:
    """Commit this request although its answer is 400 or above. Only failed sign-ins need it: they are counted."""
    g.keep_changes = True


def _finish(response: Response) -> Response:
    session: Session | None = g.get("database_session")
    if session is None:
        return response
    is_write = request.method not in SAFE_METHODS
    if is_write and (response.status_code < 400 or g.get("keep_changes")):
        see_everything(session)
        session.commit()
    else:
        session.rollback()
    return response


def _close(error: BaseException | None) -> None:
    session: Session | None = g.pop("database_session", None)
    if session is not None:
        session.close()
