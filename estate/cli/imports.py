"""`estate import` and `estate template`: a file to the register, from the command line."""

import io
import zipfile
from pathlib import Path

import click

from estate.db import bind_sessions, make_session
from estate.errors import InvalidInput
from estate.people.accounts import get_agency
from estate.register.imports.check import Options
from estate.register.imports.layouts import layouts
from estate.register.imports.readers.delimited import CODECS, DELIMITERS
from estate.register.imports.report import Report
from estate.register.imports.template import HOUSING, LAYOUT, template_csv, template_xlsx, write_csv
from estate.register.imports.uploads import apply_import, check_import, rejected_rows, start_import
from estate.register.models import Import, ImportStatus

SHOWN_PROBLEMS = 20
MAP_IT = (
    "Or say what its columns are: upload the file on the page “Import a file”. The answer is remembered for the "
    "agency, and this command then reads such files by itself."
)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--as", "layout", type=click.Choice(list(layouts())), help="Layout. Default: the one its header shows.")
@click.option("--agency", "agency_name", required=True, help="Name or code of the agency that sends the file.")
@click.option("--year", help="Financial year of the costs, such as 2023-24, where no column says it.")
@click.option("--srid", type=int, help="EPSG code of the coordinates, such as 4326, where the file does not say it.")
@click.option("--sheet", help="The one sheet of a workbook to read. Default: the one with a known header.")
@click.option("--encoding", type=click.Choice(list(CODECS)), help="Encoding of a text file. Default: found.")
@click.option("--delimiter", type=click.Choice(list(DELIMITERS)), help="Delimiter of a text file. Default: found.")
@click.option("--use-class", help="Use of all buildings, such as library, where no column says it.")
@click.option("--create-agencies", is_flag=True, help="Create agencies that the file names, below the agency.")
@click.option(
    "--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Write the rejected rows to this CSV."
)
@click.option("--dry-run", is_flag=True, help="Check only; store nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before storing.")
def import_file(
    file: Path,
    agency_name: str,
    rejected: Path | None,
    *,
    dry_run: bool,
    yes: bool,
    **chosen: str | int | bool | None,
) -> None:
    """Bring FILE to the register: CSV, XLSX, ODS, GeoJSON, GeoPackage, zipped Shapefile, or a folder of CSV tables."""
    bind_sessions()
    name, content = (f"{file.name}.zip", zip_folder(file)) if file.is_dir() else (file.name, file.read_bytes())
    options = Options(**chosen)  # type: ignore[arg-type]
    with make_session() as session:
        agency = get_agency(session, agency_name)
        brought = start_import(session, content, name, agency=agency, actor=None, options=options)
        report = check_import(session, brought)
        if report is None:
            raise InvalidInput(_why_not(brought))
        _show(report, brought, will_create=options.create_agencies)
        if rejected:
            rejected.write_bytes(write_csv(rejected_rows(report)))
            click.echo(f"{report.rejected_count:,} rejected rows written to {rejected}.")
        if dry_run:
            click.echo("Nothing was stored.")
            return
        if not yes:
            click.confirm(f"Store {report.accepted_count:,} rows?", abort=True)
        counts = apply_import(session, brought, actor=None, report=report)
        session.commit()
    click.echo(counts.sentence())


def _why_not(brought: Import) -> str:
    """Why a file could not be checked, and what to do about one of no known layout."""
    if brought.status is ImportStatus.MAPPING:
        return f"{brought.message} {MAP_IT}"
    return brought.message or ""


def zip_folder(folder: Path) -> bytes:
    """The CSV files of a folder as one ZIP, as the upload page takes them."""
    buffer = io.BytesIO()
    tables = sorted(folder.glob("*.csv"))
    if not tables:
        raise click.UsageError(f"The folder {folder} holds no CSV files.")
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in tables:
            archive.write(table, table.name)
    return buffer.getvalue()


def _show(report: Report, brought: Import, *, will_create: bool) -> None:
    """Layout, counts, and the problems by field: the same that the page shows before anything is stored."""
    if brought.mapping is not None:
        click.echo(f"Mapping: {brought.mapping.name} (remembered from the last file with this header)")
    else:
        click.echo(f"Layout: {report.layout_title} ({report.layout})")
    if report.encoding:
        click.echo(f"Encoding: {report.encoding}")
    click.echo(
        f"{report.rows_in:,} rows: {report.accepted_count:,} can be stored, {report.rejected_count:,} are rejected."
    )
    click.echo(
        f"They would add {brought.inserted_count or 0:,} buildings, change {brought.updated_count or 0:,} and leave "
        f"{brought.unchanged_count or 0:,} as they are."
    )
    new_blocks = brought.options.get("blocks", [0])[0]
    if new_blocks:
        click.echo(f"{new_blocks:,} blocks will be made of the rows that name them.")
    if report.new_agencies and will_create:
        click.echo(f"{len(report.new_agencies):,} agencies will be created.")
    elif report.new_agencies:
        click.echo(f"{len(report.new_agencies):,} agencies are not in the register; --create-agencies creates them.")
    problems = report.problems_by_field()
    for name, code, rejects, count, message in problems[:SHOWN_PROBLEMS]:
        kind = "rejected" if rejects else "warning"
        click.echo(f"  {count:>7,} {kind:<8} {name or 'row'} [{code}]: {message}")
    if len(problems) > SHOWN_PROBLEMS:
        click.echo(f"  and {len(problems) - SHOWN_PROBLEMS} more kinds of problem")


@click.command("template")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), default="xlsx", show_default=True)
@click.option("--of", "layout", type=click.Choice([LAYOUT, HOUSING]), default=LAYOUT, show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Default: the layout's name.FORMAT.")
def template(kind: str, layout: str, output: Path | None) -> None:
    """Write an empty template: Estate's own, or that of a housing stock."""
    path = output or Path(f"{'estate' if layout == LAYOUT else layout}-template.{kind}")
    path.write_bytes(template_csv(layout) if kind == "csv" else template_xlsx(name=layout))
    click.echo(f"Written: {path}")
