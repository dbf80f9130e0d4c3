"""`estate match`: find records that speak of one building."""

import click

from estate.db import bind_sessions, make_session
from estate.register.matches.run import match_records, unmatched_ids


@click.command("match")
@click.option("--all", "is_all", is_flag=True, help="Match every record, not only those that no match has seen.")
def match(is_all: bool) -> None:
    """Match records against the whole register: links what is sure, and lists the rest for a person to look at."""
    bind_sessions()
    with make_session.begin() as session:
        outcome = match_records(session, None if is_all else unmatched_ids(session))
    click.echo(outcome.sentence() + ".")
