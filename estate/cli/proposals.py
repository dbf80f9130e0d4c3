"""`estate propose`: make a proposal for an area and print what it found."""

from typing import Any

import click
from sqlalchemy.orm import Session

from estate.db import bind_sessions, make_session
from estate.optimise import TeamRule
from estate.optimise.solve import Progress
from estate.people.programmes import get_by_slug
from estate.proposals import queries, runs
from estate.proposals.models import Proposal, RunStatus
from estate.proposals.options import Options


@click.command()
@click.option("--level", default="district", show_default=True, help="Boundary level of the area.")
@click.option("--area", "code", required=True, help="Code of the area, such as E08000009.")
@click.option("--within", help="Moves stay inside areas of this smaller level. Default: the area itself.")
@click.option("--max-distance-m", type=float, help="Longest move, metres in a straight line. Default: the assumption.")
@click.option("--horizon-years", type=int, help="Years over which moving costs are spread. Default: the assumption.")
@click.option(
    "--rule", type=click.Choice([rule.value for rule in TeamRule]), default=TeamRule.STAY.value, show_default=True
)
@click.option("--time-limit", "time_limit_s", type=float, default=20.0, show_default=True, help="Seconds.")
@click.option("--gap", "gap_wanted_ratio", type=float, default=0.001, show_default=True, help="Stop at this gap.")
@click.option("--node-limit", type=int, help="Stop after so many nodes, for a plan that can be repeated.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--name", default="", help="Name of the proposal.")
@click.option("--programme", "slug", help="The programme it is for, where there are several. `estate programme list`.")
def propose(
    *,
    level: str,
    code: str,
    within: str | None,
    rule: str,
    max_distance_m: float | None,
    name: str,
    slug: str | None,
    **limits: Any,
) -> None:
    """Find which buildings of an area to keep, which to empty, and who moves where."""
    options = Options(level_code=within, max_move_m=max_distance_m, team_rule=TeamRule(rule), **limits)
    bind_sessions()
    with make_session.begin() as session:
        area = queries.get_area(session, level, code)
        programme = get_by_slug(session, slug) if slug else None
        given: dict[str, Any] = {"options": options, "name": name, "programme": programme}
        run_id = runs.start(session, actor=None, area=area, is_queued=False, **given).id
    runs.perform(run_id, on_progress=_tell)
    with make_session.begin() as session:
        proposal = queries.get_proposal(session, run_id)
        if proposal.run_status is RunStatus.FAILED:
            raise click.ClickException(proposal.message or "The run failed.")
        _print_result(proposal)
        _print_positions(session, proposal)


def _tell(progress: Progress) -> None:
    click.echo(f"{progress.seconds:6.1f} s  best £{progress.objective:,.0f}  bound £{progress.bound:,.0f}", err=True)


def _print_result(proposal: Proposal) -> None:
    summary = proposal.summary
    counts = summary["counts"]
    click.echo(f"Proposal {proposal.id}: {proposal.name}")
    click.echo(proposal.message)
    click.echo(summary["question"])
    click.echo(
        f"{counts['buildings']:,} buildings and {counts['teams']:,} teams; {counts['emptied']:,} emptied, "
        f"{counts['host']:,} hosts, {counts['kept']:,} kept as they are, {counts['moves']:,} teams move."
    )
    if counts["buildings"]:
        costs = f"Cost today £{proposal.baseline:,.2f} a year"
        plan = f"plan £{proposal.objective:,.2f}; bound £{proposal.bound:,.2f}"
        click.echo(f"{costs}; {plan}." if counts["emptied"] or counts["moves"] else f"{costs}.")
        gap = f"Gap {proposal.gap:.2%}, s" if counts["buildings"] > 1 else "S"
        click.echo(f"{gap}eed {proposal.seed}, {proposal.seconds:.1f} s.")
    for note in summary["notes"]:
        click.echo(f"Note: {note}")


def _print_positions(session: Session, proposal: Proposal) -> None:
    rows = queries.list_positions(session, proposal)
    if not rows:
        return
    click.echo(f"\n{'Agency':<40} {'released/year':>15} {'added/year':>15} {'one-off':>15}")
    for row in rows:
        figures = (row.released_per_year, row.added_per_year, row.one_off_cost)
        click.echo(f"{row.agency.name[:40]:<40} " + " ".join(f"{figure:>15,.2f}" for figure in figures))
