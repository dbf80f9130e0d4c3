"""Settings of the web server: `gunicorn --config python:estate.web.server 'estate.web:create_app()'`."""

import importlib
import re
import threading
from typing import Any

from gunicorn.glogging import Logger

from estate.settings import get_settings

bind = f"{get_settings().host}:{get_settings().port}"
workers = get_settings().workers
threads = 4
timeout = 120
loglevel = "warning"
preload_app = True  # The libraries are read once; every worker is a copy of that.

HEAVY = ("mapclassify",)
SECRET_ADDRESS = re.compile(r"(/leases/calendar/|/set-password/)[^/?\s\"]+")


class DiscreetLogger(Logger):  # type: ignore[misc,unused-ignore]
    """Keeps the secret part of an address out of an access log, for installations that turn one on."""

    def atoms(self, *arguments: Any) -> dict[str, Any]:
        """What a line of the log is made from."""
        made: dict[str, Any] = super().atoms(*arguments)
        return {
            name: SECRET_ADDRESS.sub(r"\1...", value) if isinstance(value, str) else value
            for name, value in made.items()
        }


logger_class = DiscreetLogger


def post_worker_init(worker: object) -> None:
    """Read the libraries that only some pages need, while nobody waits for them."""
    for name in HEAVY:
        threading.Thread(target=importlib.import_module, args=(name,), daemon=True).start()
