"""The findings about boundaries, as commands print them."""

import click

from estate.gis.boundaries.report import Report, Weight


def print_report(report: Report, note: str = "Good") -> None:
    """A line for each finding; errors go to the error output. `note` is what a note is called."""
    labels = {Weight.ERROR: "Error", Weight.WARNING: "Warning", Weight.NOTE: note}
    for finding in report.findings:
        click.echo(f"{labels[finding.weight]}: {finding.message}", err=finding.weight is Weight.ERROR)
