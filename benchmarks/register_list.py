"""The list at a million buildings: every filter, sort and search that its page offers, today and as at a past day.

Each question is one page as the web asks for it: how many there are, thirty buildings in order, their areas, tenures
and costs. The rival, measured in the same run, asks the tables themselves with plain SQL for the same buildings in
the same order (`--rival`): what it costs without the table made for lists. Prints JSON with milliseconds.

    python benchmarks/million.py make
    python benchmarks/register_list.py [--rounds 5] [--rival] [--only WORD] [--cpu] [--as-partner]

`--cpu` counts processor time of this process and of the database's own for it, for a busy machine. `--as-partner`
looks with the eyes of somebody of one agency: through the views that leave out, and row-level security below them.

Printed by name: every question above 150 ms, and every one of which the past costs more than twice as much as today.

Rules of quality are filters of the page too; they are asked in three of its orders, and as the work list counts them.
"""

import argparse
import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.million import past_moment, url_of

TEXTS = {
    "a rare word": "3f2a1b",
    "a frequent word": "library",
    "words of most rows": "road",
    "two words": "victoria library",
    "a street": "12 mill road",
    "a letter": "m",
    "two letters": "m4",
    "a postcode": "M45 3AB",
    "a UPRN": "10000123456",
    "the start of UPRNs": "100001",
    "nothing": "nowhereatall",
}
LONGEST_MS = 150
MOST_OF_TODAY = 2
RIVAL = """
SELECT b.id, b.name, c.annual_cost, count(*) OVER () FROM building b
LEFT JOIN (
    SELECT building_id, sum(amount) AS annual_cost FROM running_cost WHERE year_start = 2024 GROUP BY building_id) c
    ON c.building_id = b.id
WHERE b.status IN ('active', 'surplus', 'vacant') AND {} ORDER BY lower(b.name), b.id LIMIT 30
"""
RIVALS = {
    "all": "true",
    "agency": "b.agency_id = (SELECT min(id) + 6 FROM agency)",
    "use": "b.use_class_code = 'library'",
    "area: ward": "EXISTS (SELECT 1 FROM building_area a JOIN area w ON w.id = a.area_id WHERE a.building_id = b.id"
    " AND w.code = 'W7-9')",
    "tenure: leasehold": "EXISTS (SELECT 1 FROM interest i WHERE i.building_id = b.id AND i.tenure = 'leasehold')",
    "text: a frequent word": "(b.name ILIKE '%library%' OR b.street ILIKE '%library%'"
    " OR b.post_town ILIKE '%library%')",
    "text: a rare word": "(b.name ILIKE '%3f2a1b%' OR b.street ILIKE '%3f2a1b%' OR b.post_town ILIKE '%3f2a1b%')",
}


def all_filters(session: Session) -> dict[str, Any]:
    """Every filter of the page by its name, and some two at a time."""
    from estate.register.filters import ALL_CLASSES, LEFT_OUT, Attention, BuildingFilters, Fullness
    from estate.register.models import BuildingKind, BuildingStatus, Tenure

    agency = session.scalar(text("SELECT min(id) + 6 FROM agency"))
    areas = dict(session.execute(text("SELECT code, id FROM area WHERE code IN ('W7-9', 'D4')")).all())
    found = {"all": BuildingFilters(), "agency": BuildingFilters(agency_id=agency)}
    found |= {"use": BuildingFilters(use_class_code="library")}
    found |= {
        "area: ward": BuildingFilters(area_id=areas["W7-9"]),
        "area: district": BuildingFilters(area_id=areas["D4"]),
    }
    found |= {f"tenure: {t.value}": BuildingFilters(tenure=t) for t in (Tenure.FREEHOLD, Tenure.LEASEHOLD, Tenure.PFI)}
    found |= {f"status: {status.value}": BuildingFilters(status=status) for status in BuildingStatus}
    found |= {f"attention: {attention.value}": BuildingFilters(attention=attention) for attention in Attention}
    found |= {f"text: {name}": BuildingFilters(text=words) for name, words in TEXTS.items()}
    found |= {f"kind: {kind.value}": BuildingFilters(kind=kind) for kind in BuildingKind}
    found |= {f"fullness: {fullness.value}": BuildingFilters(fullness=fullness) for fullness in Fullness}
    found |= {f"class: {code}": BuildingFilters(class_code=code) for code in (ALL_CLASSES, LEFT_OUT)}
    found["agency and no cost"] = BuildingFilters(agency_id=agency, attention=Attention.NO_COST)
    found["district and use"] = BuildingFilters(area_id=areas["D4"], use_class_code="library")
    found["district, leasehold, words"] = BuildingFilters(
        area_id=areas["D4"], tenure=Tenure.LEASEHOLD, text="hall road"
    )
    return found


def questions(session: Session) -> Iterator[tuple[str, Callable[[Session], Any]]]:
    """Every filter with every sort in both directions, and pages far down the list."""
    from estate.register.queries import SORTS, list_buildings

    filters = all_filters(session)
    for (name, wanted), sort, way in itertools.product(filters.items(), SORTS, ("", "-")):
        yield (
            f"{name} | {way}{sort}",
            lambda session, wanted=wanted, sort=way + sort: list_buildings(session, wanted, sort=sort),
        )
    yield from quality_questions(session)
    for name, page in (("all", 100), ("all", 333), ("area: ward", 60), ("tenure: leasehold", 300)):
        yield (
            f"{name} | page {page}",
            lambda session, wanted=filters[name], page=page: list_buildings(session, wanted, sort="name", page=page),
        )


