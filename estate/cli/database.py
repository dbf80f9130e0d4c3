"""`estate db`: the embedded PostGIS cluster and the schema."""

import os
import re

import click
import psycopg

from estate import embedded
from estate.errors import EstateError
from estate.settings import ROOT, get_settings


class DatabaseDoesNotAnswer(EstateError):
    """The database does not answer. Check DATABASE_URL, or `estate doctor`."""


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


def is_current() -> bool:
    """True when the configured database stands at the newest migration, asked without loading Alembic."""
    url = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", get_settings().resolved_database_url)
    try:
        connection = psycopg.connect(url)
    except psycopg.OperationalError as error:
        raise DatabaseDoesNotAnswer(f"The database does not answer. Check DATABASE_URL. {error}") from error
    with connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return False
        found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return {version for (version,) in found} == newest_migrations()


def newest_migrations() -> set[str]:
    """The revisions that no other follows, from the files of `migrations/versions`: one, unless two branches met."""
    files = [path.read_text() for path in (ROOT / "migrations" / "versions").glob("*.py")]
    own, followed = (
        {found[1] for text in files if (found := re.search(rf'^{name} = "(\w+)"', text, re.MULTILINE))}
        for name in ("revision", "down_revision")
    )
    return own - followed


def upgrade() -> None:
    """Run every migration that the configured database lacks, and make the list of a register that is older than it."""
    from alembic import command
    from alembic.config import Config

    from estate.db import bind_sessions, make_session
    from estate.register.listed_past import is_missing, rebuild

    command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")
    bind_sessions()
    with make_session.begin() as session:
        if is_missing(session):
            rebuild(session)
