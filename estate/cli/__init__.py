"""The `estate` command. Each command's module is imported only when it is asked for: some need heavy libraries."""

import importlib
import sys

import click

from estate.errors import EstateError

# Command and where it lives, as `module:name` below this package.
COMMANDS = {
    "agency": "people:agency",
    "appraise": "appraisal:appraise",
    "attest": "attestation:attest",
    "audit": "audit:audit",
    "boundaries": "boundaries:boundaries",
    "db": "database:database",
    "demo": "demo:demo",
    "disposals": "exports:disposals",
    "doctor": "doctor:doctor",
    "fairness": "fairness:share",
    "import": "imports:import_file",
    "match": "matches:match",
    "phase": "phasing:phase",
    "population": "population:population",
    "programme": "programmes:programme",
    "propose": "proposals:propose",
    "register": "register:register",
    "roads": "roads:roads",
    "run": "run:run",
    "template": "imports:template",
    "user": "people:user",
}


class EstateGroup(click.Group):
    """Imports a command when it is asked for, and turns Estate's own errors into one sentence and exit code 1."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Every command's name."""
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command called `name`."""
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(importlib.import_module(f"estate.cli.{module}"), attribute)
        return command

    def invoke(self, context: click.Context) -> object:
        """Run the chosen command."""
        try:
            return super().invoke(context)
        except EstateError as error:
            click.echo(f"estate: {error.message}", err=True)
            sys.exit(1)
        except Exception as error:
            if not _is_unreachable(error):
                raise
            click.echo("estate: The database does not answer. Run `estate db start`, or check DATABASE_URL.", err=True)
            sys.exit(1)


def _is_unreachable(error: Exception) -> bool:
    """True where no connection to the database came about. The library is here already if it raised the error."""
    library = sys.modules.get("sqlalchemy.exc")
    return library is not None and isinstance(error, library.OperationalError) and error.statement is None


@click.group(cls=EstateGroup)
def main() -> None:
    """See all public buildings of a place as one estate, and use them better."""
