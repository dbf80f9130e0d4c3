"""A table as a file to download, however large: written to the disk first, then sent piece by piece."""

import re
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

from flask import Response, request

from estate.exports.formats import Format
from estate.exports.tables import Table

PIECE_BYTES = 256 * 1024
IN_MEMORY_BYTES = 4 * 1024 * 1024
READY, READY_SECONDS = re.compile(r"ready_[a-z0-9]{1,16}"), 60
"""The cookie by which the page that asked for the file knows that it is written: see static/js/prepares.js."""
MARK = b"\xef\xbb\xbf"
"""Excel takes a CSV file without it for Windows-1252."""


def file_answer(chosen: Format, table: Table, name: str) -> Response:
    """The table in the format, as an attachment called `name`. A fault while it is written is still an error page."""
    # Closed after its last piece, or where the answer is given up before.
    stream = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115
    if chosen.suffix == "csv":
        stream.write(MARK)
    chosen.write(table, stream)  # type: ignore[arg-type]
    size = stream.tell() if chosen.suffix == "csv" else stream.seek(0, 2)
    stream.seek(0)
    answer = Response(_pieces(stream), content_type=chosen.mimetype)  # type: ignore[arg-type]
    answer.call_on_close(stream.close)
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    ready = request.args.get("ready", "")
    if READY.fullmatch(ready):
        answer.set_cookie(ready, "1", max_age=READY_SECONDS, samesite="Lax", secure=request.is_secure)
    return answer


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(PIECE_BYTES):
            yield piece
