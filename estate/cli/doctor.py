"""`estate doctor`: what is missing on this machine, and how to mend it."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click
from sqlalchemy import NullPool, text
from sqlalchemy.exc import SQLAlchemyError

from estate import embedded
from estate.db import make_engine
from estate.errors import EstateError
from estate.register.seen import ROLE
from estate.settings import ROOT, get_settings

HAS_ROLE = f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}' AND pg_has_role(oid, 'MEMBER')"  # noqa: S608


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` says what to do where it is not well."""

    name: str
    is_well: bool
    mend: str


def _findings() -> Iterator[Finding]:
    settings = get_settings()
    if settings.is_embedded:
        yield Finding(
            "PostgreSQL with PostGIS is installed",
            embedded.find_programs() is not None,
            f"Run `make setup`, or as root: apt-get install --no-install-recommends {embedded.PACKAGE}",
        )
    yield Finding("The database answers", _answers(), "Run `estate db start`, or check DATABASE_URL.")
    yield Finding("PostGIS is enabled", _answers("SELECT postgis_version()"), "Run `CREATE EXTENSION postgis` there.")
    yield Finding("The schema is there", _answers("SELECT 1 FROM alembic_version"), "Run `estate db migrate`.")
    yield Finding(
        "The web's own role is there (row-level security)",
        _answers(HAS_ROLE, rows=1),
        f"As a superuser: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO <the user of DATABASE_URL>; then, as that user: "
        "SELECT seen.refresh(). Until then restricted records are hidden by views alone.",
    )
    vendor = ROOT / "estate/web/static/vendor"
    yield Finding("The browser assets are built", vendor.is_dir() and any(vendor.iterdir()), "Run `make setup`.")
    yield Finding(
        "Chromium is installed (for the browser tests)", shutil.which("chromium") is not None, "Run `make setup-test`."
    )


def _answers(statement: str = "SELECT 1", *, rows: int = 0) -> bool:
    """True where the statement runs, and gives at least that many rows."""
    try:
        with make_engine(poolclass=NullPool).connect() as connection:
            found = connection.execute(text(statement))
            return not rows or len(found.all()) >= rows
    except (SQLAlchemyError, EstateError):
        return False


@click.command()
def doctor() -> None:
    """Say what is missing here and how to mend it. Exit code 1 when something is."""
    findings = list(_findings())
    for finding in findings:
        click.echo(f"{'well   ' if finding.is_well else 'MISSING'}  {finding.name}")
        if not finding.is_well:
            click.echo(f"         {finding.mend}")
    sys.exit(0 if all(finding.is_well for finding in findings) else 1)