def quality_questions(session: Session) -> Iterator[tuple[str, Callable[[Session], Any]]]:
    """The buildings that break each rule of quality, in three orders; the work list, and the next building to mend."""
    from estate.register.filters import BuildingFilters
    from estate.register.quality.checks import CHECKS
    from estate.register.quality.evaluate import next_to_mend, overview
    from estate.register.queries import list_buildings

    for code, sort in itertools.product(CHECKS, ("name", "-cost", "agency")):
        wanted = BuildingFilters(gap=code)
        yield (
            f"gap: {code} | {sort}",
            lambda session, wanted=wanted, sort=sort: list_buildings(session, wanted, sort=sort),
        )
    filters = all_filters(session)
    for name in ("all", "agency", "area: ward", "use"):
        yield f"work list: {name}", lambda session, wanted=filters[name]: overview(session, wanted)
    agency = filters["agency"]
    yield "next to mend", lambda session: next_to_mend(session, "net_area", agency)


def timed(
    ask: Callable[[Session], Any], moment: Any = None, *, is_cpu: bool = False, as_partner: bool = False
) -> float:
    """Milliseconds of one answer in a transaction of its own, today or as at `moment`."""
    from estate.db import make_session
    from estate.register.as_at import look_back
    from estate.register.seen import Viewer, see_as

    with make_session() as session:
        connection = session.connection().connection.driver_connection
        if as_partner:
            agency_id = session.scalar(text("SELECT min(id) + 9 FROM agency"))
            see_as(session, Viewer(frozenset({agency_id}), is_partner=True))
        pid = connection.info.backend_pid if is_cpu else None
        start = _clock(pid)
        if moment is not None:
            look_back(session, moment)
        ask(session)
        return (_clock(pid) - start) * 1000


def _clock(backend_pid: int | None) -> float:
    """Seconds that passed, or with a backend the processor's seconds of this process and of it; not of its helpers."""
    if backend_pid is None:
        return time.perf_counter()
    spent = Path(f"/proc/{backend_pid}/schedstat").read_text().split()[0]
    return time.process_time() + int(spent) / 1e9


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))], 1)


def measure(rounds: int, only: str, **way: bool) -> dict[str, Any]:
    """Milliseconds of every question; the first answer of each warms up and is left out."""
    from estate.db import make_session

    with make_session() as session:
        asked = [(name, ask) for name, ask in questions(session) if only in name]
        moment = past_moment(session)
    today: dict[str, list[float]] = {}
    past: dict[str, list[float]] = {}
    for name, ask in asked:
        for place in range(rounds + 1):
            now, then = timed(ask, **way), timed(ask, moment, **way)
            if place:
                today.setdefault(name, []).append(now)
                past.setdefault(name, []).append(then)
    ratios = [statistics.median(past[name]) / statistics.median(today[name]) for name in today]
    slow = [name for name in today if percentile(today[name], 0.95) > LONGEST_MS]
    worst = sorted(today, key=lambda name: -percentile(today[name], 0.95))[: max(12, len(slow))]
    costly = {name: ratio for name, ratio in zip(today, ratios, strict=True) if ratio > MOST_OF_TODAY}
    return {
        "questions": len(asked),
        "today_ms": summary(today),
        "as_at_ms": summary(past),
        "ratio_of_medians": {"median": round(statistics.median(ratios), 2), "p95": percentile(ratios, 0.95)},
        "questions_above_150_ms": len(slow),
        "questions_above_twice": len(costly),
        "slowest": {name: [percentile(today[name], 0.5), percentile(today[name], 0.95), percentile(past[name], 0.5)]
                    for name in worst},
        "above_twice": {name: [percentile(today[name], 0.5), percentile(past[name], 0.5)]
                        for name in sorted(costly, key=lambda name: -costly[name])},
    }  # fmt: skip


def summary(taken: dict[str, list[float]]) -> dict[str, float]:
    """Over all answers, and the worst question's own 95th percentile."""
    every = [value for values in taken.values() for value in values]
    worst = max(percentile(values, 0.95) for values in taken.values())
    return {"p50": percentile(every, 0.5), "p95": percentile(every, 0.95), "worst_question_p95": worst}


def rival() -> dict[str, float]:
    """Milliseconds of the plain query; the second of two answers."""
    asked = {name: text(RIVAL.format(condition)) for name, condition in RIVALS.items()}
    return {
        name: round([timed(lambda session, q=query: session.execute(q).all()) for _ in range(2)][1])
        for name, query in asked.items()
    }


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rival", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--as-partner", action="store_true")
    parser.add_argument("--database", default="estate_million")
    options = parser.parse_args()
    from estate.db import bind_sessions, make_engine

    engine = make_engine(url_of(options.database))
    bind_sessions(engine)
    figures = measure(options.rounds, options.only, is_cpu=options.cpu, as_partner=options.as_partner)
    if options.rival:
        figures["plain_tables_ms"] = rival()
    engine.dispose()
    print(json.dumps({"benchmark": "register_list", **figures}, indent=2))


if __name__ == "__main__":
    main()
