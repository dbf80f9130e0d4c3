"""`estate db`: the embedded PostGIS cluster and the schema."""

import os

import click
from alembic import command
from alembic.config import Config

from estate import embedded
from estate.db import bind_sessions, make_session
from estate.register.listed_past import is_missing, rebuild
from estate.settings import ROOT, get_settings


@click.group("db")
def database() -> None:
    """The database: start, stop, look, migrate."""


@database.command()
def start() -> None:
    """Make and start the embedded cluster."""
    settings = get_settings()
    if settings.is_embedded:
        embedded.start(settings)
    click.echo(embedded.describe(settings))


@database.command()
def stop() -> None:
    """Stop the embedded cluster."""
    settings = get_settings()
    if settings.is_embedded:
        embedded.stop(settings)
    click.echo(embedded.describe(settings))


@database.command()
def status() -> None:
    """Say whether the database answers."""
    click.echo(embedded.describe(get_settings()))


@database.command()
def url() -> None:
    """Print the database's URL, for other programs."""
    click.echo(get_settings().resolved_database_url)


@database.command()
def psql() -> None:
    """Open psql on the embedded database."""
    settings = get_settings()
    if not settings.is_embedded:
        raise click.ClickException("DATABASE_URL names a server: use its own psql.")
    words = embedded.psql_command(settings)
    os.execv(words[0], words)  # noqa: S606  (replaces this process: no shell is involved)


@database.command()
def migrate() -> None:
    """Bring the schema to this version."""
    upgrade()
    click.echo("The schema is up to date.")


def upgrade() -> None:
    """Run every migration that the configured database lacks, and make the list of a register that is older than it."""
    command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")
    bind_sessions()
    with make_session.begin() as session:
        if is_missing(session):
            rebuild(session)
