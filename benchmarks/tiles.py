"""Tiles of a map of a million buildings on the real wards of the United Kingdom, at every zoom. Prints JSON.

Needs the register of `million.py make --spread uk --name estate_tiles`, brought up to date by `estate db migrate`.

`cold`: each tile asked of the served application for the first time, as a signed-in user; `warm`: the same with the tag
that came with it; `again`: the same by a browser that has none. Then tiles a second of one worker, asked by four at
once: of the same tiles over and over, and of tiles that nobody asked for before; both once more while an import of
5,000 rows into the same register runs beside it, over and over, taken back each time. Rivals on the same tiles, in the
same run, without sign-in, permissions or filters: each building in a tile by `ST_AsMVT` straight from the table with a
spatial index, and pg_tileserv's way, a function that clusters by a grid while somebody waits. Both get an index of
their own, which is dropped afterwards.

    python benchmarks/tiles.py [--tiles 12] [--seconds 15] [--rivals 4]
"""

import argparse
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from million import url_of
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from estate.gis.tiles import Tile, tile_of
from estate.settings import ROOT

DATABASE = "estate_tiles"
PORT = 8767
EMAIL, PASSWORD = "tiles@benchmark.example", "a password for benchmarks"
ZOOMS = range(19)
IMPORT_ROWS = 5_000
PATIENCE_S = 30
"""Seconds after which a rival's tile is given up."""
SPATIAL = "CREATE INDEX IF NOT EXISTS bench_location ON building_listed USING gist (location)"
BOX = "ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326)"
IN_USE = "status IN ('active', 'surplus', 'vacant') AND kind <> 'part' AND is_usual"
NAIVE = f"""
SELECT ST_AsMVT(q, 'buildings') FROM (
    SELECT ST_AsMVTGeom(ST_Transform(location, 3857), ST_TileEnvelope(:z, :x, :y)) AS geom, id, name_key, agency_id,
        use_class_code, annual_cost, counted_gross_m2
    FROM building_listed WHERE location && {BOX} AND {IN_USE}) q
"""
CLUSTERED = f"""
SELECT ST_AsMVT(q, 'cells') FROM (
    SELECT ST_AsMVTGeom(ST_Centroid(ST_Collect(point)), ST_TileEnvelope(:z, :x, :y)) AS geom, count(*) AS n,
        sum(counted_gross_m2)::float8 AS area, sum(annual_cost)::float8 AS cost
    FROM (SELECT ST_Transform(location, 3857) AS point, counted_gross_m2, annual_cost
        FROM building_listed WHERE location && {BOX} AND {IN_USE}) near
    GROUP BY ST_SnapToGrid(point, 40075016.68 / 2 ^ :z / 32)) q
"""


def spots(session: Session, count: int) -> list[tuple[float, float]]:
    """Places of buildings: where people look."""
    query = text("""
        SELECT ST_X(location), ST_Y(location) FROM building_listed
        WHERE location IS NOT NULL AND id % 7919 = 3 ORDER BY id LIMIT :count
    """)
    return [(float(x), float(y)) for x, y in session.execute(query, {"count": count})]


def tiles_of(places: list[tuple[float, float]]) -> dict[int, list[Tile]]:
    """The tiles of each zoom in which the places lie, each once."""
    return {zoom: list(dict.fromkeys(tile_of(*place, zoom) for place in places)) for zoom in ZOOMS}


def figures(milliseconds: list[float], sizes: list[int]) -> dict[str, Any]:
    """Median, 95th percentile and worst time; the largest size."""
    middle, high = np.percentile(milliseconds, [50, 95])
    return {
        "count": len(milliseconds),
        "p50_ms": round(float(middle), 1),
        "p95_ms": round(float(high), 1),
        "max_ms": round(max(milliseconds), 1),
        "max_bytes": max(sizes),
    }


class Server:
    """The application under gunicorn with one worker, and a signed-in user."""

    def __init__(self) -> None:
        self.cookie = ""

    def __enter__(self) -> "Server":
        command = [sys.executable, "-m", "gunicorn", "--config", "python:estate.web.server", "estate.web:create_app()"]
        environment = {**os.environ, "ESTATE_PORT": str(PORT), "ESTATE_WORKERS": "1"}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment)
        while True:
            try:
                self.ask("/health")
            except OSError:
                time.sleep(0.1)
            else:
                break
        self._sign_in()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def ask(self, path: str, **headers: str) -> tuple[int, bytes, str]:
        """Status, body and tag."""
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", headers={"Cookie": self.cookie, **headers})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, answer.read(), answer.headers.get("ETag", "")
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers.get("ETag", "")

    def _sign_in(self) -> None:
        jar = CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        page = browser.open(f"http://127.0.0.1:{PORT}/sign-in").read().decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        form = urllib.parse.urlencode({"csrf_token": token[1] if token else "", "email": EMAIL, "password": PASSWORD})
        browser.open(f"http://127.0.0.1:{PORT}/sign-in", form.encode()).read()
        self.cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def path_of(tile: Tile, query: str = "") -> str:
    """Where the product serves a tile."""
    return f"/maps/buildings/tiles/{tile.zoom}/{tile.x}/{tile.y}.mvt{query}"


