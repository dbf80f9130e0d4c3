"""`estate population`: load where people live, by small area, and list what is loaded."""

from pathlib import Path

import click

from estate.db import bind_sessions, make_session

SHOWN_PROBLEMS = 10
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("population")
def population() -> None:
    """Where people live: population by small area, such as LSOA."""


@population.command("list")
def list_populations() -> None:
    """List the files that were loaded; the one in force comes first."""
    from estate.gis.small_areas.current import list_sets

    bind_sessions()
    with make_session.begin() as session:
        for found in list_sets(session):
            state = "taken back" if found.retired_at else ""
            click.echo(
                f"{found.id:>6}  {found.year}  {found.used_count:>8,} small areas  {found.source}  {state}".rstrip()
            )


@population.command("import")
@click.argument("file", type=FILE)
@click.option("--year", type=click.IntRange(1900, 2200), required=True, help="The year for which people were counted.")
@click.option("--source", required=True, help="Who counted, under which licence.")
@click.option("--points", type=FILE, help="File with the points of the small areas, where FILE has none.")
@click.option("--code-column", help="Column of FILE with the code, where it is not recognised.")
@click.option("--population-column", help="Column of FILE with the number of people.")
@click.option("--x-column", help="Column of FILE with longitude or easting.")
@click.option("--y-column", help="Column of FILE with latitude or northing.")
def import_population(
    file: Path,
    year: int,
    source: str,
    points: Path | None,
    code_column: str | None,
    population_column: str | None,
    x_column: str | None,
    y_column: str | None,
) -> None:
    """Load population by small area from CSV, GeoPackage or GeoJSON, as statistics offices publish it.

    Rows that can't be used are listed with their reason; the others are stored and in force at once.
    """
    from estate.gis.small_areas.load import SmallAreaFile, load_small_areas

    given = {"code": code_column, "population": population_column, "x": x_column, "y": y_column}
    columns = {kind: name for kind, name in given.items() if name}
    wanted = SmallAreaFile(file, year, source, points, columns)
    bind_sessions()
    with make_session.begin() as session:
        stored, checked = load_small_areas(session, wanted, actor=None)
    for problem in checked.problems[:SHOWN_PROBLEMS]:
        click.echo(f"Line {problem.line}: {problem.message}.", err=True)
    if len(checked.problems) > SHOWN_PROBLEMS:
        click.echo(f"And {len(checked.problems) - SHOWN_PROBLEMS:,} rows more.", err=True)
    click.echo(f"{stored.row_count:,} rows: {stored.used_count:,} used, {stored.rejected_count:,} rejected.")
    unknown = sum(people is None for people in checked.population)
    known = sum(people for people in checked.population if people is not None)
    click.echo(f"{known:,} people; unknown in {unknown:,} small areas.")
    if checked.points_without_people:
        click.echo(f"{checked.points_without_people:,} points have no row of people and were left out.")
