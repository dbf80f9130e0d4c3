"""The `estate` command."""

import sys

import click

from estate.cli.audit import audit
from estate.cli.boundaries import boundaries
from estate.cli.database import database
from estate.cli.demo import demo
from estate.cli.doctor import doctor
from estate.cli.exports import disposals
from estate.cli.people import agency, user
from estate.cli.proposals import propose
from estate.cli.run import run
from estate.errors import EstateError


class EstateGroup(click.Group):
    """A command group that turns Estate's own errors into one sentence and exit code 1."""

    def invoke(self, context: click.Context) -> object:
        """Run the chosen command."""
        try:
            return super().invoke(context)
        except EstateError as error:
            click.echo(f"estate: {error.message}", err=True)
            sys.exit(1)


@click.group(cls=EstateGroup)
def main() -> None:
    """See all public buildings of a place as one estate, and use them better."""


main.add_command(agency)
main.add_command(audit)
main.add_command(boundaries)
main.add_command(database)
main.add_command(demo)
main.add_command(disposals)
main.add_command(doctor)
main.add_command(propose)
main.add_command(run)
main.add_command(user)
