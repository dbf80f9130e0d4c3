"""`estate study` and `estate worker` on the command line."""

import asyncio
import csv
import io
import json

from click.testing import CliRunner

from estate import worker
from estate.cli import main
from estate.db import make_session
from estate.proposals import studies
from estate.worker import Places, make_app, other_queues
from tests.db.studies.conftest import make_county


def run(*arguments):
    result = CliRunner().invoke(main, ["study", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def work(url):
    """Does every job there is, as a worker would."""

    async def work_once():
        app = make_app(url)
        async with app.open_async():
            for _ in range(5):
                await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    asyncio.run(work_once())


def test_from_start_to_results(committed, database_url):
    with make_session.begin() as session:
        code = make_county(session).area.code
    begun = run("start", "--area", code, "--by", "ward", "--by", "district", "--without-boundaries", "--name", "Trial")
    assert begun.startswith("Study 1: Trial.")
    assert "No worker is at it" in run("status", 1)
    work(database_url)
    assert "7 of 7 areas done (100% of the work), 0 at work by 0 workers, 0 failed." in run("status", 1)
    text = run("results", 1)
    assert "By ward" in text
    assert "From ward to district: £4" in text
    rows = list(csv.DictReader(io.StringIO(run("results", 1, "--format", "csv"))))
    assert [row["area"] for row in rows if row["level"] == "By district"] == ["East", "West"]
    document = json.loads(run("results", 1, "--format", "json"))
    assert [level["emptied"] for level in document["levels"]] == [1, 2, 3]
    assert [step["is_nested"] for step in document["boundaries"]] == [True, True, True]
    assert sum(float(row["plan_per_year"]) for row in rows if row["level"] == "By ward") == float(
        document["levels"][0]["plan_per_year"]
    )


def test_cancel_and_retry(committed, database_url):
    with make_session.begin() as session:
        code = make_county(session).area.code
    run("start", "--area", code, "--by", "district")
    assert "Results so far are kept" in run("cancel", 1)
    assert "begins anew" in run("retry", 1)
    work(database_url)
    assert "finished" in run("status", 1)
    result = CliRunner().invoke(main, ["study", "retry", "1"])
    assert (result.exit_code, "No area of this study failed" in result.output) == (1, True)


def test_an_unknown_study_is_a_sentence(committed):
    result = CliRunner().invoke(main, ["study", "status", "99"])
    assert (result.exit_code, result.output) == (1, "estate: There is no such study.\n")


def test_every_queue_has_a_place(database_url):
    app = make_app(database_url)
    assert {task.queue for task in app.tasks.values()} == {*other_queues(app), studies.QUEUE}
    assert studies.QUEUE not in other_queues(app)


def test_how_many_jobs_a_worker_takes():
    assert worker._places([]) == Places()
    assert worker._places(["--concurrency", "4"]) == Places(studies=4)
    assert worker._places(["--concurrency", "2", "--only-studies"]) == Places(studies=2, others=0)


def test_the_command_becomes_the_worker(monkeypatch):
    became = []
    monkeypatch.setattr("os.execv", lambda path, command: became.append(command[1:]))
    CliRunner().invoke(main, ["worker", "--concurrency", "3", "--only-studies"])
    assert became == [["-m", "estate.worker", "--concurrency", "3", "--only-studies"]]
