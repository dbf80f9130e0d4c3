"""`estate audit`: tells whether the record of what happened is still whole."""

import sys

import click
from sqlalchemy import func, select

from estate.audit import Event, first_broken
from estate.db import bind_sessions, make_session


@click.group()
def audit() -> None:
    """The append-only record of who did what."""


@audit.command()
def verify() -> None:
    """Check the chain of events and name the first broken one; exit code 1 where it is broken.

    Write the last event's number and hash down somewhere else: rows cut off at the end leave a chain that holds.
    """
    bind_sessions()
    with make_session() as session:
        broken = first_broken(session)
        if broken is not None:
            event = session.get_one(Event, broken)
            click.echo(
                f"Event {event.id} is broken: {event.action} of {event.subject_type} {event.subject_id}, "
                f"{event.at:%Y-%m-%d %H:%M:%S %Z}. It, or the row before it, was changed or removed.",
                err=True,
            )
            sys.exit(1)
        count = session.scalar(select(func.count(Event.id)))
        last = session.scalar(select(Event).order_by(Event.id.desc()).limit(1))
    tail = f" The last is event {last.id}, {last.hash[:16]}." if last else ""
    click.echo(f"The chain of {count:,} events holds.{tail}")
