"""`estate attest`: the yearly round of confirming records, for the operator."""

from pathlib import Path

import click

from estate.db import bind_sessions, make_session
from estate.exports.formats import get_format
from estate.exports.tables import Cell, Column, Kind, Table
from estate.mail import MailNotSet
from estate.register.attestation.progress import agency_progress, whole_progress
from estate.register.attestation.reminders import due_reminders, local_today, perform_reminders
from estate.register.attestation.rounds import find_open_round
from estate.settings import get_settings

COLUMNS = (
    Column("agency"),
    Column("person"),
    Column("email"),
    Column("open_records", Kind.WHOLE),
    Column("deadline", Kind.DAY),
    Column("overdue", Kind.YES_NO),
    Column("subject"),
)


@click.group()
def attest() -> None:
    """The round in which agencies confirm their records."""
    bind_sessions()


@attest.command("progress")
def progress() -> None:
    """Say how far each agency is."""
    with make_session() as session:
        found = find_open_round(session)
        if found is None:
            click.echo("No round is open.")
            return
        rows = agency_progress(session, found)
        click.echo(f"{found.name}, deadline {found.deadline_on.isoformat()}")
        for row in [*rows, whole_progress(rows)]:
            click.echo(
                f"{row.name:<48} {row.done:>8,} of {row.total:>8,} done, {row.wrong:,} wrong, {row.stale:,} stale"
            )


@attest.command("remind")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write them as CSV into this file.")
@click.option("--send", is_flag=True, help="Mail them now; needs the ESTATE_SMTP settings.")
def remind(output: Path | None, send: bool) -> None:
    """Print, write or mail the reminders that are due today. Nobody is mailed twice for one step of the calendar."""
    if send:
        if not get_settings().mail.host:
            raise MailNotSet
        click.echo(f"Reminders sent: {perform_reminders()}.")
        return
    with make_session() as session:
        due = due_reminders(session, local_today())
    rows: list[dict[str, Cell]] = [
        {
            "agency": one.agency,
            "person": one.person,
            "email": one.email,
            "open_records": one.open_count,
            "deadline": one.deadline_on,
            "overdue": one.is_overdue,
            "subject": one.subject,
        }
        for one in due
    ]
    if output is not None:
        table = Table("reminders", "Reminders due", COLUMNS, rows)
        output.write_bytes(get_format("csv").content(table))
        click.echo(f"Reminders written to {output}: {len(rows)}.")
        return
    for row in rows:
        click.echo(f"{row['email']}\t{row['subject']}")
    if not rows:
        click.echo("No reminder is due.")
