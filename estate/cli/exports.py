"""`estate disposals`: the buildings that an approved proposal would empty, as a file."""

import sys
from pathlib import Path

import click

from estate.db import bind_sessions, make_session
from estate.errors import InvalidInput
from estate.exports.disposals import candidates_of, disposals_table
from estate.exports.formats import formats, get_format


@click.command()
@click.option("--proposal", "proposal_id", type=int, required=True, help="Number of an approved proposal.")
@click.option("--format", "suffix", type=click.Choice(list(formats())), default="csv", show_default=True)
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File; - is stdout.")
def disposals(proposal_id: int, suffix: str, path: Path) -> None:
    """Write the candidate disposals of an approved proposal."""
    bind_sessions()
    with make_session() as session:
        candidates = candidates_of(session, proposal_id)
        content = get_format(suffix).content(disposals_table(candidates))
    if str(path) == "-":
        sys.stdout.buffer.write(content)
        return
    write_file(path, content)
    click.echo(f"{len(candidates)} candidate disposals written to {path}")


def write_file(path: Path, content: bytes) -> None:
    """Write `content` to `path` whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InvalidInput(f"{path} can't be written: {error.strerror}. Choose another file with --to.") from None
