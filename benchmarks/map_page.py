"""The county map: 2,000 buildings on 215 wards. Prints JSON: size, time to make, time to ready in Chromium.

The rival is a plain Folium script on the same data with one marker object a building. Its files come from public hosts,
which can't be reached here: the browser answers for them with our own copies of Leaflet, and with nothing for jQuery,
Bootstrap and the icon fonts, which a circle marker needs none of; its colour
scale, drawn by d3, is left out. That flatters the rival.
"""

import argparse
import http.server
import json
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import folium
import geopandas
import numpy as np
from geopandas import GeoDataFrame
from pandas import Series
from playwright.sync_api import Browser, Route, sync_playwright
from shapely.geometry import box

from estate.gis.maps import (
    AreaLayer,
    Assets,
    Caption,
    Look,
    PointLayer,
    Scheme,
    area_map,
    classify,
    content_policy,
    palettes,
)
from estate.gis.outlines import simplified
from estate.settings import ROOT
from estate.web import map_documents

WARDS = ROOT.parent / "shared" / "data" / "boundaries" / "greater_manchester_wards_2025.geojson"
STATIC = ROOT / "estate" / "web" / "static"
SCRIPTS = tuple(f"/static/{name}" for name in map_documents.SCRIPTS)
STYLES = tuple(f"/static/{name}" for name in map_documents.STYLES)
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# What a reader waits for: all layers are on the map and two frames were painted since.
RIVAL_READY = (
    """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"""
)
COUNT_POINTS = """() => {
    const map = window[document.querySelector(".folium-map, .estate-map").id];
    let count = 0;
    map.eachLayer((layer) => { count += layer instanceof L.CircleMarker; });
    return count;
}"""


def read_wards() -> GeoDataFrame:
    """The real wards where they are at hand, else as many squares."""
    if WARDS.exists():
        return geopandas.read_file(WARDS).rename(columns={"WD25NM": "name"})[["name", "geometry"]]
    cells = [box(-2.7 + x / 20, 53.3 + y / 40, -2.65 + x / 20, 53.325 + y / 40) for x in range(15) for y in range(15)]
    return GeoDataFrame({"name": [f"Ward {i}" for i in range(215)]}, geometry=cells[:215], crs=4326)


