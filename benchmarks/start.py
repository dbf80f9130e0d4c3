"""Seconds from `make run` to the first answer, in a fresh clone and at the second start. Prints JSON.

Packages are cached or not as the machine has them; the clone, its environment and its database are new.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORT = "8765"
LIMIT_SECONDS = 600


def seconds_to_answer(folder: Path) -> float:
    environment = {**os.environ, "ESTATE_PORT": PORT}
    # As on a newcomer's machine: the clone's own modules, which Python keeps compiled, and its own database.
    for name in ("DATABASE_URL", "ESTATE_VAR_DIR", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    started_at = time.monotonic()
    with (folder / "run.log").open("w") as log:
        process = subprocess.Popen(
            ["make", "run"], cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            while True:
                if process.poll() is not None or time.monotonic() - started_at > LIMIT_SECONDS:
                    raise SystemExit((folder / "run.log").read_text()[-3000:])
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=1).close()
                except OSError:
                    time.sleep(0.05)
                else:
                    return round(time.monotonic() - started_at, 2)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            process.wait(30)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="estate-start-"))
    folder.chmod(0o755)
    clone = folder / "estate"
    try:
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        first = seconds_to_answer(clone)
        second = seconds_to_answer(clone)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"benchmark": "start", "first_start_s": first, "second_start_s": second}))


if __name__ == "__main__":
    main()
