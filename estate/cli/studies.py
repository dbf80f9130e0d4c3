"""`estate study`: one question over many areas, solved by as many workers as there are."""

import csv
import json
import sys
from typing import Any

import click

from estate.db import bind_sessions, make_session
from estate.optimise import TeamRule
from estate.people.programmes import get_by_slug
from estate.proposals import studies, study_queries
from estate.proposals.options import Options
from estate.proposals.queries import get_area
from estate.proposals.study_documents import COLUMNS, document_of, minutes, rows_of_parts
from estate.proposals.study_models import Study


@click.group()
def study() -> None:
    """Ask one question over many areas, by ward, district and county, to see what a boundary is worth."""
    bind_sessions()


@study.command()
@click.option("--level", default="county", show_default=True, help="Boundary level of the area that is looked at.")
@click.option("--area", "code", help="Code of that area, such as E11000001. Default: every building.")
@click.option("--by", "levels", multiple=True, help="Level whose boundaries no move crosses. May be given repeatedly.")
@click.option("--without-boundaries", is_flag=True, help="Also solve all buildings at once.")
@click.option("--max-distance-m", "max_move_m", type=float, help="Longest move, in metres. Default: the assumption.")
@click.option("--horizon-years", type=int, help="Years over which moving costs are spread. Default: the assumption.")
@click.option(
    "--rule", type=click.Choice([rule.value for rule in TeamRule]), default=TeamRule.STAY.value, show_default=True
)
@click.option("--time-limit", "time_limit_s", type=float, default=20.0, show_default=True, help="Seconds an area.")
@click.option("--gap", "gap_wanted_ratio", type=float, default=0.001, show_default=True, help="Stop at this gap.")
@click.option("--node-limit", type=int, help="Stop after so many nodes, for plans that can be repeated.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--name", default="", help="Name of the study.")
@click.option("--programme", "slug", help="The programme it is for, where there are several. `estate programme list`.")
def start(
    *,
    level: str,
    code: str | None,
    levels: tuple[str, ...],
    without_boundaries: bool,
    rule: str,
    name: str,
    slug: str | None,
    **limits: Any,
) -> None:
    """Put a study in the queue and print its number. Workers do the rest: `estate worker`."""
    options = Options(team_rule=TeamRule(rule), **limits)
    with make_session.begin() as session:
        found = studies.start(
            session,
            actor=None,
            area=get_area(session, level, code) if code else None,
            level_codes=levels,
            has_no_boundaries=without_boundaries,
            options=options,
            name=name,
            programme=get_by_slug(session, slug) if slug else None,
        )
        click.echo(f"Study {found.id}: {found.name}. `estate study status {found.id}` says how far it is.")


@study.command()
@click.argument("study_id", type=int)
def status(*, study_id: int) -> None:
    """How far a study is, and how long it may still take."""
    with make_session() as session:
        found = study_queries.get_study(session, study_id)
        _print_status(found, study_queries.progress_of(session, found))


@study.command()
@click.argument("study_id", type=int)
def cancel(*, study_id: int) -> None:
    """Stop a study. What was found so far is kept; `retry` goes on with the rest."""
    with make_session.begin() as session:
        studies.cancel(session, study_queries.get_study(session, study_id), actor=None)
    click.echo(f"Study {study_id} is being stopped. Results so far are kept.")


@study.command()
@click.argument("study_id", type=int)
def retry(*, study_id: int) -> None:
    """Go on with a study that was stopped, and try its failed areas again."""
    with make_session.begin() as session:
        count = studies.retry(session, study_queries.get_study(session, study_id), actor=None)
    click.echo(f"Study {study_id}: {count:,} areas are to be solved." if count else f"Study {study_id} begins anew.")


@study.command()
@click.argument("study_id", type=int)
@click.option("--format", "kind", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True)
def results(*, study_id: int, kind: str) -> None:
    """The totals of each level and what its boundaries cost, or every area as CSV or JSON."""
    with make_session() as session:
        found = study_queries.get_study(session, study_id)
        if kind == "json":
            click.echo(json.dumps(document_of(session, found), indent=2))
        elif kind == "csv":
            writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows_of_parts(session, found))
        else:
            _print_status(found, study_queries.progress_of(session, found))
            _print_totals(study_queries.totals_of(session, found))


def _print_status(found: Study, progress: study_queries.StudyProgress) -> None:
    click.echo(f"Study {found.id}: {found.name}, {found.status.value}.")
    if found.message:
        click.echo(found.message)
    if progress.part_count:
        click.echo(
            f"{progress.done_count:,} of {progress.part_count:,} areas done ({progress.done_ratio:.0%} of the work), "
            f"{progress.running_count:,} at work by {progress.worker_count:,} workers, "
            f"{progress.failed_count:,} failed."
        )
    if progress.seconds_left is not None:
        click.echo(f"About {minutes(progress.seconds_left)} to go, judged by the areas done so far.")
    elif found.is_at_work and not progress.running_count:
        click.echo("No worker is at it. Start one with `estate worker`.")


def _print_totals(totals: list[study_queries.LevelTotal]) -> None:
    click.echo(f"\n{'Level':<20} {'areas':>11} {'plan/year':>16} {'bound/year':>16} {'saving':>14} {'gap':>7}")
    for total in totals:
        areas = f"{total.solved_count:,} of {total.part_count:,}"
        money = f"{total.plan:>16,.2f} {total.bound:>16,.2f} {total.saving:>14,.2f}"
        click.echo(f"{total.level.name:<20} {areas:>11} {money} {total.gap_ratio:>7.2%}")
    for step in study_queries.steps_of(totals):
        if step.value is None:
            click.echo(f"F{step.name[1:]}: not known before every area of both has a plan.")
        else:
            nested = "" if step.value.is_nested else " (the smaller areas do not nest in the larger)"
            click.echo(f"F{step.name[1:]}: £{step.value.least:,.0f} to £{step.value.most:,.0f} a year, proven{nested}.")
