"""`estate appraise`: print the appraisal of a proposal as JSON."""

import json

import click

from estate.db import bind_sessions, make_session
from estate.proposals import queries
from estate.proposals.appraisal import appraisal_of
from estate.proposals.appraisal_files import document_of


@click.command("appraise")
@click.argument("proposal_id", type=int)
def appraise(*, proposal_id: int) -> None:
    """Appraise a proposal: cash by line, receipts, carbon, risk, and the facts most worth surveying; JSON."""
    bind_sessions()
    with make_session() as session:
        found = appraisal_of(session, queries.get_proposal(session, proposal_id))
    click.echo(json.dumps(document_of(found) if found else None, indent=2, default=str, ensure_ascii=False))