def measure(server: Server, tiles: dict[int, list[Tile]], query: str = "") -> dict[str, Any]:
    """Each tile once without and once with its tag."""
    cold: dict[int, list[float]] = {}
    warm: list[float] = []
    again: list[float] = []
    sizes: list[int] = []
    for zoom, some in tiles.items():
        for tile in some:
            started = time.perf_counter()
            status, content, tag = server.ask(path_of(tile, query))
            cold.setdefault(zoom, []).append(1000 * (time.perf_counter() - started))
            if status != 200:
                raise RuntimeError(f"{path_of(tile, query)} answered {status}")
            sizes.append(len(content))
            started = time.perf_counter()
            status = server.ask(path_of(tile, query), **{"If-None-Match": tag})[0]
            warm.append(1000 * (time.perf_counter() - started))
            if status != 304:
                raise RuntimeError(f"{path_of(tile, query)} answered {status} to its own tag")
            started = time.perf_counter()
            server.ask(path_of(tile, query))
            again.append(1000 * (time.perf_counter() - started))
    every = [value for values in cold.values() for value in values]
    worst = {zoom: round(max(values), 1) for zoom, values in cold.items()}
    return {
        "cold": figures(every, sizes),
        "slowest_by_zoom_ms": worst,
        "warm": {name: value for name, value in figures(warm, [0]).items() if name != "max_bytes"},
        "again": {name: value for name, value in figures(again, [0]).items() if name != "max_bytes"},
    }


def sustained(server: Server, tiles: dict[int, list[Tile]], seconds: float) -> float:
    """Tiles a second of all zooms, asked by four at once."""
    some = [tile for several in tiles.values() for tile in several]
    chance = np.random.default_rng(2026)
    until = time.perf_counter() + seconds

    def keep_asking(seed: int) -> int:
        order, done = chance.spawn(4)[seed % 4].permutation(len(some)), 0
        while time.perf_counter() < until:
            done += server.ask(path_of(some[order[done % len(some)]]))[0] == 200
        return done

    with ThreadPoolExecutor(4) as pool:
        return round(sum(pool.map(keep_asking, range(4))) / seconds, 1)


def first_time(server: Server, places: list[tuple[float, float]], seconds: float) -> dict[str, Any]:
    """Tiles a second, asked by four at once, of tiles that nobody asked for before; and how many there were."""
    tiles = list(dict.fromkeys(tile_of(*place, zoom) for place in places for zoom in range(8, 19)))
    order = iter(np.random.default_rng(2026).permutation(len(tiles)).tolist())
    until, started = time.perf_counter() + seconds, time.perf_counter()

    def keep_asking(_: int) -> int:
        done = 0
        while time.perf_counter() < until and (chosen := next(order, None)) is not None:
            done += server.ask(path_of(tiles[chosen]))[0] == 200
        return done

    with ThreadPoolExecutor(4) as pool:
        count = sum(pool.map(keep_asking, range(4)))
    return {"count": count, "a_second": round(count / (time.perf_counter() - started), 1)}


