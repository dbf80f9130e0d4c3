"""An application served on loopback while a test runs, by a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import make_server


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """The address of `application`, on a free port. Leaving waits for answers under way."""
    server = make_server("127.0.0.1", 0, _whole(application), threaded=True)
    server.daemon_threads = False  # type: ignore[attr-defined]  # closing waits for answers under way
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _whole(application: Any) -> Any:
    """`application`, with each answer read and closed before it is sent.

    Werkzeug's server forgets to close an answer whose reader hangs up at the wrong moment (it reads what is left of
    the request first, and that raises), as a browser does that leaves a page: the file stays open until it is
    collected, which warns in whatever test is running by then.
    """

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        parts = application(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer
