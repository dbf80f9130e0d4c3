"""A housing stock beside an everyday register: how fast it comes in, and what its presence costs everybody else.

The register is the demo place. Each page is asked for as its web server answers it, signed in, before and after one
file of 48,000 homes of 32 landlords was imported, in the same run; the pages for housing itself after that. Prints
JSON: rows a second, and median milliseconds a page. Its database is its own, dropped afterwards.

    python benchmarks/housing.py [--homes 48000] [--rounds 7]
"""

import argparse
import contextlib
import csv
import io
import json
import os
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, text

sys.path.insert(0, str(Path(__file__).parent))

from import_rows import database

HOMES, LANDLORDS, PATCHES, IN_BLOCK = 48_000, 32, 12, 16
COLUMNS = (
    "Landlord", "Management patch", "Block reference", "Block name", "Dwelling reference", "UPRN", "Address", "Town",
    "Postcode", "Longitude", "Latitude", "Bedrooms", "Tenure", "Floor area m2", "Status",
)  # fmt: skip
PAGES = {
    "home": "/",
    "list": "/buildings?view=all",
    "list by cost": "/buildings?view=all&sort=-cost",
    "list by agency": "/buildings?view=all&sort=agency",
    "list, words": "/buildings?view=all&text=library",
    "list, a use": "/buildings?view=all&use=library",
    "map of areas": "/maps",
    "map of areas, drawn": "/maps/frame",
    "map of buildings, drawn": "/maps/buildings/frame",
    "work list": "/quality",
    "costs": "/costs",
    "lease diary": "/leases",
    "matches": "/matches",
}
HOUSING_PAGES = {
    "stock": "/stock",
    "stock of a landlord": "/stock?agency={}",
    "list": "/buildings?class=housing",
    "list of a patch": "/buildings?class=housing&agency={}&patch=Patch+3",
    "list of all classes": "/buildings?class=all",
    "map of areas": "/maps?class=housing",
}
EMAIL, PASSWORD = "manager@demo.example", "total place demo 2010"


def make_csv(homes: int) -> bytes:
    """Homes on real postcodes: two in three in blocks of sixteen, one patch in thirteen unknown."""
    from estate.gis.geocode import fix_postcodes
    from estate.gis.postcodes import postcode_index

    random = np.random.default_rng(2026)
    records = postcode_index().starting_with("M")
    codes = [code.decode() for code in random.choice(records["code"], homes)]
    codes = [f"{code[:-3]} {code[-3:]}" for code in codes]
    fixes = fix_postcodes(codes)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    beds, patches = random.integers(1, 5, homes), random.integers(0, PATCHES + 1, homes)
    for i in range(homes):
        block = i // LANDLORDS // IN_BLOCK
        first = block * LANDLORDS * IN_BLOCK + i % LANDLORDS
        is_flat, at = block % 3 > 0, first if block % 3 else i
        point = (
            ("", "") if np.isnan(fixes.longitude[at]) else (f"{fixes.longitude[at]:.6f}", f"{fixes.latitude[at]:.6f}")
        )
        patch = f"Patch {patches[at]}" if patches[at] else ""
        held = (f"BLK-{block:05d}", f"{block} Benchmark Court") if is_flat else ("", "")
        facts = (beds[i], "Social rent", 30 + 15 * beds[i], "Void" if i % 40 == 0 else "Let")
        name = f"Flat {i // LANDLORDS % IN_BLOCK + 1}, {block} Benchmark Court" if is_flat else f"{i} Benchmark Road"
        reference = (f"H{i:06d}", f"{200_000_000_123 + i}", name, "Manchester", codes[at])
        writer.writerow([f"Landlord {i % LANDLORDS:02d}", patch, *held, *reference, *point, *facts])
    return buffer.getvalue().encode()


def bring(content: bytes) -> dict[str, Any]:
    """Import the file as its page does, check and storing each for itself, and once more unchanged."""
    from estate.db import make_session
    from estate.people.accounts import get_agency
    from estate.register.imports.check import Options
    from estate.register.imports.perform import perform_apply, perform_check
    from estate.register.imports.uploads import confirm_import, get_import, start_import

    found: dict[str, Any] = {}
    for which in ("first", "again"):
        start = time.perf_counter()
        with make_session.begin() as session:
            agency = get_agency(session, "Irwell and Mersey Combined Authority (demo)")
            options = Options(create_agencies=True)
            number = start_import(session, content, "homes.csv", agency=agency, actor=None, options=options).id
        perform_check(number)
        checked = time.perf_counter()
        with make_session.begin() as session:
            confirm_import(session, get_import(session, number))
        perform_apply(number)
        end = time.perf_counter()
        with make_session() as session:
            brought = get_import(session, number)
            counts = [brought.inserted_count, brought.updated_count, brought.unchanged_count, brought.rejected_count]
            found[which] = {
                "rows": brought.row_count,
                "added_changed_as_they_were_rejected": counts,
                "new_blocks": brought.options.get("blocks", [0])[0],
                "check_s": round(checked - start, 2),
                "store_s": round(end - checked, 2),
                "rows_per_second": round((brought.row_count or 0) / (end - start)),
            }
    return found


def signed_in() -> Any:
    """A client of the app with the session of the demo's asset manager."""
    from estate.settings import Settings
    from estate.web import create_app

    client = create_app(Settings(ESTATE_SECRET_KEY="benchmark")).test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if token is None:
        raise RuntimeError("The sign-in page has no token.")
    form = {"csrf_token": token[1], "email": EMAIL, "password": PASSWORD}
    answer = client.post("/sign-in", data=form, headers={"Referer": "https://localhost/"})
    if answer.status_code != 302:
        raise RuntimeError(f"Could not sign in: {answer.status_code}.")
    return client


def measure(client: Any, pages: dict[str, str], rounds: int) -> dict[str, float]:
    """Median milliseconds of each page; the first answer warms up and is left out."""
    found: dict[str, float] = {}
    for name, address in pages.items():
        taken = []
        for _ in range(rounds + 1):
            start = time.perf_counter()
            answer = client.get(address)
            taken.append((time.perf_counter() - start) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"{address} answered {answer.status_code}.")
        found[name] = round(statistics.median(taken[1:]), 1)
    return found


def tidy(engine: Engine) -> None:
    """What the database does by itself within minutes of an import."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--homes", type=int, default=HOMES)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    content = make_csv(asked.homes)
    with database(f"estate_benchmark_{os.getpid()}") as url:
        from estate.cli.demo import load_if_empty
        from estate.db import bind_sessions, make_engine, make_session
        from estate.people.accounts import get_agency

        engine = make_engine(url)
        bind_sessions(engine)
        with contextlib.redirect_stdout(io.StringIO()):
            load_if_empty()
        tidy(engine)
        client = signed_in()
        without = measure(client, PAGES, asked.rounds)
        imported = bring(content)
        tidy(engine)
        beside = measure(client, PAGES, asked.rounds)
        with make_session() as session:
            landlord = get_agency(session, "Landlord 00").id
        own = measure(client, {name: page.format(landlord) for name, page in HOUSING_PAGES.items()}, asked.rounds)
        engine.dispose()
    pages = {name: {"without": without[name], "with": beside[name]} for name in PAGES}
    answer = {"homes": asked.homes, "landlords": LANDLORDS, "import": imported}
    print(json.dumps({"benchmark": "housing", **answer, "pages_ms": pages, "housing_pages_ms": own}, indent=2))


if __name__ == "__main__":
    main()
