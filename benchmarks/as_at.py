"""Reading the register as it was: the list and the figures by area at a million buildings, today against a past day.

Buildings with a cost and an interest each are made by SQL in a database of its own, dropped afterwards; then a part of
them is changed by one change set, so that the past differs from today. Each question is asked in turn of today and of
the moment before that change. Prints JSON with medians, 95th percentiles and their ratio.

    python benchmarks/as_at.py [--buildings 1000000] [--changed 0.1] [--rounds 12]
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.import_rows import database

USES = "ARRAY['office', 'library', 'depot', 'health_centre', 'fire_station']"
BUILDINGS = f"""
INSERT INTO building (agency_id, name, uprn, street, post_town, postcode, location, fix_source, use_class_code, status,
    gross_internal_area_m2, net_internal_area_m2, is_listed, is_protected, version)
SELECT 1 + n % 40, 'Building ' || md5(n::text), (100000000000 + n)::text, n % 300 + 1 || ' High Street', 'Manchester',
    'M' || n % 90 + 1 || ' ' || n % 9 || 'AB', ST_SetSRID(ST_MakePoint(-2.7 + (n % 1000) * 0.0008, 53.3 + n / 1000 * 0.0004), 4326),
    'coordinates', ({USES})[1 + n % 5], 'active', 50 + n % 9000, 40 + n % 8000, false, false, 1
FROM generate_series(0, :count - 1) n
"""  # noqa: E501
PARTS = (
    """
    INSERT INTO running_cost (building_id, agency_id, category_code, year_start, amount, is_estimate, source, version)
    SELECT id, agency_id, 'energy', 2024, 500 + id % 90000, false, 'made up', 1 FROM building
    """,
    """
    INSERT INTO interest (building_id, agency_id, tenure, version)
    SELECT id, agency_id, (ARRAY['freehold', 'leasehold']::tenure[])[1 + id % 2], 1 FROM building
    """,
    """
    INSERT INTO area (level_code, code, name, valid_from, source, geometry)
    SELECT 'district', 'D' || n, 'District ' || n, '2025-01-01', 'made up',
        ST_Multi(ST_MakeEnvelope(-2.7 + n * 0.08, 53.29, -2.62 + n * 0.08, 53.8, 4326)) FROM generate_series(0, 9) n
    """,
)
CHANGES = (
    "UPDATE building SET name = 'New ' || name, version = 2 WHERE id % 100 < :percent",
    "UPDATE running_cost SET amount = amount * 2, version = 2 WHERE building_id % 100 < :percent",
)


def fill(session: Session, count: int) -> None:
    """Make the buildings and all that belongs to them."""
    from estate.people.accounts import create_agency
    from estate.register.areas import assign_areas

    for number in range(40):
        create_agency(session, f"Agency {number}", "council", actor=None)
    session.execute(text(BUILDINGS), {"count": count})
    level = "INSERT INTO boundary_level VALUES ('district', 'District', 'Districts', 40) ON CONFLICT DO NOTHING"
    for statement in (level, *PARTS):
        session.execute(text(statement))
    assign_areas(session)


def questions() -> dict[str, Callable[[Session], Any]]:
    """What is asked, by name."""
    from estate.gis.models import BoundaryLevel
    from estate.register.filters import BuildingFilters
    from estate.register.frames import area_statistics
    from estate.register.models import BuildingStatus, Tenure
    from estate.register.queries import list_buildings

    lists = {
        "list": (BuildingFilters(), "name"),
        "list by cost": (BuildingFilters(), "-cost"),
        "list of an agency": (BuildingFilters(agency_id=7), "name"),
        "list of a use": (BuildingFilters(use_class_code="library"), "name"),
        "list of an area": (BuildingFilters(area_id=3), "name"),
        "list of a tenure": (BuildingFilters(tenure=Tenure.LEASEHOLD), "name"),
        "list of a status": (BuildingFilters(status=BuildingStatus.VACANT), "name"),
        "search": (BuildingFilters(text="c4ca4238a0"), "name"),
        "search by UPRN": (BuildingFilters(text="100000012345"), "name"),
    }
    asked: dict[str, Callable[[Session], Any]] = {
        name: lambda session, filters=filters, sort=sort: list_buildings(session, filters, sort=sort)
        for name, (filters, sort) in lists.items()
    }
    asked["map by area"] = lambda session: area_statistics(
        session, session.get_one(BoundaryLevel, "district"), 2024, BuildingFilters()
    )
    return asked


def measure(ask: Callable[[Session], Any], rounds: int, moment: Any) -> dict[str, float]:
    """Milliseconds of `ask`, today (`moment` None) or as at `moment`; the first answer warms up and is left out."""
    from estate.db import make_session
    from estate.register.as_at import look_back

    took = []
    for _ in range(rounds + 1):
        with make_session() as session:
            start = time.perf_counter()
            if moment is not None:
                look_back(session, moment)
            ask(session)
            took.append((time.perf_counter() - start) * 1000)
    took = sorted(took[1:])
    return {"median": round(statistics.median(took), 1), "p95": round(took[int(0.95 * (len(took) - 1) + 0.5)], 1)}


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--buildings", type=int, default=1_000_000)
    parser.add_argument("--changed", type=float, default=0.1)
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    from estate.db import bind_sessions, make_engine, make_session
    from estate.register.as_at import begin_change_set

    with database("estate_benchmark_as_at") as url:
        engine = make_engine(url)
        bind_sessions(engine)
        with make_session.begin() as session:
            fill(session, options.buildings)
        with make_session() as session:
            moment = session.scalar(text("SELECT clock_timestamp()"))
        start = time.perf_counter()
        with make_session.begin() as session:
            begin_change_set(session, "import:1")
            for statement in CHANGES:
                session.execute(text(statement), {"percent": round(options.changed * 100)})
        changing = time.perf_counter() - start
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        found = {}
        for name, ask in questions().items():
            now, past = measure(ask, options.rounds, None), measure(ask, options.rounds, moment)
            found[name] = {"today_ms": now, "as_at_ms": past, "ratio_of_p95": round(past["p95"] / now["p95"], 2)}
        engine.dispose()
    figures = {
        "buildings": options.buildings,
        "changed_rows_a_second": round(2 * options.changed * options.buildings / changing),
    }
    print(json.dumps({"benchmark": "as_at", **figures, "questions": found}, indent=2))


if __name__ == "__main__":
    main()
