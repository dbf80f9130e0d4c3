"""`estate agency` and `estate user`: who takes part, for the operator who has no account yet."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.db import bind_sessions, make_session
from estate.people import accounts
from estate.people.models import Agency, Role, User
from estate.people.programmes import get_by_slug
from estate.people.second_factors import reset_second_factor


@click.group()
def agency() -> None:
    """Agencies: add one, list them."""
    bind_sessions()


@agency.command("add")
@click.argument("name")
@click.option("--kind", "kind_code", required=True, help="Such as council, nhs, police, fire, courts or other.")
@click.option("--parent", help="Name of the agency it belongs to.")
@click.option("--programme", "slug", help="Where it takes part. Default: the only programme, or none of several.")
def add_agency(name: str, kind_code: str, parent: str | None, slug: str | None) -> None:
    """Add an agency."""
    with make_session.begin() as session:
        above = accounts.get_agency(session, parent) if parent else None
        programme = get_by_slug(session, slug) if slug else None
        made = accounts.create_agency(session, name, kind_code, actor=None, parent=above, programme=programme)
        click.echo(f"Added {made.name} ({made.code}).")


@agency.command("list")
def list_agencies() -> None:
    """List the agencies."""
    with make_session() as session:
        for row in session.scalars(select(Agency).order_by(Agency.name)):
            click.echo(f"{row.code:<32} {row.name}")


@click.group()
def user() -> None:
    """Users: add one with a role, set a password, forget a lost phone."""
    bind_sessions()


@user.command("add")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--agency", "agency_name", required=True, help="Name or code of the agency.")
@click.option("--agency-kind", help="Adds the agency, of this kind, if it is not there.")
@click.option("--password", help="Asked for when a new user is made without it.")
def add_user(email: str, name: str, role: str, agency_name: str, agency_kind: str | None, password: str | None) -> None:
    """Add a user with one role; run it again to give another role."""
    with make_session.begin() as session:
        found = accounts.find_agency(session, agency_name)
        if found is None and agency_kind:
            found = accounts.create_agency(session, agency_name, agency_kind, actor=None)
        employer = found or accounts.get_agency(session, agency_name)
        person = accounts.find_user(session, email)
        if person is None:
            password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
            person = accounts.create_user(session, email, name, password, actor=None)
        accounts.grant_role(session, person, employer, Role(role), actor=None)
        click.echo(f"{person.email} is {role.replace('_', ' ')} of {employer.name}.")


@user.command("password")
@click.argument("email")
@click.password_option()
def set_password(email: str, password: str) -> None:
    """Set a user's password."""
    with make_session.begin() as session:
        accounts.change_password(session, _user(session, email), password, actor=None)
        click.echo("The password is set.")


@user.command("reset-second-factor")
@click.argument("email")
@click.option("--reason", required=True, help="Kept in the account's history.")
def reset_factor(email: str, reason: str) -> None:
    """Forget a lost phone: the user sets up a new one at their next sign-in, if they need one."""
    with make_session.begin() as session:
        reset_second_factor(session, _user(session, email), actor=None, reason=reason)
        click.echo("The second factor is reset, and the user is signed out everywhere.")


def _user(session: Session, email: str) -> User:
    person = accounts.find_user(session, email)
    if person is None:
        raise click.ClickException(f"No user has the e-mail address {email}.")
    return person
