"""A map of every ward of the United Kingdom as it is served: about 8,400 areas. Prints JSON.

Bytes as they cross the wire with an empty cache (page, map, static files), and milliseconds until the map is painted,
in Chromium with a processor slowed down four times. The rival is Folium's own Choropleth on the raw boundaries, in the
same run; its files from public hosts are answered with our own copy of Leaflet, its colour scale is left out.

    python benchmarks/map_wards.py [--rounds 3]
"""

import argparse
import http.server
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import folium
import geopandas
from import_rows import database
from map_page import RIVAL_READY, answer_for_other_hosts
from map_served import EMAIL, PASSWORD, PORT, SWITCHES, start_server
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import text

from estate.settings import ROOT

WARDS = ROOT.parent / "shared" / "data" / "boundaries" / "uk_wards_2025.gpkg"
SLOWED_DOWN = 4
RIVAL_PATIENCE_MS = 600_000
TARGETS = {"bytes": 1_000_000, "first_paint_ms": 1500, "ready_ms": 3000}
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
BUILDINGS = """
INSERT INTO building (agency_id, name, location, fix_source, status, gross_internal_area_m2, is_listed, is_protected,
    version, recorded_at)
SELECT :agency, 'Building ' || area.id || '-' || n, (ST_Dump(ST_GeneratePoints(area.geometry, 1, area.id::int * 10 + n))).geom,
    'coordinates', 'active', 100 + abs(hashint8(area.id + n)) % 5000, false, false, 1, now()
FROM area, generate_series(1, 3) n WHERE area.id % 17 > 0
"""  # noqa: E501
COSTS = """
INSERT INTO running_cost (building_id, agency_id, category_code, year_start, amount, is_estimate, source, version)
SELECT id, agency_id, 'energy', 2024, 500 + abs(hashint8(id)) % 90000, id % 5 = 0, 'made up', 1
FROM building WHERE id % 9 > 0
"""


def fill() -> tuple[int, float]:
    """Load the wards, three buildings in most of them, and a user; gives the number of wards, and seconds to load."""
    from estate.db import bind_sessions, make_session
    from estate.people.accounts import create_agency, create_user, grant_role
    from estate.people.models import Role
    from estate.register.areas import assign_areas

    command = [sys.executable, "-m", "estate.cli", "boundaries", "load", str(WARDS), "--level", "ward"]
    started = time.perf_counter()
    subprocess.run(
        [*command, "--code-column", "WD25CD", "--name-column", "WD25NM"], check=True, stdout=subprocess.DEVNULL
    )
    seconds = time.perf_counter() - started
    bind_sessions()
    with make_session.begin() as session:
        agency = create_agency(session, "Benchmark Council", "council", actor=None)
        user = create_user(session, EMAIL, "Benchmark Viewer", PASSWORD, actor=None)
        grant_role(session, user, agency, Role.VIEWER, actor=None)
        session.execute(text(BUILDINGS), {"agency": agency.id})
        session.execute(text(COSTS))
        assign_areas(session)
        return session.scalar(text("SELECT count(*) FROM area")) or 0, round(seconds, 1)


def slowed_page(context: BrowserContext) -> tuple[Page, list[float]]:
    """A page on a slow processor, and the bytes of each answer as they crossed the wire."""
    page, sizes = context.new_page(), []
    devtools = context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED_DOWN})
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    return page, sizes


def signed_in(browser: Browser) -> Any:
    """The cookies of a signed-in user."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{PORT}/sign-in")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Sign out").wait_for()
    state = context.storage_state()
    context.close()
    return state


def measure_ours(browser: Browser, address: str, rounds: int) -> dict[str, Any]:
    """Median milliseconds to the first paint of the page and to the painted map, and bytes; empty cache each time."""
    state = signed_in(browser)
    first, ready, worst_bytes = [], [], 0.0
    for _ in range(rounds):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, storage_state=state)
        page, sizes = slowed_page(context)
        started = time.perf_counter()
        page.goto(f"http://127.0.0.1:{PORT}{address}", wait_until="commit")
        frame = page.wait_for_selector("iframe").content_frame()
        frame.wait_for_selector("html[data-ready-at]", state="attached", timeout=120_000)
        ready.append(1000 * (time.perf_counter() - started))
        first.append(float(page.evaluate(FIRST_PAINT)))
        page.wait_for_load_state("networkidle")
        worst_bytes = max(worst_bytes, sum(sizes))
        context.close()
    return {
        "bytes": round(worst_bytes),
        "first_paint_ms": round(statistics.median(first)),
        "ready_ms": round(statistics.median(ready)),
        "worst_ms": round(max(ready)),
    }


def measure_rival(browser: Browser) -> dict[str, Any]:
    """Folium's own Choropleth with the raw boundaries: bytes, seconds to make, milliseconds to ready."""
    started = time.perf_counter()
    wards = geopandas.read_file(WARDS)[["WD25CD", "WD25NM", "geometry"]].to_crs(4326)
    chart = folium.Map(location=[54.5, -3.5], zoom_start=5, tiles=None)
    wards["figure"] = [abs(hash(code)) % 90_000 for code in wards["WD25CD"]]
    choropleth = folium.Choropleth(
        wards.to_json(),
        data=wards[["WD25CD", "figure"]],
        columns=["WD25CD", "figure"],
        key_on="feature.properties.WD25CD",
        fill_color="YlGnBu",
    )
    del choropleth._children[choropleth.color_scale.get_name()]
    choropleth.add_to(chart)
    html = str(chart.get_root().render()).encode()
    made_in_s = round(time.perf_counter() - started, 1)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "rival.html").write_bytes(html)

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments, directory=folder)

            def log_message(self, *arguments: Any) -> None:
                """Says nothing."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page, sizes = slowed_page(context)
        page.route("**/*", answer_for_other_hosts)
        started = time.perf_counter()
        try:
            page.goto(f"http://127.0.0.1:{server.server_port}/rival.html", timeout=RIVAL_PATIENCE_MS)
            page.evaluate(RIVAL_READY)
            ready_ms: int | None = round(1000 * (time.perf_counter() - started))
        except Exception as error:  # It may well die: that is a result, too.
            print(f"The rival broke off: {error}", file=sys.stderr)
            ready_ms = None
        context.close()
        server.shutdown()
    return {"bytes": max(len(html), round(sum(sizes))), "made_in_s": made_in_s, "ready_ms": ready_ms}


def main() -> None:
    """Measure both and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    result: dict[str, Any] = {"benchmark": "map_wards", "processor_slowed_down": SLOWED_DOWN}
    with database(f"estate_benchmark_{os.getpid()}"), sync_playwright() as playwright:
        result["wards"], result["load_s"] = fill()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        server = start_server()
        try:
            result["ours"] = measure_ours(browser, "/maps?level=ward", options.rounds)
        finally:
            server.terminate()
            server.wait()
        result["plain_folium"] = measure_rival(browser)
        browser.close()
    print(json.dumps(result | {"targets": TARGETS}, indent=2))


if __name__ == "__main__":
    main()
