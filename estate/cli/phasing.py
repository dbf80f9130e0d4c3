"""`estate phase`: put the moves of a proposal in order and print them, with the cash of each agency, as JSON."""

import json
from dataclasses import asdict

import click

from estate.appraise.phasing import PhasingLimits
from estate.db import bind_sessions, make_session
from estate.proposals import phasing, queries


@click.command("phase")
@click.argument("proposal_id", type=int)
@click.option("--moves-per-year", type=click.IntRange(1), help="Teams that can be moved in one year.")
@click.option("--capital-per-year", type=click.FloatRange(0), help="What can be paid in one year, GBP.")
@click.option("--time-limit", type=click.FloatRange(0.1, 3600), default=10.0, help="Seconds for the solver.")
@click.option("--stored", is_flag=True, help="Print what was worked out before; solve nothing.")
def phase(
    *, proposal_id: int, moves_per_year: int | None, capital_per_year: float | None, time_limit: float, stored: bool
) -> None:
    """Order the moves of a proposal over ten years under leases, swing space, capital and delivery; JSON."""
    bind_sessions()
    if not stored:
        limits = PhasingLimits(moves_per_year, capital_per_year, time_limit)
        with make_session.begin() as session:
            found = queries.get_proposal(session, proposal_id)
            phasing.start(session, found, limits, actor=None, is_queued=False)
        phasing.perform(proposal_id)
    with make_session() as session:
        kept = phasing.phasing_of(session, queries.get_proposal(session, proposal_id))
    click.echo(json.dumps(asdict(kept) if kept else None, indent=2, default=str, ensure_ascii=False))
