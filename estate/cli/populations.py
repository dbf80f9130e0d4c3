"""`estate boundaries population`: people by area and year, from CSV, XLSX or ODS."""

from pathlib import Path

import click

from estate.db import bind_sessions, make_session
from estate.gis.boundaries.errors import UnreadablePopulation
from estate.gis.boundaries.levels import get_level, store_levels
from estate.gis.boundaries.population_years import PopulationColumns, figures_from, said, store_populations
from estate.register.imports.read import read_file


@click.command("population")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--level", required=True, help="Boundary level of the areas, such as ward.")
@click.option("--code-column", default="code", show_default=True, help="Column with the area's code.")
@click.option("--population-column", default="population", show_default=True, help="Column with the number of people.")
@click.option("--year-column", help="Column with the year, as 2024 or 2024-06-30.")
@click.option("--year", type=click.IntRange(1801, 2200), help="The year of all rows, where no column says it.")
@click.option("--source-column", help="Column that says who counted.")
@click.option("--source", help="Who counted, where no column says it. Default: the file's name.")
@click.option("--sheet", help="Sheet to read, for a workbook that has several.")
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Keep only rows with this value.")
def population(
    file: Path,
    level: str,
    code_column: str,
    population_column: str,
    year_column: str | None,
    year: int | None,
    source_column: str | None,
    source: str | None,
    sheet: str | None,
    where: tuple[str, ...],
) -> None:
    """Store how many people live in each area, by year. Newer figures of a year take the place of older ones."""
    if bool(year_column) == (year is not None):
        raise click.UsageError("Give either --year-column or --year.")
    columns = PopulationColumns(code_column, population_column, year_column, source_column)
    kept = {column: value for column, _, value in (condition.partition("=") for condition in where)}
    figures, unknown = figures_from(_rows(file, sheet), columns, year=year, source=source or file.name, where=kept)
    bind_sessions()
    with make_session.begin() as session:
        store_levels(session)
        plural = get_level(session, level).plural
        counts = store_populations(session, level, figures, actor=None, reason=f"Imported from {file.name}")
    counts.unknown = unknown
    for sentence in said(counts, plural):
        click.echo(sentence)


def _rows(file: Path, wanted: str | None) -> list[list[str]]:
    """The rows of the one sheet, or of the one that is named."""
    sheets = {sheet.name: sheet for sheet in read_file(file.read_bytes(), file.name).sheets if sheet.rows}
    if wanted is None and len(sheets) == 1:
        return next(iter(sheets.values())).rows
    if wanted not in sheets:
        names = ", ".join(sheets) or "none"
        raise UnreadablePopulation(f"The file has these sheets with rows: {names}. Name one of them with --sheet.")
    return sheets[wanted].rows
