"""Import speed: 100,000 rows of CSV through reading, checking, geocoding and applying, with their events.

Prints JSON. The rival is `geopandas.to_postgis` on the same rows, which neither checks nor keeps history: read the CSV
with pandas, make points from its coordinates, write one table. Both use a database of their own, dropped afterwards.

    python benchmarks/import_rows.py [--rows 100000]
"""

import argparse
import contextlib
import csv
import gc
import io
import json
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 100_000
COLUMNS = [
    "Reference", "Name", "UPRN", "Street", "Town", "Postcode", "Longitude", "Latitude", "Use",
    "Gross internal area m2", "Financial year", "Cost: energy",
]  # fmt: skip
USES = ("office", "library", "depot", "health_centre", "fire_station")


def make_csv(rows: int) -> bytes:
    """Buildings on real postcodes; four in five have coordinates, the others only their postcode."""
    from estate.gis.geocode import fix_postcodes
    from estate.gis.postcodes import postcode_index

    random = np.random.default_rng(2026)
    records = postcode_index().starting_with("M")
    codes = [code.decode() for code in random.choice(records["code"], rows)]
    codes = [f"{code[:-3]} {code[-3:]}" for code in codes]
    fixes = fix_postcodes(codes)
    shift = random.normal(0, 0.0005, (2, rows))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    areas, costs = random.integers(40, 9000, rows), random.integers(500, 90_000, rows)
    for i in range(rows):
        has_point = i % 5 and not np.isnan(fixes.longitude[i])
        longitude, latitude = fixes.longitude[i] + shift[0, i], fixes.latitude[i] + shift[1, i]
        point = (f"{longitude:.6f}", f"{latitude:.6f}") if has_point else ("", "")
        address = (f"{i % 300 + 1} High Street", "Manchester", codes[i])
        facts = (USES[i % 5], areas[i], "2024-25", f"{costs[i]:,}")
        writer.writerow([f"B{i:06d}", f"Building {i}", f"{100_000_000_000 + i}", *address, *point, *facts])
    return buffer.getvalue().encode()


@contextlib.contextmanager
def database(name: str) -> Iterator[str]:
    """A migrated database of its own in the embedded cluster."""
    from alembic import command
    from alembic.config import Config

    from estate import embedded
    from estate.settings import ROOT, get_settings

    settings = get_settings()
    embedded.start(settings)
    embedded.create_database(settings, name)
    url = settings.embedded_url(name)
    os.environ["DATABASE_URL"] = url
    get_settings.cache_clear()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")
        yield url
    finally:
        embedded.drop_database(settings, name)


def measure_estate(url: str, content: bytes, answers: Any) -> None:
    """Seconds of each step, and the peak memory of the process and of its reading child."""
    from estate.db import bind_sessions, make_engine, make_session
    from estate.people.accounts import create_agency
    from estate.register.imports.apply import apply
    from estate.register.imports.check import Options, check
    from estate.register.imports.read import read_file
    from estate.register.imports.reporting import known_to
    from estate.register.imports.uploads import start_import

    engine = make_engine(url)
    bind_sessions(engine)
    seconds: dict[str, float] = {}
    start = time.perf_counter()
    with make_session.begin() as session:
        agency = create_agency(session, "Benchmark Council", "council", actor=None)
        brought = start_import(session, content, "benchmark.csv", agency=agency, actor=None, options=Options())
        seconds["keep"] = time.perf_counter() - start
        mark = time.perf_counter()
        read = read_file(content, "benchmark.csv")
        seconds["read"] = time.perf_counter() - mark
        mark = time.perf_counter()
        report = check(read, known_to(session, agency), Options())
        seconds["check_and_geocode"] = time.perf_counter() - mark
        mark = time.perf_counter()
        counts = apply(session, report, brought, actor=None)
        seconds["apply_with_events"] = time.perf_counter() - mark
    total = time.perf_counter() - start
    engine.dispose()
    answers.put(
        {
            "rows": counts.rows_in,
            "inserted": counts.inserted,
            "seconds": {name: round(value, 2) for name, value in seconds.items()} | {"total": round(total, 2)},
            "rows_per_second": round(counts.rows_in / total),
            "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "peak_memory_of_reader_mib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        }
    )


def measure_geopandas(url: str, content: bytes, answers: Any) -> None:
    """The same rows with pandas and `to_postgis`."""
    import geopandas
    import pandas

    from estate.db import make_engine

    engine = make_engine(url)
    start = time.perf_counter()
    frame = pandas.read_csv(io.BytesIO(content), dtype={"UPRN": str})
    points = geopandas.points_from_xy(frame["Longitude"], frame["Latitude"], crs=4326)
    geopandas.GeoDataFrame(frame, geometry=points).to_postgis("rival", engine)
    total = time.perf_counter() - start
    engine.dispose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers.put(
        {"seconds": round(total, 2), "rows_per_second": round(len(frame) / total), "peak_memory_mib": round(peak)}
    )


def in_own_process(measure: Any, *arguments: Any) -> Any:
    """What `measure` puts, run in a fresh process, so that peaks of memory are its own, and those with its children."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=measure, args=(*arguments, answers))
    process.start()
    peak = 0.0
    while answers.empty() and process.is_alive():
        peak = max(peak, sum(map(resident_mib, family(str(process.pid)))))
        time.sleep(0.05)
    answer = answers.get(timeout=60)
    process.join()
    return answer | {"peak_memory_with_children_mib": round(peak)}


def family(pid: str) -> list[str]:
    """A process and all that descend from it."""
    try:
        children = [child for task in Path(f"/proc/{pid}/task").iterdir() for child in found_in(task / "children")]
    except OSError:
        return []
    return [pid, *(found for child in children for found in family(child))]


def found_in(file: Path) -> list[str]:
    """The words of a file."""
    return file.read_text().split()


def resident_mib(pid: str) -> float:
    """Resident memory of a process now; 0 for one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def main() -> None:
    """Measure both and print JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    content = make_csv(rows)
    gc.collect()
    with database(f"estate_benchmark_{os.getpid()}") as url:
        estate = in_own_process(measure_estate, url, content)
        rival = in_own_process(measure_geopandas, url, content)
    print(json.dumps({"benchmark": "import_rows", "estate": estate, "geopandas_to_postgis": rival}, indent=2))


if __name__ == "__main__":
    main()
