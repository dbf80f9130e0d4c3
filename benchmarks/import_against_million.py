"""An import of 5,000 rows into a register of a million buildings: read, checked, stored, listed, matched. Prints JSON.

Half of the rows are buildings that another agency knows already, with the same UPRN and a name written otherwise;
half are new. Everything is done in one transaction of this process, as the worker does it, and taken back at the end.
The rival of the matching is one plain query with PostGIS and pg_trgm for the same rows, on a copy of names and places
indexed beforehand: all that lie within 500 m and have somewhat alike names. It asks for no UPRN or address, and gives
no probability and no reasons.

    python benchmarks/million.py make
    python benchmarks/import_against_million.py [--rows 5000]
"""

import argparse
import csv
import io
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from benchmarks.import_rows import COLUMNS
from benchmarks.million import url_of

KNOWN = text("""
SELECT name, uprn, street, post_town, postcode, ST_X(location), ST_Y(location) FROM building
WHERE uprn IS NOT NULL AND location IS NOT NULL AND canonical_id IS NULL AND status = 'active'
ORDER BY hashint8(id), id LIMIT :count
""")

RIVAL_LIMIT_S = 120
RIVAL_PLACES = (
    """
    CREATE TEMP TABLE rival_place ON COMMIT DROP AS
    SELECT id, name, location FROM building WHERE status <> 'retired' AND location IS NOT NULL
    """,
    "CREATE INDEX ON rival_place USING gist (location)",
    "CREATE INDEX ON rival_place (id)",
    "ANALYZE rival_place",
)
RIVAL = text("""
CREATE TEMP TABLE rival_pair ON COMMIT DROP AS
SELECT new.id AS new_id, old.id AS old_id, similarity(new.name, old.name) AS alike
FROM rival_place new JOIN rival_place old ON ST_DWithin(old.location, new.location, 0.0076) AND old.id <> new.id
WHERE new.id = ANY(:ids)
    AND ST_DistanceSphere(old.location, new.location) <= 500 AND similarity(new.name, old.name) > 0.3
""")
FOUND = """
SELECT count(DISTINCT new.id) FROM {pairs} JOIN building new ON new.id = {new} JOIN building old ON old.id = {old}
WHERE new.id = ANY(:ids) AND new.uprn = old.uprn
"""
LIVE_PAIRS = """(SELECT low_id, high_id FROM match_decision WHERE retracted_at IS NULL
    UNION SELECT low_id, high_id FROM match_candidate) live_pair"""


def make_csv(session: Session, rows: int) -> bytes:
    """The file: `COLUMNS`, positions a few metres off where the building is known."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for number, (name, uprn, street, town, code, x, y) in enumerate(session.execute(KNOWN, {"count": rows})):
        is_new = number % 2
        told = f"Building of number {number}" if is_new else f"The {name}"
        address = (f"{number % 300 + 1} Side Street", town, "") if is_new else (street, town, code or "")
        own = str(90_000_000_000 + number) if is_new else uprn
        place = (f"{x + 0.00005 + 0.002 * is_new:.6f}", f"{y:.6f}")
        writer.writerow([f"N{number:06d}", told, own, *address, *place, "library", 500 + number, "2024-25", "9,000"])
    return buffer.getvalue().encode()


def measure(session: Session, content: bytes) -> dict[str, Any]:
    """Seconds of each step."""
    from estate.people.accounts import create_agency
    from estate.register.imports.apply import apply
    from estate.register.imports.check import Options, check
    from estate.register.imports.read import read_file
    from estate.register.imports.reporting import known_to
    from estate.register.imports.uploads import start_import
    from estate.register.matches.run import match_records

    seconds: dict[str, float] = {}
    mark = start = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal mark
        seconds[name], mark = round(time.perf_counter() - mark, 2), time.perf_counter()

    agency = create_agency(session, "Importing Council", "council", actor=None)
    brought = start_import(session, content, "benchmark.csv", agency=agency, actor=None, options=Options())
    read = read_file(content, "benchmark.csv")
    lap("keep_and_read")
    report = check(read, known_to(session, agency), Options())
    lap("check_and_geocode")
    counts = apply(session, report, brought, actor=None)
    lap("apply_with_events_and_list")
    ids = session.scalars(text("SELECT building_id FROM source_record WHERE import_id = :id"), {"id": brought.id}).all()
    outcome = match_records(session, set(ids))
    lap("match")
    total = round(time.perf_counter() - start, 2)
    found = text(FOUND.format(pairs=LIVE_PAIRS, new="high_id", old="low_id"))
    return {
        "rows": counts.rows_in,
        "inserted": counts.inserted,
        "linked": outcome.linked_count,
        "waiting": outcome.waiting_count,
        "known_buildings_found": session.scalar(found, {"ids": ids}),
        "seconds": {**seconds, "total": total},
        "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "rival_of_match": rival(session, list(ids)),
    }


def rival(session: Session, ids: list[int]) -> dict[str, Any]:
    """Seconds of the plain query, its copy aside, and what it finds; a sentence where it does not end."""
    for statement in RIVAL_PLACES:
        session.execute(text(statement))
    session.execute(text(f"SET LOCAL statement_timeout = '{RIVAL_LIMIT_S}s'"))
    start = time.perf_counter()
    try:
        with session.begin_nested():
            session.execute(RIVAL, {"ids": ids})
    except OperationalError as error:
        return {"not_done": f"stopped after {time.perf_counter() - start:.0f} s: {error.orig}"}
    taken = round(time.perf_counter() - start, 2)
    found = session.scalar(text(FOUND.format(pairs="rival_pair", new="new_id", old="old_id")), {"ids": ids})
    pairs = session.scalar(text("SELECT count(*) FROM rival_pair"))
    return {"seconds": taken, "pairs": pairs, "known_buildings_found": found}


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--database", default="estate_million")
    options = parser.parse_args()
    from estate.db import bind_sessions, make_engine, make_session

    engine = make_engine(url_of(options.database))
    bind_sessions(engine)
    with make_session() as session:
        content = make_csv(session, options.rows)
        figures = measure(session, content)
        session.rollback()
    engine.dispose()
    print(json.dumps({"benchmark": "import_against_million", **figures}, indent=2))


if __name__ == "__main__":
    main()
