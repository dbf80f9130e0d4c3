"""`estate worker`: takes jobs from the queue until it is stopped. Any number of them, on any number of machines."""

import os
import sys

import click


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 64), help="Areas of studies at once. Default: half the cores.")
@click.option("--only-studies", is_flag=True, help="Take nothing but areas of studies: for machines that only help.")
def worker(*, concurrency: int | None, only_studies: bool) -> None:
    """Take jobs from the database's queue until stopped by Ctrl-C or SIGTERM; jobs at work are finished first."""
    command = [sys.executable, "-m", "estate.worker"]
    command += [] if concurrency is None else ["--concurrency", str(concurrency)]
    command += ["--only-studies"] if only_studies else []
    # In place of this process, so that its number and its signals are the worker's.
    os.execv(sys.executable, command)  # noqa: S606  (our own program, from a list)
