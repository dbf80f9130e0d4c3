"""The county map as it is served: 2,000 buildings in the register, 215 wards, gunicorn, Chromium. Prints JSON.

Wall time from asking for `/maps` as a signed-in user to a painted map, HTML and data counted as they cross the wire.
`map_page.py` compares the document alone with plain Folium.

    python benchmarks/map_served.py [--buildings 2000] [--rounds 5]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from import_rows import database, make_csv
from playwright.sync_api import Page, sync_playwright

from estate.settings import ROOT

BOUNDARIES = ROOT.parent / "shared" / "data" / "boundaries"
LEVELS = (("district", "LAD25CD", "LAD25NM"), ("ward", "WD25CD", "WD25NM"))
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PORT = 8766
EMAIL, PASSWORD = "viewer@benchmark.example", "a password for benchmarks"
VIEWS = {"areas": "/maps?level=ward", "buildings": "/maps/buildings"}


def fill(buildings: int) -> None:
    """Load wards, buildings and a user through the product's own ways."""
    from estate.db import bind_sessions, make_session
    from estate.people.accounts import create_agency, create_user, grant_role
    from estate.people.models import Role
    from estate.register.imports.check import Options
    from estate.register.imports.uploads import apply_import, start_import

    for level, code, name in LEVELS:
        path = BOUNDARIES / f"greater_manchester_{level}s_2025.geojson"
        command = [sys.executable, "-m", "estate.cli", "boundaries", "load", str(path), "--level", level]
        subprocess.run([*command, "--code-column", code, "--name-column", name], check=True, stdout=subprocess.DEVNULL)
    bind_sessions()
    with make_session.begin() as session:
        agency = create_agency(session, "Benchmark Council", "council", actor=None)
        user = create_user(session, EMAIL, "Benchmark Viewer", PASSWORD, actor=None)
        grant_role(session, user, agency, Role.VIEWER, actor=None)
        brought = start_import(
            session, make_csv(buildings), "benchmark.csv", agency=agency, actor=None, options=Options()
        )
        apply_import(session, brought, actor=None)


def start_server() -> subprocess.Popen[bytes]:
    """Start the web server as `estate run` does, and wait until it answers."""
    command = [sys.executable, "-m", "gunicorn", "--config", "python:estate.web.server", "estate.web:create_app()"]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "ESTATE_PORT": str(PORT)})
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server


def measure(page: Page, address: str, rounds: int) -> dict[str, Any]:
    """Median and worst milliseconds from the request to the painted map, and the bytes of HTML and JSON in it."""
    found, answers = [], []
    page.on("response", lambda answer: answers.append(answer))  # Playwright marks the handler: no built-in will do
    for _ in range(rounds):
        answers.clear()
        start = time.perf_counter()
        page.goto(f"http://127.0.0.1:{PORT}{address}")
        frame = page.wait_for_selector("iframe").content_frame()
        frame.wait_for_selector("html[data-ready-at]", state="attached")
        found.append(1000 * (time.perf_counter() - start))
        data = [answer for answer in answers if "/static/" not in answer.url]
        size = sum(len(answer.body()) for answer in data)
    return {"ready_ms": round(statistics.median(found)), "worst_ms": round(max(found)), "bytes": size}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--buildings", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    result: dict[str, Any] = {"benchmark": "map_served", "buildings": options.buildings}
    with database(f"estate_benchmark_{os.getpid()}"), sync_playwright() as playwright:
        fill(options.buildings)
        server = start_server()
        try:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"http://127.0.0.1:{PORT}/sign-in")
            page.get_by_label("Email address").fill(EMAIL)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
            page.get_by_role("button", name="Sign out").wait_for()
            result |= {name: measure(page, address, options.rounds) for name, address in VIEWS.items()}
            browser.close()
        finally:
            server.terminate()
            server.wait()
    print(json.dumps(result | {"targets": {"bytes": 2_000_000, "ready_ms": 1500}}, indent=2))


if __name__ == "__main__":
    main()
