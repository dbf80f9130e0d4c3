"""What can go wrong with a boundary file, one class a rule."""

from typing import TYPE_CHECKING

from estate.errors import EstateError, InvalidInput, NotFound

if TYPE_CHECKING:
    from estate.gis.boundaries.report import Report


class UnreadableBoundaries(InvalidInput):
    """The file can't be read as boundaries. Give GeoJSON, GeoPackage, TopoJSON or a zipped Shapefile."""


class UnreadablePopulation(InvalidInput):
    """The file can't be read as populations. Give a CSV file with one row for each area."""


class UnknownLevel(NotFound):
    """There is no such boundary level. Levels are listed in data/boundaries/levels.toml."""


class BoundariesRefused(InvalidInput):
    """The boundaries were read but have errors, so nothing was stored. Mend what the report names and load again."""

    def __init__(self, report: "Report") -> None:
        self.report = report
        sentences = " ".join(finding.message for finding in report.errors)
        super().__init__(f"The boundaries were not loaded. {sentences}")


class BoundaryServiceFailed(EstateError):
    """The boundary service failed, so nothing was stored. Try again later."""


class UnknownService(NotFound):
    """There is no boundary service of this name. The operator lists them in ESTATE_BOUNDARY_SERVICES."""
