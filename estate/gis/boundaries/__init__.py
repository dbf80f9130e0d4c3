"""Boundary levels and areas: reading a file, repairing and checking it, and storing a dated set of areas."""

from estate.gis.boundaries.errors import BoundariesRefused, UnknownLevel, UnreadableBoundaries, UnreadablePopulation
from estate.gis.boundaries.levels import get_level, list_levels, store_levels
from estate.gis.boundaries.load import BoundaryFile, LoadResult, load_boundaries
from estate.gis.boundaries.population import Population, read_population
from estate.gis.boundaries.report import Finding, Report, Weight
from estate.gis.boundaries.tidy import Columns

__all__ = [
    "BoundariesRefused",
    "BoundaryFile",
    "Columns",
    "Finding",
    "LoadResult",
    "Population",
    "Report",
    "UnknownLevel",
    "UnreadableBoundaries",
    "UnreadablePopulation",
    "Weight",
    "get_level",
    "list_levels",
    "load_boundaries",
    "read_population",
    "store_levels",
]
