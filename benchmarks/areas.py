"""Areas of a million buildings on the real wards of the United Kingdom: who lies where, and sums by ward. Prints JSON.

Needs the register of `million.py make --spread uk --name estate_tiles`, brought up to date by `estate db migrate`.

`point_in_area`: the areas of every level that each building and record lies in, as a rebuild of all memberships asks
for them; storing them is not counted. Rivals on the same rows, in the same run: the plain join with `ST_Intersects`,
without the rules for buildings of several records and for borders, and geopandas' `sjoin` of frames read already.
`statistics`: the running cost of each ward in each year of which costs are known, counted after an import of 5,000 rows
that is taken back at the end; nothing is stored, so what they show is never behind.

    python benchmarks/areas.py [--part 1] [--rows 5000]
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import geopandas
import shapely
from million import url_of
from sqlalchemy import text
from sqlalchemy.orm import Session

DATABASE = "estate_tiles"
TARGETS = {"point_in_area_s": 60, "statistics_of_all_years_s": 10}
PLAIN = """
SELECT b.id, a.id FROM building b JOIN area a ON ST_Intersects(a.geometry, b.location)
WHERE a.valid_until IS NULL AND b.id % :part = 0
"""


def seconds_of(session: Session, statement: Any, values: dict[str, Any] | None = None) -> tuple[float, int]:
    """How long the database takes to find all rows, and how many there are."""
    started = time.perf_counter()
    count = session.execute(statement, values or {}).scalar_one()
    return round(time.perf_counter() - started, 1), int(count)


def measure_points(session: Session, part: int) -> dict[str, Any]:
    """Ours and both rivals; `part` n takes every n-th building."""
    from sqlalchemy import func, select

    from estate.register.areas import areas_of_buildings
    from estate.register.models import Building

    found = areas_of_buildings().where(Building.id % part == 0).subquery()
    ours, memberships = seconds_of(session, select(func.count()).select_from(found))
    counted = f"SELECT count(*) FROM ({PLAIN}) AS found (building_id, area_id)"
    plain, pairs = seconds_of(session, text(counted), {"part": part})
    return {
        "seconds": ours,
        "memberships": memberships,
        "plain_join": {"seconds": plain, "memberships": pairs},
        "geopandas_sjoin": measure_sjoin(session, part),
    }


def measure_sjoin(session: Session, part: int) -> dict[str, Any]:
    """Seconds of the joins of all levels, reading aside."""
    point = text("SELECT ST_X(location), ST_Y(location) FROM building WHERE location IS NOT NULL AND id % :part = 0")
    places = session.execute(point, {"part": part}).all()
    points = geopandas.GeoDataFrame(geometry=shapely.points(*zip(*places, strict=True)), crs=4326)
    seconds, pairs = 0.0, 0
    for (level,) in session.execute(text("SELECT DISTINCT level_code FROM area WHERE valid_until IS NULL")).all():
        rows = text("SELECT ST_AsBinary(geometry) FROM area WHERE valid_until IS NULL AND level_code = :level")
        shapes = shapely.from_wkb([bytes(row[0]) for row in session.execute(rows, {"level": level})])
        areas = geopandas.GeoDataFrame(geometry=shapes, crs=4326)
        started = time.perf_counter()
        pairs += len(points.sjoin(areas, predicate="intersects"))
        seconds += time.perf_counter() - started
    return {"seconds": round(seconds, 1), "memberships": pairs}


def measure_statistics(session: Session, rows: int) -> dict[str, Any]:
    """Seconds for each year after the import, and the running cost that the wards have together."""
    from benchmarks.import_against_million import make_csv
    from estate.gis.models import BoundaryLevel
    from estate.people.accounts import create_agency
    from estate.register.area_statistics import area_statistics
    from estate.register.filters import BuildingFilters
    from estate.register.imports.check import Options
    from estate.register.imports.uploads import apply_import, start_import
    from estate.register.measures import MEASURES

    content = make_csv(session, rows)
    agency = create_agency(session, "Importing Council", "council", actor=None)
    brought = start_import(session, content, "benchmark.csv", agency=agency, actor=None, options=Options())
    started = time.perf_counter()
    apply_import(session, brought, actor=None)
    imported = round(time.perf_counter() - started, 1)
    ward, measure = session.get_one(BoundaryLevel, "ward"), next(iter(MEASURES.values()))
    years: dict[int, float] = {}
    for year in session.scalars(text("SELECT DISTINCT year_start FROM running_cost ORDER BY 1")).all():
        started = time.perf_counter()
        wards = area_statistics(session, ward, int(year), BuildingFilters(), measure.sources)
        years[int(year)] = round(time.perf_counter() - started, 1)
    return {
        "wards": len(wards),
        "import_s": imported,
        "seconds_by_year": years,
        "seconds_of_all_years": round(sum(years.values()), 1),
    }


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", type=int, default=1, help="take every n-th building for point_in_area")
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--name", default=DATABASE)
    options = parser.parse_args()
    url_of(options.name)
    from estate.db import bind_sessions, make_session

    bind_sessions()
    result: dict[str, Any] = {"benchmark": "areas", "part": options.part}
    with make_session() as session:
        result["buildings"] = session.scalar(text("SELECT count(*) FROM building"))
        result["point_in_area"] = measure_points(session, options.part)
        result["statistics"] = measure_statistics(session, options.rows) if options.rows else None
        session.rollback()
    print(json.dumps(result | {"targets": TARGETS}, indent=2))


if __name__ == "__main__":
    main()
