"""Nearest counter of each service for every small area of England: straight lines and roads. Prints JSON.

The small areas are the real 33,755 LSOAs where `../shared/data` is there, else as many points at random. Counters are
small areas drawn with their people as weights: ten services, of 3,500 libraries and general practices to 50 courts.
Rivals in the same run: PostGIS's nearest neighbour join with a spatial index for each service, checked to give the same
distances; and networkx on the same roads. Seconds are those of the processor, of the server's too.

    python benchmarks/access.py [--nodes 700]
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx
import numpy as np
from sqlalchemy import Connection, text

from estate import embedded
from estate.db import make_engine
from estate.gis.access.distances import straight_distances, straight_pairs
from estate.gis.access.network import RoadNetwork, road_distances, tidy_network
from estate.gis.crs import transform
from estate.gis.small_areas.check import check_rows
from estate.gis.small_areas.read import read_rows
from estate.optimise.access import Reach
from estate.settings import ROOT, get_settings

SERVICES = (3500, 3500, 2500, 1000, 700, 600, 330, 200, 100, 50)
LOOKUPS = ROOT.parent / "shared" / "data" / "lookups"
STEP_M = 100.0


def homes() -> tuple[np.ndarray, np.ndarray, str]:
    """Eastings and northings, people, and whether they are real."""
    if LOOKUPS.is_dir():
        found = check_rows(
            read_rows(LOOKUPS / "lsoa_population.csv", {}), read_rows(LOOKUPS / "lsoa_latlong.csv", {}), 27700
        )
        is_english = np.array([code.startswith("E01") for code in found.code])
        people = np.array([np.nan if one is None else one for one in found.population])
        x, y = transform(found.longitude, found.latitude, 4326, 27700)
        return np.column_stack([x, y])[is_english], people[is_english], "real LSOAs of England"
    dice = np.random.default_rng(1)
    return dice.random((33_755, 2)) * 400_000, dice.integers(1000, 3000, 33_755).astype(float), "points at random"


def spent(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process, and what came out."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def backend_seconds(connection: Connection) -> float:
    """CPU seconds of the connection's own server process; of a server elsewhere those of the clock."""
    path = Path(f"/proc/{connection.scalar(text('SELECT pg_backend_pid()'))}/stat")
    if not path.exists():
        return time.monotonic()
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def by_postgis(places: np.ndarray, counters: list[np.ndarray]) -> tuple[float, list[np.ndarray]]:
    """CPU seconds of the nearest neighbour joins, and their distances; loading and indexing are not counted."""
    settings, name = get_settings(), f"estate_access_{os.getpid()}"
    embedded.start(settings)
    embedded.create_database(settings, name)
    try:
        engine = make_engine(settings.embedded_url(name))
        with engine.begin() as connection:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
            _fill(connection, "home", places)
            for number, points in enumerate(counters):
                _fill(connection, f"counter_{number}", points)
            # One process, as on the other side.
            connection.execute(text("SET max_parallel_workers_per_gather = 0"))
            start, found = backend_seconds(connection), []
            for number in range(len(counters)):
                query = f"""
                    SELECT near.metres FROM home, LATERAL (
                        SELECT c.place <-> home.place AS metres FROM counter_{number} c ORDER BY 1 LIMIT 1) near
                    ORDER BY home.id"""
                found.append(np.array(connection.scalars(text(query)).all()))
            seconds = backend_seconds(connection) - start
        engine.dispose()
    finally:
        embedded.drop_database(settings, name)
    return seconds, found


def _fill(connection: Connection, table: str, points: np.ndarray) -> None:
    connection.execute(text(f"CREATE TABLE {table} (id integer, place geometry(Point, 27700))"))
    connection.execute(
        text(f"""INSERT INTO {table} SELECT id, ST_SetSRID(ST_MakePoint(x, y), 27700)
            FROM unnest(CAST(:x AS float8[]), CAST(:y AS float8[])) WITH ORDINALITY AS given (x, y, id)"""),
        {"x": points[:, 0].tolist(), "y": points[:, 1].tolist()},
    )
    connection.execute(text(f"CREATE INDEX ON {table} USING gist (place)"))
    connection.execute(text(f"ANALYZE {table}"))


def streets(side: int) -> RoadNetwork:
    """A grid of `side` x `side` crossings, every eighth street missing."""
    xs, ys = np.meshgrid(np.arange(side) * STEP_M, np.arange(side) * STEP_M)
    number = np.arange(side * side).reshape(side, side)
    across = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    up = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    edges = np.concatenate([across, up])
    edges = edges[np.random.default_rng(2).random(len(edges)) > 0.125]
    return tidy_network(np.column_stack([xs.ravel(), ys.ravel()]), edges, np.full(len(edges), STEP_M))


def by_roads(side: int) -> dict[str, Any]:
    """One search of a service with 300 counters, all small areas on the grid; against networkx."""
    dice, extent_m = np.random.default_rng(3), (side - 1) * STEP_M
    network, places, counters = streets(side), dice.random((5000, 2)) * extent_m, dice.random((300, 2)) * extent_m
    _, node = network.tree.query(counters)
    build, _ = spent(lambda: network.graph)
    seconds, found = spent(lambda: road_distances(network, places, counters))
    graph = networkx.Graph()
    graph.add_weighted_edges_from(
        (int(a), int(b), float(m)) for (a, b), m in zip(network.edges, network.length_m, strict=True)
    )
    rival, _ = spent(lambda: networkx.multi_source_dijkstra_path_length(graph, {int(one) for one in node}))
    return {
        "nodes": len(network.nodes),
        "edges": len(network.edges),
        "measured": int(np.isfinite(found.distance_m).sum()),
        "matrix_cpu_s": round(build, 2),
        "scipy_cpu_s": round(seconds, 2),
        "networkx_cpu_s": round(rival, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=700, help="crossings a side of the grid of streets")
    chosen = parser.parse_args()
    places, people, what = homes()
    dice = np.random.default_rng(4)
    weights = np.nan_to_num(people) / np.nansum(people)
    counters = [
        places[dice.choice(len(places), count, replace=False, p=weights)] + dice.normal(0, 300, (count, 2))
        for count in SERVICES
    ]
    ours, found = spent(lambda: [straight_distances(places, points) for points in counters])
    theirs, rival = by_postgis(places, counters)
    worst = max(float(np.abs(one.distance_m - other).max()) for one, other in zip(found, rival, strict=True))
    service = np.repeat(np.arange(len(SERVICES)), SERVICES)
    every = np.concatenate(counters)
    pairing, pairs = spent(lambda: straight_pairs(places, every, 3000))
    reach = Reach(pairs.home, pairs.counter, people, service, len(SERVICES))
    is_open = dice.random(len(every)) > 0.1
    once, shares = spent(lambda: reach.shares(is_open))
    print(
        json.dumps(
            {
                "small_areas": len(places),
                "which": what,
                "services": len(SERVICES),
                "counters": len(every),
                "straight_cpu_s": round(ours, 3),
                "postgis_cpu_s": round(theirs, 3),
                "largest_difference_m": round(worst, 6),
                "pairs_within_3_km": len(pairs.home),
                "pairing_cpu_s": round(pairing, 2),
                "shares_of_a_plan_cpu_s": round(once, 3),
                "shares": [round(float(share), 3) for share in shares],
                "roads": by_roads(chosen.nodes),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
