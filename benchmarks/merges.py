"""Thousands of random merges in a real database, undone in random order: the register must be what it was.

Pairs of records are decided to be the same, one by one, through the functions that the pages call; every record
carries an interest, and many a team and costs of their own. Then the decisions are taken back in another order. MD5
sums are over every column of the buildings and of all that is attached to them, over the list and over the areas,
before and after; half way every attachment must still be there. Prints JSON. The database is its own and dropped
afterwards.

    python benchmarks/merges.py [--records 20000] [--merges 6000]
"""

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from benchmarks.import_rows import database
from benchmarks.million import fill

TABLES = ("building", "interest", "running_cost", "occupation", "building_area", "building_listed")
NOT_COMPARED = ("recorded_at", "change_set")
"""When a row came to stand as it does is history, and this is what history is for."""
TEAMS = """
INSERT INTO occupation (building_id, agency_id, team, fte, is_public_counter, version)
SELECT id, agency_id, 'Team ' || id, 5, false, 1 FROM building
"""


def sums(session: Session) -> dict[str, str]:
    """MD5 over all rows of each table."""
    found = {}
    for table in TABLES:
        shown = " - ".join([f"to_jsonb({table})", *(f"'{name}'" for name in NOT_COMPARED)])
        query = f"SELECT md5(string_agg(({shown})::text, '|' ORDER BY ({shown})::text COLLATE \"C\")) FROM {table}"
        found[table] = session.scalar(text(query))
    return found


def attachments(session: Session) -> tuple[int, int, int]:
    """How many interests, costs and teams there are, each reached through the building that it now belongs to."""
    from estate.register.models import Building, Interest, Occupation, RunningCost
    from estate.register.shown import canonical_id, is_building

    heads = select(Building.id).where(is_building()).subquery()
    counts = [
        session.scalar(
            select(func.count())
            .select_from(kind)
            .join(Building, Building.id == kind.building_id)
            .join(heads, heads.c.id == canonical_id())
        )
        for kind in (Interest, RunningCost, Occupation)
    ]
    return counts[0] or 0, counts[1] or 0, counts[2] or 0


def merge(session: Session, dice: random.Random, records: int) -> int | None:
    """Join two random records; None where they are one already, or one is retired."""
    from estate.errors import EstateError
    from estate.register.matches.decide import Said, decide, find_live
    from estate.register.models import Building, MatchVerdict

    low, high = sorted(dice.sample(range(1, records + 1), 2))
    if find_live(session, low, high) is not None:
        return None
    try:
        one, other = session.get_one(Building, low), session.get_one(Building, high)
        return decide(session, one, other, Said(MatchVerdict.SAME, "benchmark", None)).id
    except EstateError:
        return None


def measure(records: int, merges: int) -> dict[str, Any]:
    """Merge, undo, compare."""
    from estate.db import make_session
    from estate.register import listed
    from estate.register.areas import assign_areas
    from estate.register.matches.decide import get_decision, retract

    dice = random.Random(2026)
    with make_session.begin() as session:
        fill(session, records)
        session.execute(text("DELETE FROM match_decision"))
        session.execute(text("UPDATE building SET canonical_id = NULL"))
        session.execute(text(TEAMS))
        # Each record lies where it stands itself again, and the list follows.
        assign_areas(session)
    with make_session() as session:
        before, attached = sums(session), attachments(session)
    start = time.perf_counter()
    decisions: list[int] = []
    with make_session.begin() as session:
        while len(decisions) < merges:
            decisions += [number] if (number := merge(session, dice, records)) else []
            session.expire_all()
    merged = time.perf_counter()
    with make_session() as session:
        joined = session.scalar(text("SELECT count(*) FROM building WHERE canonical_id IS NOT NULL"))
        groups = "SELECT count(*) AS size FROM building WHERE canonical_id IS NOT NULL GROUP BY canonical_id"
        largest = session.scalar(text(f"SELECT max(size) FROM ({groups}) found"))
        is_attached = attachments(session) == attached
        is_listed = not listed.verify(session)
    dice.shuffle(decisions)
    undoing = time.perf_counter()
    with make_session.begin() as session:
        for number in decisions:
            retract(session, get_decision(session, number), actor=None, reason="benchmark")
            session.expire_all()
    undone = time.perf_counter()
    with make_session() as session:
        after = sums(session)
        return {
            "records": records,
            "merges": merges,
            "records_joined": joined,
            "records_of_the_largest_building": largest,
            "attachments": dict(zip(("interests", "costs", "teams"), attached, strict=True)),
            "attachments_kept_while_merged": is_attached,
            "attachments_kept_after": attachments(session) == attached,
            "list_follows_while_merged": is_listed,
            "list_follows_after": not listed.verify(session),
            "same_byte_for_byte": after == before,
            "tables_that_differ": [table for table in TABLES if after[table] != before[table]],
            "merges_a_second": round(merges / (merged - start), 1),
            "undone_a_second": round(merges / (undone - undoing), 1),
        }


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--merges", type=int, default=6_000)
    options = parser.parse_args()
    from estate.db import bind_sessions, make_engine

    with database(f"estate_benchmark_merges_{os.getpid()}") as url:
        engine = make_engine(url)
        bind_sessions(engine)
        figures = measure(options.records, options.merges)
        engine.dispose()
    print(json.dumps({"benchmark": "merges", **figures}, indent=2))


if __name__ == "__main__":
    main()
