"""`estate boundaries integrity`: whether stored boundaries, and where buildings lie in them, are sound."""

import click
from sqlalchemy.orm import Session

from estate.cli.boundary_reports import print_report
from estate.db import bind_sessions, make_session
from estate.gis.boundaries.levels import list_levels
from estate.gis.boundaries.report import Report, counted, named
from estate.register.area_integrity import misplaced_ids
from estate.register.areas import assign_areas


@click.command("integrity")
@click.option("--mend", is_flag=True, help="Place all buildings anew where one is not in the areas it lies in.")
def integrity(*, mend: bool) -> None:
    """Check all areas in force, and the areas of every building.

    Ends with exit code 1 where something is wrong, so that a scheduled run can tell.
    """
    from estate.gis.boundaries.integrity import check_stored

    bind_sessions()
    with make_session.begin() as session:
        reports = {level.plural: check_stored(session, level) for level in list_levels(session)}
        reports["Buildings"] = _check_buildings(session, mend=mend)
    for title, report in reports.items():
        click.echo(f"{title}:")
        print_report(report, note="Note")
    if any(report.errors or report.warnings for report in reports.values()):
        raise click.ClickException("Something is wrong with the boundaries: see above.")


def _check_buildings(session: Session, *, mend: bool) -> Report:
    """Whether each building is stored in the areas that it lies in; with `mend` they are placed anew where not."""
    report = Report()
    misplaced = misplaced_ids(session)
    if not misplaced:
        report.note("placed", "Every building is stored in the areas it lies in.")
        return report
    numbers = named(f"number {building_id}" for building_id in misplaced)
    sentence = f"Not stored in the areas they lie in: {counted(len(misplaced), 'building')} ({numbers})."
    if mend:
        assign_areas(session)
        report.note("mended", f"{sentence} All buildings were placed anew.")
    else:
        report.error("misplaced", f"{sentence} Run the command again with --mend to place all anew.")
    return report
