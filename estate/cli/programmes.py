"""`estate programme`: partnerships on this register and who takes part in them."""

from datetime import datetime

import click

from estate.board.stepping_back import consequences_of, step_back
from estate.db import bind_sessions, make_session
from estate.people import accounts, programmes
from estate.people.programme_members import NoSuchMember, join, list_stays

DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def programme() -> None:
    """Programmes: add one, list them, let agencies take part or step back."""
    bind_sessions()


@programme.command("list")
def list_programmes() -> None:
    """List the programmes, and from when to when agencies take part in them."""
    with make_session() as session:
        for one in programmes.list_programmes(session):
            click.echo(f"{one.slug:<32} {one.name}")
            for stay in list_stays(session, one):
                since = stay.joined_on or "the beginning"
                click.echo(f"    {stay.agency.name:<48} from {since}{f' until {stay.left_on}' if stay.left_on else ''}")


@programme.command("add")
@click.argument("name")
def add_programme(name: str) -> None:
    """Add a programme without agencies."""
    with make_session.begin() as session:
        made = programmes.create_programme(session, actor=None, name=name)
        click.echo(f"Added {made.name} ({made.slug}).")


@programme.command("join")
@click.argument("slug")
@click.argument("agency")
@click.option("--from", "joined_on", type=DATE, help="YYYY-MM-DD. Default: from the beginning, or today for a return.")
def let_join(slug: str, agency: str, joined_on: datetime | None) -> None:
    """Let AGENCY (name or code) take part in the programme SLUG."""
    with make_session.begin() as session:
        found, one = accounts.get_agency(session, agency), programmes.get_by_slug(session, slug)
        join(session, one, found, actor=None, joined_on=joined_on.date() if joined_on else None)
        click.echo(f"{found.name} takes part in {one.name}.")


@programme.command("step-back")
@click.argument("slug")
@click.argument("agency")
@click.option("--on", "left_on", type=DATE, required=True, help="First day on which it takes no part, today or later.")
@click.option("--reason", required=True, help="Its partners read it.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def let_step_back(slug: str, agency: str, left_on: datetime, reason: str, *, dry_run: bool) -> None:
    """Let AGENCY step back from the programme SLUG."""
    with make_session.begin() as session:
        found, one = accounts.get_agency(session, agency), programmes.get_by_slug(session, slug)
        stays = [stay for stay in list_stays(session, one) if stay.agency_id == found.id]
        if not stays:
            raise NoSuchMember(f"{found.name} never took part in {one.name}.")
        touched = consequences_of(session, stays[0], left_on.date())
        if not dry_run:
            step_back(session, stays[0], left_on=left_on.date(), reason=reason, actor=None)
        click.echo(
            f"{found.name} {'would step' if dry_run else 'steps'} back on {left_on:%Y-%m-%d}: "
            f"{touched.building_count:,} buildings leave what others see, {len(touched.proposals):,} proposals and "
            f"{len(touched.decisions):,} decisions are flagged, {len(touched.seats):,} seats end."
        )
