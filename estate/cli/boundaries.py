"""`estate boundaries`: load a set of boundaries, and list what is loaded."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.board.areas import Followed, follow_areas
from estate.cli.boundary_integrity import integrity
from estate.cli.boundary_reports import print_report
from estate.cli.populations import population
from estate.db import bind_sessions, make_session
from estate.gis.boundaries.errors import BoundariesRefused, UnknownService
from estate.gis.boundaries.levels import list_levels, store_levels
from estate.gis.boundaries.population import Population, read_population
from estate.gis.models import Area
from estate.register.areas import assign_areas
from estate.settings import get_settings

# Imported where needed: the libraries below it take a second to load, and every command would wait for it.
if TYPE_CHECKING:
    from estate.gis.boundaries.load import LargerLevel, LoadResult

DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.group("boundaries")
def boundaries() -> None:
    """Boundary levels and areas."""


@boundaries.command("list")
def list_boundaries() -> None:
    """List the levels and how many areas of each are in force."""
    bind_sessions()
    with make_session.begin() as session:
        store_levels(session)
        counts = select(Area.level_code, func.count()).where(Area.valid_until.is_(None)).group_by(Area.level_code)
        in_force = dict(session.execute(counts).all())
        for level in list_levels(session):
            click.echo(f"{level.code:<16} {in_force.get(level.code, 0):>7,} areas  {level.name}")


@boundaries.command("outlines")
def outlines() -> None:
    """Work out the light outlines of all areas anew, as maps show them. Loading boundaries does it by itself."""
    from estate.gis.outlines import store_outlines

    bind_sessions()
    with make_session.begin() as session:
        for level in list_levels(session):
            click.echo(f"{level.code:<16} {store_outlines(session, level.code):>7,} areas")


@boundaries.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--level", required=True, help="Boundary level, such as ward. `estate boundaries list` names them.")
@click.option("--code-column", required=True, help="Column with the area's code, such as WD25CD.")
@click.option("--name-column", required=True, help="Column with the area's name, such as WD25NM.")
@click.option("--parent-code-column", help="Column with the code of the larger area it lies in. Default: by geometry.")
@click.option(
    "--also",
    multiple=True,
    metavar="LEVEL:CODE_COLUMN[:NAME_COLUMN]",
    help="A larger level that these areas make up, such as district:LAD25CD:LAD25NM. May be given several times.",
)
@click.option("--parent-level", help="Level of the larger areas. Default: the next larger level that is loaded.")
@click.option("--valid-from", type=DATE, help="First day of these boundaries, YYYY-MM-DD. Default: today.")
@click.option("--source", help="Who published them, under which licence. Default: the file's name.")
@click.option("--crs", help="Coordinate system, such as EPSG:27700, for a file that does not say its own.")
@click.option("--layer", help="Layer to read, for a file that has several.")
@click.option("--complete", is_flag=True, help="The file is the whole level: close every area that it lacks.")
@click.option("--population", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV file of people.")
@click.option("--population-code-column", help="Its column with the area's code.")
@click.option("--population-column", help="Its column with the number of people.")
@click.option("--population-where", multiple=True, metavar="COLUMN=VALUE", help="Keep only rows with this value.")
@click.option("--population-source", help="Who counted. Default: the file's name.")
@click.option("--population-on", type=DATE, help="The day they were counted for, YYYY-MM-DD.")
def load(
    file: Path,
    level: str,
    code_column: str,
    name_column: str,
    parent_code_column: str | None,
    parent_level: str | None,
    valid_from: datetime | None,
    source: str | None,
    crs: str | None,
    layer: str | None,
    also: tuple[str, ...],
    *,
    complete: bool,
    **population: object,
) -> None:
    """Load boundaries from GeoJSON, GeoPackage, TopoJSON or a Shapefile, plain or zipped."""
    from estate.gis.boundaries.load import BoundaryFile, load_with_larger
    from estate.gis.boundaries.tidy import Columns

    wanted = BoundaryFile(
        path=file,
        level_code=level,
        columns=Columns(code_column, name_column, parent_code_column),
        valid_from=valid_from.date() if valid_from else datetime.now().astimezone().date(),
        source=source or file.name,
        crs=crs,
        layer=layer,
        parent_level_code=parent_level,
        is_complete=complete,
        population=_population(**population),  # type: ignore[arg-type]
    )
    bind_sessions()
    try:
        with make_session.begin() as session:
            results = load_with_larger(session, wanted, [_larger(text) for text in also], actor=None)
            followed = _place_anew(session, results)
    except BoundariesRefused as refusal:
        print_report(refusal.report)
        raise click.ClickException("Nothing was stored. Mend the errors above and load the file again.") from refusal
    for code, result in results.items():
        print_report(result.report)
        _print_counts(result, code)
    if followed:
        click.echo("Buildings were placed in the areas anew.")
        _print_followed(followed)


def _larger(text: str) -> "LargerLevel":
    """The level that one `--also` names."""
    from estate.gis.boundaries.load import LargerLevel

    level, _, columns = text.partition(":")
    code_column, _, name_column = columns.partition(":")
    if not level or not code_column:
        raise click.UsageError("--also needs a level and a column: district:LAD25CD:LAD25NM.")
    return LargerLevel(level, code_column, name_column or code_column)


def _place_anew(session: Session, results: "dict[str, LoadResult]") -> Followed | None:
    """Put buildings into the areas, and boards and programmes onto them; None where nothing changed."""
    if not any(result.counts.has_changes for result in results.values()):
        return None
    assign_areas(session)
    return follow_areas(session, actor=None)


def _print_followed(followed: Followed) -> None:
    for name in followed.moved:
        click.echo(f"{name} goes on with the new boundary of its area.")
    for name in followed.left:
        click.echo(f"{name}: its area has ended. Choose another on its page.", err=True)


def _population(
    population: Path | None,
    population_code_column: str | None,
    population_column: str | None,
    population_where: tuple[str, ...],
    population_source: str | None,
    population_on: datetime | None,
) -> Population | None:
    """The population that the options name; None where they name none."""
    if population is None:
        return None
    if not population_code_column or not population_column:
        raise click.UsageError("--population needs --population-code-column and --population-column.")
    conditions = [condition.partition("=") for condition in population_where]
    where = {column: value for column, _, value in conditions}
    people = read_population(population, population_code_column, population_column, where=where)
    return Population(people, population_source or population.name, population_on.date() if population_on else None)


def _print_counts(result: "LoadResult", level: str) -> None:
    counts = result.counts
    click.echo(
        f"{level}: {counts.added:,} added, {counts.replaced:,} replaced, {counts.corrected:,} corrected, "
        f"{counts.closed:,} closed, {counts.unchanged:,} unchanged."
    )


@boundaries.command("fetch", params=[click.Argument(["name"]), *(each for each in load.params if each.name != "file")])
@click.pass_context
def fetch(context: click.Context, /, name: str, **options: Any) -> None:
    """Fetch boundaries from a service that the operator has listed, and load them as a file is loaded."""
    from estate.gis.boundaries.fetch import fetch_features

    address = find_service(name)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fetched.geojson"
        click.echo(f"{fetch_features(address, path):,} features were fetched.")
        context.invoke(load, file=path, **options | {"source": options["source"] or address})


def find_service(name: str) -> str:
    """The address of a listed service; raises `UnknownService`, naming those there are."""
    services = get_settings().boundary_services
    if name not in services:
        listed = f"It lists: {', '.join(sorted(services))}." if services else "It lists none."
        raise UnknownService(f"ESTATE_BOUNDARY_SERVICES lists no service “{name}”. {listed}")
    return services[name].rstrip("/")


boundaries.add_command(population)
boundaries.add_command(integrity)