class Importing:
    """A process beside this one that imports a file again and again, each time taken back."""

    def __enter__(self) -> "Importing":
        command = [sys.executable, __file__, "--import-rows", str(IMPORT_ROWS)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._line()
        return self

    def _line(self) -> str:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise RuntimeError("the import ended")
        return line

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is not None:
            raise RuntimeError("the import ended")
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def keep_importing(rows: int) -> None:
    """Import a file into the register until somebody stops it; says when it begins."""
    from benchmarks.import_against_million import make_csv
    from estate.db import bind_sessions, make_session
    from estate.people.accounts import create_agency
    from estate.register.imports.apply import apply
    from estate.register.imports.check import Options, check
    from estate.register.imports.read import read_file
    from estate.register.imports.reporting import known_to
    from estate.register.imports.uploads import start_import

    bind_sessions()
    with make_session() as session:
        content = make_csv(session, rows)
    while True:
        with make_session() as session:
            agency = create_agency(session, "Importing Council", "council", actor=None)
            brought = start_import(session, content, "benchmark.csv", agency=agency, actor=None, options=Options())
            report = check(read_file(content, "benchmark.csv"), known_to(session, agency), Options())
            print("begins", flush=True)
            apply(session, report, brought, actor=None)
            session.rollback()


def measure_rival(session: Session, statement: str, tiles: dict[int, list[Tile]], each: int) -> dict[str, Any]:
    """The same tiles, at most `each` of a zoom, straight from the database; those that take too long are counted."""
    times: dict[int, list[float]] = {}
    sizes: list[int] = []
    given_up = 0
    session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE_S}s'"))
    for zoom, some in tiles.items():
        for tile in some[:each]:
            started = time.perf_counter()
            try:
                with session.begin_nested():
                    content = session.scalar(text(statement), {"z": zoom, "x": tile.x, "y": tile.y})
                sizes.append(len(bytes(content or b"")))
            except Exception:
                given_up += 1
            times.setdefault(zoom, []).append(1000 * (time.perf_counter() - started))
    every = [value for values in times.values() for value in values]
    worst = {zoom: round(max(values), 1) for zoom, values in times.items()}
    return {**figures(every, sizes), "slowest_by_zoom_ms": worst, "given_up": given_up}


def measure_rivals(tiles: dict[int, list[Tile]], each: int) -> dict[str, Any]:
    """Both rivals; their index is gone afterwards."""
    from estate.db import make_session

    with make_session() as session:
        session.execute(text(SPATIAL))
        session.execute(text("ANALYZE building_listed"))
        found = {
            "naive_st_asmvt": measure_rival(session, NAIVE, tiles, each),
            "clustering_on_the_fly": measure_rival(session, CLUSTERED, tiles, each),
        }
        session.rollback()
    return found


def add_user(session: Session) -> None:
    """A viewer of the first agency."""
    from estate.people.accounts import create_user, grant_role
    from estate.people.models import Agency, Role, User

    if session.scalar(select(User.id).where(User.email == EMAIL)) is None:
        user = create_user(session, EMAIL, "Benchmark Viewer", PASSWORD, actor=None)
        agency = session.scalars(select(Agency).order_by(Agency.id).limit(1)).unique().one()
        grant_role(session, user, agency, Role.VIEWER, actor=None)


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiles", type=int, default=12, help="places, and so at most as many tiles of a zoom")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rivals", type=int, default=4, help="tiles of a zoom that each rival makes")
    parser.add_argument("--name", default=DATABASE)
    parser.add_argument("--import-rows", type=int, help="only import so many rows, over and over")
    options = parser.parse_args()
    os.environ.setdefault("ESTATE_SECRET_KEY", secrets.token_hex(32))
    url_of(options.name)
    if options.import_rows:
        keep_importing(options.import_rows)
    from estate.db import bind_sessions, make_session

    bind_sessions()
    with make_session.begin() as session:
        add_user(session)
        tiles = tiles_of(spots(session, options.tiles))
        elsewhere = spots(session, options.tiles + 4000)[options.tiles :]
        agency = session.scalar(text("SELECT min(id) FROM agency"))
        buildings = session.scalar(text("SELECT count(*) FROM building_listed"))
    result: dict[str, Any] = {"benchmark": "tiles", "buildings": buildings}
    with Server() as server:
        server.ask(path_of(Tile(0, 0, 0)))
        server.ask(path_of(Tile(14, 0, 0)))
        result["all"] = measure(server, tiles)
        result["one_agency"] = measure(server, tiles, f"?agency={agency}")
        result["one_use"] = measure(server, tiles, "?use=office")
        result["tiles_a_second_one_worker"] = sustained(server, tiles, options.seconds)
        half = len(elsewhere) // 2
        result["never_asked_for_before"] = first_time(server, elsewhere[:half], options.seconds)
        with Importing():
            result["tiles_a_second_beside_an_import"] = sustained(server, tiles, options.seconds)
            result["never_asked_for_before_beside_an_import"] = first_time(server, elsewhere[half:], options.seconds)
    if options.rivals:
        result |= measure_rivals(tiles, options.rivals)
    targets = {"cold_p95_ms": 60, "max_bytes": 150 * 1024, "warm_ms": 5, "tiles_a_second": 100}
    print(json.dumps(result | {"targets": targets}, indent=2))


if __name__ == "__main__":
    main()
