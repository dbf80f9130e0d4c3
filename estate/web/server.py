"""Settings of the web server: `gunicorn --config python:estate.web.server 'estate.web:create_app()'`."""

import importlib
import threading

from estate.settings import get_settings

bind = f"{get_settings().host}:{get_settings().port}"
workers = get_settings().workers
threads = 4
timeout = 120
loglevel = "warning"
preload_app = True  # The libraries are read once; every worker is a copy of that.

HEAVY = ("mapclassify",)


def post_worker_init(worker: object) -> None:
    """Read the libraries that only some pages need, while nobody waits for them."""
    for name in HEAVY:
        threading.Thread(target=importlib.import_module, args=(name,), daemon=True).start()
