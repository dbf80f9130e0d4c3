"""How much faster a study of 200 areas is with a second worker, and whether one that joins in the middle is used.

    python benchmarks/study_workers.py [--areas 200] [--buildings 30]

The areas are synthetic wards of 0.5 to 1.5 times so many buildings, in a database of their own. Each worker is a
process that solves one area at a time. Prints JSON: seconds from the first area's start to the last one's end.
"""

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import psycopg
from alembic import command
from alembic.config import Config
from synthetic_district import district

from estate import embedded
from estate.db import bind_sessions, make_engine, make_session
from estate.people.programme_models import Programme
from estate.proposals import studies
from estate.proposals.models import RunStatus
from estate.proposals.options import Options
from estate.proposals.study_models import PartStatus, Study, StudyLevel, StudyPart
from estate.settings import ROOT, get_settings

NAME = f"estate_bench_studies_{os.getpid()}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--areas", type=int, default=200)
    parser.add_argument("--buildings", type=int, default=30)
    given = parser.parse_args()
    with database() as url:
        problems = synthetic_wards(given.areas, given.buildings)
        measure(url, problems[:8], workers=1, joins_at=None)  # Compiled code is cached, and files are in memory.
        one = measure(url, problems, workers=1, joins_at=None)
        two = measure(url, problems, workers=2, joins_at=None)
        three = measure(url, problems, workers=2, joins_at=given.areas // 2)
    print(
        json.dumps(
            {
                "areas": given.areas,
                "buildings": sum(len(problem["buildings"]) for problem in problems),
                "cores": os.cpu_count(),
                "load_before": round(os.getloadavg()[2], 2),
                "one_worker": one,
                "two_workers": two,
                "two_and_a_third_from_the_middle": three,
                "speedup_of_two": round(one["seconds"] / two["seconds"], 2),
            },
            indent=2,
        )
    )


@contextlib.contextmanager
def database() -> Iterator[str]:
    """A migrated database of its own, dropped afterwards."""
    settings = get_settings()
    embedded.start(settings)
    embedded.create_database(settings, NAME)
    url = settings.embedded_url(NAME)
    os.environ["DATABASE_URL"] = url
    get_settings.cache_clear()
    try:
        command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")
        engine = make_engine(url)
        bind_sessions(engine)
        yield url
        engine.dispose()
    finally:
        embedded.drop_database(settings, NAME)


def synthetic_wards(count: int, buildings: int) -> list[dict]:
    rng = random.Random(11)
    return [district(round(buildings * rng.uniform(0.5, 1.5)), seed=seed).to_json() for seed in range(count)]


def measure(url: str, problems: list[dict], *, workers: int, joins_at: int | None) -> dict:
    study_id = queue(problems)
    processes = [start_worker(url) for _ in range(workers)]
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            if joins_at is not None:
                wait(connection, study_id, joins_at)
                processes.append(start_worker(url))
            wait(connection, study_id, len(problems))
            rows = connection.execute(
                "SELECT worker, attempt, gap, extract(epoch FROM started_at)::float, "
                "extract(epoch FROM finished_at)::float FROM study_part WHERE study_id = %s",
                (study_id,),
            ).fetchall()
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
    return {
        "seconds": round(max(row[4] for row in rows) - min(row[3] for row in rows), 1),
        "areas_by_worker": sorted(Counter(row[0] for row in rows).values(), reverse=True),
        "areas_taken_more_than_once": sum(row[1] != 1 for row in rows),
        "largest_gap": round(max(row[2] for row in rows), 5),
        **({} if joins_at is None else {"areas_of_the_third": sum(by(row[0]) == processes[-1].pid for row in rows)}),
    }


def by(worker: str) -> int:
    return int(worker.rpartition(":")[2])


def queue(problems: list[dict]) -> int:
    """A study whose areas are there already: what is measured is what workers do."""
    with make_session.begin() as session:
        programme = session.query(Programme).first() or Programme(name="Bench", slug="bench")
        session.add(programme)
        study = Study(programme=programme, name="Bench", options=Options().to_json(), status=RunStatus.RUNNING)
        study.levels = [StudyLevel(position=0)]
        session.add(study)
        session.flush()
        parts = [
            StudyPart(
                study_id=study.id,
                level=study.levels[0],
                name=problem["title"],
                building_count=len(problem["buildings"]),
                team_count=len(problem["teams"]),
                status=PartStatus.WAITING,
                problem=problem,
            )
            for problem in problems
        ]
        session.add_all(parts)
        studies.queue_parts(session, parts)
        return study.id


def start_worker(url: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-m", "estate.worker", "--concurrency", "1", "--only-studies"]
    return subprocess.Popen(program, cwd=ROOT, env=environment)


def wait(connection: psycopg.Connection, study_id: int, done: int) -> None:
    query = "SELECT count(*) FROM study_part WHERE study_id = %s AND status NOT IN ('waiting', 'queued', 'running')"
    while connection.execute(query, (study_id,)).fetchone()[0] < done:
        time.sleep(0.2)


if __name__ == "__main__":
    main()
