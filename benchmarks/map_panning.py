"""The map of a million buildings in Chromium: what its page weighs, and how smoothly it moves. Prints JSON.

Needs the register of `million.py make --spread uk --name estate_tiles`, brought up to date by `estate db migrate`.

Bytes as they cross the wire with an empty cache, all but the tiles. Then the map is dragged with the mouse at zoom 12
over the densest part of the register, into parts not loaded before; counted are the frames that the browser paints
meanwhile, at its own speed and with a processor slowed down four times. The rival, in the same run, is what Folium
makes of some of the same buildings as one layer of points on canvas, dragged in the same way.

    python benchmarks/map_panning.py [--seconds 6] [--rival-buildings 50000]
"""

import argparse
import functools
import http.server
import json
import os
import secrets
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import folium
import numpy as np
from map_page import RIVAL_READY, answer_for_other_hosts
from map_served import SWITCHES
from million import url_of
from playwright.sync_api import Browser, BrowserContext, Frame, Page, sync_playwright
from sqlalchemy import text
from tiles import DATABASE, PORT, Server, add_user

ZOOM = 12
SLOWED_DOWN = (1, 4)
SIZE = {"width": 1280, "height": 800}
RIVAL_PATIENCE_MS = 300_000
TARGETS = {"bytes_before_tiles": 500_000, "frames_a_second": 30}
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
LOADED = "html[data-tiles-at]"
MAP = "window[document.querySelector('.estate-map, .folium-map').id]"
COUNT = f"""() => {{
    window.painted = [];
    window.moves = 0;
    {MAP}.on("move", () => {{ window.moves += 1; }});
    const note = (at) => {{ window.painted.push(at); window.counting = requestAnimationFrame(note); }};
    window.counting = requestAnimationFrame(note);
}}"""
STOP = "() => { cancelAnimationFrame(window.counting); return window.painted; }"
PLACES = text("""
SELECT ST_Y(location), ST_X(location), name FROM building JOIN building_listed USING (id, location, status)
WHERE location IS NOT NULL AND id % :step = 0 AND status IN ('active', 'surplus', 'vacant')
""")
DENSEST = text("""
SELECT ST_Y(place), ST_X(place) FROM (SELECT location AS place FROM building_listed WHERE location IS NOT NULL AND
    map_code(location) >> (32 - 2 * :zoom) = (SELECT code FROM map_cell WHERE kind = 'all' AND zoom = :zoom
        ORDER BY building_count DESC LIMIT 1) LIMIT 1) found
""")


def watched(context: BrowserContext, slowed_down: int) -> tuple[Page, dict[str, float]]:
    """A page on a slow processor, and the bytes of each answer as they crossed the wire, by its address."""
    page, addresses, sizes = context.new_page(), dict[str, str](), dict[str, float]()
    devtools = context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slowed_down})
    devtools.send("Network.enable")
    devtools.on(
        "Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]})
    )

    def add(event: dict[str, Any]) -> None:
        address = addresses.get(event["requestId"], "")
        sizes[address] = sizes.get(address, 0) + event["encodedDataLength"]

    devtools.on("Network.loadingFinished", add)
    return page, sizes


def drag(page: Page, frame: Frame | Page, seconds: float) -> dict[str, float]:
    """Drag the map to and fro, a screen's width and more in each direction; frames a second while it moves."""
    box = page.locator("iframe.map-view__frame").bounding_box() if isinstance(frame, Frame) else None
    left, top, width, height = (box["x"], box["y"], box["width"], box["height"]) if box else (0, 0, *SIZE.values())
    middle = top + min(height, SIZE["height"] - top) / 2
    frame.evaluate(COUNT)
    until, heading = time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        way = (1, 1, 1, -1, -1, -1)[heading % 6]
        heading += 1
        start = left + width * (0.85 if way > 0 else 0.15)
        page.mouse.move(start, middle)
        page.mouse.down()
        for step in range(1, 41):
            page.mouse.move(start - way * step * width * 0.7 / 40, middle + way * step)
        page.mouse.up()
    painted = np.array(frame.evaluate(STOP))
    gaps = np.diff(painted)
    if frame.evaluate("window.moves") < seconds:
        raise RuntimeError("the map did not move")
    return {
        "frames_a_second": round(1000 * len(gaps) / float(painted[-1] - painted[0]), 1),
        "p95_ms_a_frame": round(float(np.percentile(gaps, 95)), 1),
        "longest_ms": round(float(gaps.max()), 1),
    }


