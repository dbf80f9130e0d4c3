"""Reading the register as it was: a building, the totals and the map of areas at a million buildings, today and then.

The past is the moment before a tenth of the buildings and costs changed in one change set; lists and searches of that
day are measured by `register_list.py`. The rival, in the same run, is the plain way to the same past: for each
building the last version before the moment, out of all versions. Prints JSON with medians, 95th percentiles and their
ratio.

    python benchmarks/million.py make
    python benchmarks/as_at.py [--rounds 3]
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.million import past_moment, url_of
from benchmarks.register_list import percentile, timed

PLAIN = text("""
SELECT count(*), sum(gross_internal_area_m2) FROM (
    SELECT DISTINCT ON (id) id, status, gross_internal_area_m2, superseded_at FROM (
        SELECT id, status, gross_internal_area_m2, recorded_at, NULL::timestamptz AS superseded_at FROM public.building
        UNION ALL
        SELECT id, status, gross_internal_area_m2, recorded_at, superseded_at FROM history.building) versions
    WHERE recorded_at <= :moment ORDER BY id, recorded_at DESC) last
WHERE status IN ('active', 'surplus', 'vacant')
""")


def questions() -> dict[str, Callable[[Session], Any]]:
    """What is asked, by name."""
    from estate.gis.models import BoundaryLevel
    from estate.register.area_statistics import area_statistics
    from estate.register.details import building_details
    from estate.register.filters import BuildingFilters
    from estate.register.queries import count_buildings, get_building
    from estate.register.summary import register_summary

    def areas(session: Session) -> Any:
        return area_statistics(session, session.get_one(BoundaryLevel, "district"), 2024, BuildingFilters())

    return {
        "one building": lambda session: building_details(session, get_building(session, 123_403)),
        "count of all": lambda session: count_buildings(session, BuildingFilters()),
        "totals of an agency": lambda session: register_summary(session, BuildingFilters(agency_id=_agency(session))),
        "totals of all": lambda session: register_summary(session),
        "map of districts": areas,
    }


def _agency(session: Session) -> int:
    return int(session.scalar(text("SELECT min(id) + 6 FROM agency")) or 0)


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", default="estate_million")
    options = parser.parse_args()
    from estate.db import bind_sessions, make_engine, make_session

    engine = make_engine(url_of(options.database))
    bind_sessions(engine)
    with make_session() as session:
        moment = past_moment(session)
    found = {}
    for name, ask in questions().items():
        rounds = options.rounds if name.startswith(("totals of all", "map")) else 4 * options.rounds
        now, then = ([timed(ask, day) for _ in range(rounds + 1)][1:] for day in (None, moment))
        medians = percentile(now, 0.5), percentile(then, 0.5)
        found[name] = {
            "today_ms": {"median": medians[0], "p95": percentile(now, 0.95)},
            "as_at_ms": {"median": medians[1], "p95": percentile(then, 0.95)},
            "ratio_of_medians": round(medians[1] / medians[0], 2),
        }
    plain = [timed(lambda session: session.execute(PLAIN, {"moment": moment}).all()) for _ in range(3)][1:]
    engine.dispose()
    print(
        json.dumps({"benchmark": "as_at", "questions": found, "plain_count_as_at_ms": percentile(plain, 0.5)}, indent=2)
    )


if __name__ == "__main__":
    main()
