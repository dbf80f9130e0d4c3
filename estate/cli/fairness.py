"""`estate fairness`: work out fair shares of a proposal and print them, with the cash of each agency, as JSON."""

import json
from dataclasses import asdict
from typing import Any

import click

from estate.db import bind_sessions, make_session
from estate.proposals import fairness, queries
from estate.proposals.cash import ProposalCash, cash_of


@click.command("fairness")
@click.argument("proposal_id", type=int)
@click.option("--stored", is_flag=True, help="Print what was worked out before; solve nothing.")
def share(*, proposal_id: int, stored: bool) -> None:
    """Share what a proposal saves among its agencies: alone, together, after transfers; JSON."""
    bind_sessions()
    if not stored:
        with make_session.begin() as session:
            fairness.start(session, queries.get_proposal(session, proposal_id), actor=None, is_queued=False)
        fairness.perform(proposal_id)
    with make_session() as session:
        proposal = queries.get_proposal(session, proposal_id)
        cash, found = cash_of(session, proposal), fairness.fairness_of(session, proposal)
        document = {"proposal": proposal.id, "cash": _cash(cash), "fairness": asdict(found) if found else None}
        schedule = fairness.schedule_of(cash, found) if found else None
        document["schedule"] = asdict(schedule) if schedule else None
    click.echo(json.dumps(document, indent=2, default=str, ensure_ascii=False))


def _cash(cash: ProposalCash) -> list[dict[str, Any]]:
    """The curves by agency; money as text, so that no penny is lost."""
    return [
        {
            "agency": key,
            "name": cash.names[key],
            **asdict(each),
            "running_total": each.running_total,
            "payback_year": each.payback_year,
        }
        for key, each in cash.curves.items()
    ]