def measure_ours(browser: Browser, server: Server, place: tuple[float, float], seconds: float) -> dict[str, Any]:
    """The page and its map, at each speed of the processor."""
    name, _, value = server.cookie.partition("=")
    found: dict[str, Any] = {}
    for slowed_down in SLOWED_DOWN:
        context = browser.new_context(viewport=SIZE)
        context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{PORT}"}])
        page, sizes = watched(context, slowed_down)
        started = time.perf_counter()
        page.goto(f"http://127.0.0.1:{PORT}/maps/buildings", wait_until="commit")
        frame = page.wait_for_selector("iframe.map-view__frame").content_frame()
        frame.wait_for_selector(LOADED, state="attached", timeout=60_000)
        ready = 1000 * (time.perf_counter() - started)
        paint = page.evaluate(FIRST_PAINT)
        page.wait_for_load_state("networkidle")
        page.locator("iframe.map-view__frame").scroll_into_view_if_needed()
        before_tiles = sum(size for address, size in sizes.items() if "/tiles/" not in address)
        frame.evaluate("delete document.documentElement.dataset.tilesAt")
        frame.evaluate(f"{MAP}.setView([{place[0]}, {place[1]}], {ZOOM}, {{ animate: false }}); 0")
        frame.wait_for_selector(LOADED, state="attached", timeout=60_000)
        found[f"slowed_down_{slowed_down}"] = {
            "bytes_before_tiles": round(before_tiles),
            "first_paint_ms": round(paint),
            "ready_ms": round(ready),
            **drag(page, frame, seconds),
            "tiles_loaded": sum("/tiles/" in address for address in sizes),
        }
        context.close()
    return found


def measure_rival(
    browser: Browser, buildings: list[tuple[float, float, str]], place: tuple[float, float], seconds: float
) -> dict[str, Any]:
    """Folium's own layer of points on canvas: bytes, seconds to make, and the same of moving it."""
    started = time.perf_counter()
    chart = folium.Map(location=place, zoom_start=ZOOM, tiles=None, prefer_canvas=True)
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Point", "coordinates": [x, y]}}
        for y, x, name in buildings
    ]
    folium.GeoJson({"type": "FeatureCollection", "features": features}, marker=folium.CircleMarker(radius=4)).add_to(
        chart
    )
    html = str(chart.get_root().render()).encode()
    found: dict[str, Any] = {
        "buildings": len(buildings),
        "bytes": len(html),
        "made_in_s": round(time.perf_counter() - started, 1),
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "rival.html").write_bytes(html)
        handler = functools.partial(Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for slowed_down in SLOWED_DOWN:
            context = browser.new_context(viewport=SIZE)
            page, _ = watched(context, slowed_down)
            page.route("**/*", answer_for_other_hosts)
            started = time.perf_counter()
            page.goto(f"http://127.0.0.1:{server.server_port}/rival.html", timeout=RIVAL_PATIENCE_MS)
            page.evaluate(RIVAL_READY)
            ready = round(1000 * (time.perf_counter() - started))
            found[f"slowed_down_{slowed_down}"] = {"ready_ms": ready, **drag(page, page, seconds)}
            context.close()
        server.shutdown()
    return found


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *arguments: Any) -> None:
        """Nothing."""


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6, help="of moving the map")
    parser.add_argument("--rival-buildings", type=int, default=50_000)
    parser.add_argument("--name", default=DATABASE)
    options = parser.parse_args()
    os.environ.setdefault("ESTATE_SECRET_KEY", secrets.token_hex(32))
    url_of(options.name)
    from estate.db import bind_sessions, make_session

    bind_sessions()
    with make_session.begin() as session:
        add_user(session)
        count = session.scalar(text("SELECT count(*) FROM building_listed")) or 0
        latitude, longitude = session.execute(DENSEST, {"zoom": ZOOM}).one()
        step = max(1, count // max(1, options.rival_buildings))
        buildings = [tuple(row) for row in session.execute(PLACES, {"step": step})]
    result: dict[str, Any] = {"benchmark": "map_panning", "buildings": count, "zoom": ZOOM}
    place = (float(latitude), float(longitude))
    with Server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        result["ours"] = measure_ours(browser, server, place, options.seconds)
        if options.rival_buildings:
            result["plain_folium"] = measure_rival(browser, buildings, place, options.seconds)
        browser.close()
    print(json.dumps(result | {"targets": TARGETS}, indent=2))


if __name__ == "__main__":
    main()
