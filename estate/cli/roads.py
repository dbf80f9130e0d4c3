"""`estate roads`: load the road network along which distances may be measured, and say what is loaded."""

from pathlib import Path

import click

from estate.db import bind_sessions, make_session


@click.group("roads")
def roads() -> None:
    """The road network along which distances may be measured."""


@roads.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="© OpenStreetMap contributors, ODbL", show_default=True, help="Who made it, licence.")
def load(file: Path, source: str) -> None:
    """Load the roads and paths of an OpenStreetMap extract (.osm.pbf). It takes the place of the one before."""
    from estate.gis.access.roads import load_roads

    bind_sessions()
    with make_session.begin() as session:
        stored = load_roads(session, file, source=source, actor=None)
        click.echo(
            f"{stored.length_m / 1000:,.0f} km of roads and paths: {stored.node_count:,} nodes, "
            f"{stored.edge_count:,} edges."
        )


@roads.command("show")
def show() -> None:
    """Say which network is in force."""
    from estate.gis.access.roads import find_roads

    bind_sessions()
    with make_session.begin() as session:
        found = find_roads(session)
        if found is None:
            click.echo("No road network is loaded: distances are straight lines.")
        else:
            loaded = f"{found.file_name}, loaded {found.created_at:%Y-%m-%d}"
            click.echo(f"{loaded}: {found.length_m / 1000:,.0f} km. {found.source}")
