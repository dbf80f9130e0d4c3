"""Addresses of our own static files, with their content's hash, so that browsers may keep them for a year."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

A_YEAR = 365 * 24 * 3600


def init_static_files(app: Flask) -> None:
    """Offer `asset_url` to templates and let browsers keep what carries its hash."""
    app.jinja_env.globals["asset_url"] = asset_url
    app.after_request(_add_cache_control)


def asset_url(filename: str) -> str:
    """Address of a file under static/, such as `vendor/estate.css`."""
    return url_for("static", filename=filename, v=_hash_of(Path(current_app.static_folder or ""), filename))


@cache
def _hash_of(folder: Path, filename: str) -> str:
    path = folder / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"


def _add_cache_control(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR if 'v' in request.args else 3600}"
    return response
