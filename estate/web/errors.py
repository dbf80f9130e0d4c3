"""One table from an error to an HTTP status, and for each status a page that says what to do."""

import logging
import traceback

from flask import Flask, current_app, g, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from estate.errors import Conflict, EstateError, InvalidInput, NotAllowed, NotFound
from estate.register.constraints import sentence_of
from estate.web.database import current_session
from estate.web.provider import ProviderUnreachable
from estate.web.sign_in_limits import TooManyAttempts

STATUS: dict[type[EstateError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    InvalidInput: 422,
    Conflict: 409,
    TooManyAttempts: 429,
    ProviderUnreachable: 503,
    EstateError: 400,
}

PAGES: dict[int, tuple[str, str]] = {
    400: ("This request could not be understood", "Go back, reload the page and try again."),
    401: (
        "Sign in first",
        "You were signed out, so nothing was saved. Sign in, go back to the form and send it again.",
    ),
    403: ("You may not do this", "Your role does not allow this. Ask an administrator of your agency."),
    404: ("Page not found", "Check the address. The page may belong to another agency, or it never existed."),
    405: ("This address can't be used that way", "Go back and use the links and buttons of the page."),
    409: (
        "This can't be done as things stand",
        "Somebody may have changed it first. Open the page again, look at what changed, and make your change anew.",
    ),
    413: ("This is too large", "Send a smaller file or less text. The upload page states the limit."),
    415: ("This kind of file can't be read", "Use one of the formats named on the upload page."),
    422: ("Something entered can't be stored", "Go back, correct the fields named below and send the form again."),
    429: ("Too many tries", "Wait some minutes before you try again."),
    500: (
        "Something went wrong on our side",
        "Nothing was saved. Try again; if it happens again, tell the person who runs this installation.",
    ),
    503: ("Not available at the moment", "Wait a minute and try again."),
}

log = logging.getLogger(__name__)


def init_errors(app: Flask) -> None:
    """Turn every exception into a page that says what to do; a stack trace goes to the log only."""
    app.register_error_handler(EstateError, _estate_error)
    app.register_error_handler(StaleDataError, lambda error: error_page(409))
    app.register_error_handler(IntegrityError, _broken_constraint)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: EstateError) -> int:
    """The HTTP status of `error`: that of the nearest of its classes in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_page(status: int, message: str = "", fields: dict[str, str] | None = None) -> tuple[str, int]:
    """The page for `status`; `message` takes the place of the usual advice."""
    title, advice = PAGES.get(status, PAGES[500] if status >= 500 else PAGES[400])
    page = render_template(
        "errors/error.html", status=status, title=title, advice=message or advice, fields=fields or {}
    )
    return page, status


def _estate_error(error: EstateError) -> tuple[str, int]:
    return error_page(status_of(error), error.message, getattr(error, "fields", None))


def _broken_constraint(error: IntegrityError) -> tuple[str, int]:
    """A rule that only the database knew of, such as two people storing the same thing at once."""
    current_session().rollback()
    diagnosis = getattr(error.orig, "diag", None)
    name = diagnosis.constraint_name if diagnosis else None
    # Not the error itself: the database quotes the whole row in it, restricted or not.
    log.warning("A constraint refused a change: %s", name)
    return error_page(422, sentence_of(name))


def _csrf_error(error: CSRFError) -> tuple[str, int]:
    return error_page(
        400,
        "This form is too old or came from elsewhere, so nothing was saved. Reload the page and send it again.",
    )


def _http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return error_page(error.code)


def _unexpected(error: Exception) -> tuple[str, int]:
    _log(error)
    if current_app.testing:
        raise error
    if isinstance(error, SQLAlchemyError):
        _forget_identity()
    return error_page(500)


def _log(error: Exception) -> None:
    """Where it went wrong; of a database error without its message, in which rows are quoted."""
    if not isinstance(error, DBAPIError):
        log.exception("Unexpected error")
        return
    where = "".join(traceback.format_tb(error.__traceback__))
    state = getattr(error.orig, "sqlstate", None)
    log.error("Unexpected error of the database: %s, %s\n%s", type(error.orig).__name__, state, where)


def _forget_identity() -> None:
    """Show the error page as to a visitor: with a broken transaction nobody can be looked up."""
    session = g.get("database_session")
    if session is not None:
        session.rollback()
    g.user = g.identity = None