def make_buildings(wards: GeoDataFrame, count: int, chance: np.random.Generator) -> GeoDataFrame:
    """`count` synthetic buildings inside the wards."""
    spots = wards.geometry.sample_points(-(-count // len(wards)) + 1, rng=chance).explode(ignore_index=True)[:count]
    costs = chance.lognormal(11.5, 1, count)
    lines = [
        ["Office, Manchester City Council", f"Running cost 2024-25: £{cost:,.0f}", "Per m² GIA: £123", "Occupancy: 45%"]
        for cost in costs
    ]
    return GeoDataFrame(
        {
            "name": [f"Building number {number}, Station Road" for number in range(count)],
            "kind": chance.integers(0, 12, count),
            "is_approximate": chance.random(count) < 0.2,
            "lines": lines,
            "href": [f"/buildings/{number}" for number in range(count)],
            "link": "Open the building's page",
        },
        geometry=list(spots),
        crs=4326,
    )


def our_map(wards: GeoDataFrame, figures: Series, buildings: GeoDataFrame) -> str:
    """Our document, with the buildings switched on from the start."""
    frame = simplified(wards).assign(
        is_estimate=False,
        is_empty=False,
        lines=[[f"Running cost: £{figure:,.0f}", "37 of 41 buildings known"] for figure in figures],
        href=[f"/maps?area={number}" for number in range(len(wards))],
        link="Show its buildings",
    )
    kinds = tuple((f"Agency {number}", Look(*palettes.kind(number))) for number in range(12))
    classes = classify(figures, Scheme.QUANTILE, 5)
    areas = AreaLayer(frame, classes, lambda value: f"£{value:,.0f}", "Running cost", "Wards")
    points = PointLayer(buildings, kinds, "Buildings by agency", is_shown=True)
    return area_map(areas, caption=Caption("Benchmark"), assets=Assets(SCRIPTS, STYLES, "bench"), points=points)


def rival_map(wards: GeoDataFrame, figures: Series, buildings: GeoDataFrame) -> str:
    """The script that Folium's own guide leads to: a choropleth, and a marker with tooltip and popup each."""
    chart = folium.Map(location=[53.5, -2.3], zoom_start=10, tiles=None)
    data = wards.assign(figure=figures, code=[str(number) for number in range(len(wards))])
    choropleth = folium.Choropleth(
        data.to_json(),
        data=data[["code", "figure"]],
        columns=["code", "figure"],
        key_on="feature.properties.code",
        fill_color="YlGnBu",
    )
    # Its colour scale needs d3, which can't be reached here; without it the rival does less.
    del choropleth._children[choropleth.color_scale.get_name()]
    choropleth.add_to(chart)
    for row in buildings.itertuples():
        folium.CircleMarker(
            [row.geometry.y, row.geometry.x],
            radius=4,
            color=palettes.kind(row.kind)[0],
            fill=True,
            tooltip=row.name,
            popup="<br>".join([row.name, *row.lines, f"<a href='{row.href}'>{row.link}</a>"]),
        ).add_to(chart)
    return str(chart.get_root().render())


class Server(http.server.SimpleHTTPRequestHandler):
    """The two documents, and our static files."""

    folder: Path

    def translate_path(self, path: str) -> str:
        """The file behind an address."""
        path = path.split("?")[0]
        return str(STATIC / path[8:] if path.startswith("/static/") else self.folder / path[1:])

    def end_headers(self) -> None:
        """Our document comes with its policy, as in the product."""
        if self.path.endswith("ours.html"):
            self.send_header("Content-Security-Policy", content_policy("bench"))
        super().end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""


def answer_for_other_hosts(route: Route) -> None:
    url = route.request.url
    if "127.0.0.1" in url:
        route.continue_()
        return
    name = re.sub(r".*/", "", url)
    path = STATIC / "vendor" / "leaflet" / name
    is_leaflet = name in ("leaflet.js", "leaflet.css")
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    # Folium's own scripts call jQuery once for a circle marker's popup.
    stub = "window.$ = window.jQuery = (html) => [Object.assign(document.createElement('div'), {innerHTML: html})];"
    body = path.read_text() if is_leaflet else stub if name.startswith("jquery") else ""
    route.fulfill(body=body, content_type=kind)


def timed(make: Callable[[], str]) -> tuple[str, float]:
    start = time.perf_counter()
    html = make()
    return html, round(time.perf_counter() - start, 3)


def ready(browser: Browser, address: str, rounds: int) -> dict[str, Any]:
    """Median milliseconds from navigation to all layers painted, each in a fresh context with an empty cache.

    Also how many points are on the map then, and the errors of the page: a map that broke off early is no rival.
    """
    found, errors, drawn = [], set(), 0
    for _ in range(rounds):
        context = browser.new_context(viewport={"width": 1180, "height": 680})
        page = context.new_page()
        page.route("**/*", answer_for_other_hosts)
        page.on("pageerror", lambda error: errors.add(str(error)))
        page.goto(address)
        if "ours" in address:
            page.wait_for_selector("html[data-ready-at]", state="attached")
            found.append(float(page.evaluate("document.documentElement.dataset.readyAt")))
        else:
            found.append(float(page.evaluate(RIVAL_READY)))
        drawn = page.evaluate(COUNT_POINTS)
        context.close()
    return {
        "ready_in_chromium_ms": round(statistics.median(found)),
        "points_on_the_map": drawn,
        "page_errors": sorted(errors),
    }


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--buildings", type=int, default=2000)
    reader.add_argument("--rounds", type=int, default=5)
    options = reader.parse_args()
    chance = np.random.default_rng(7)
    wards = read_wards()
    buildings = make_buildings(wards, options.buildings, chance)
    figures = Series(chance.lognormal(13, 0.8, len(wards)))
    makers = {"ours": our_map, "plain_folium": rival_map}
    result: dict[str, Any] = {"buildings": len(buildings), "wards": len(wards), "wards_are_real": WARDS.exists()}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        Server.folder = Path(folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        for name, make in makers.items():
            html, seconds = timed(partial(make, wards, figures, buildings))
            (Server.folder / f"{name}.html").write_text(html)
            address = f"http://127.0.0.1:{server.server_port}/{name}.html"
            figures_of_page = ready(browser, address, options.rounds)
            result[name] = {"made_in_s": seconds, "bytes": len(html.encode()), **figures_of_page}
        browser.close()
        server.shutdown()
    result["targets"] = {"bytes": 2_000_000, "ready_in_chromium_ms": 1500}
    result["rival_note"] = "other hosts' files answered from our own copy of Leaflet; jQuery, Bootstrap and icons empty"
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
