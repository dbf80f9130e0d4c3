"""Loads a boundary file: read, tidy, check, nest, store. Refuses the whole file on any error."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
from sqlalchemy.orm import Session

from estate.gis.boundaries.check import check_coverage
from estate.gis.boundaries.current import current_areas, parent_level_for
from estate.gis.boundaries.errors import BoundariesRefused
from estate.gis.boundaries.levels import get_level, store_levels
from estate.gis.boundaries.nest import check_nesting, nest
from estate.gis.boundaries.population import Population
from estate.gis.boundaries.read import read_boundary_file
from estate.gis.boundaries.report import Report, named
from estate.gis.boundaries.store import AreaStore, Counts, Edition
from estate.gis.boundaries.tidy import Columns, tidy_areas
from estate.gis.models import BoundaryLevel
from estate.gis.outlines import store_outlines


@dataclass(frozen=True)
class BoundaryFile:
    """A file of boundaries, and what its owner says about it."""

    path: Path
    level_code: str
    columns: Columns
    valid_from: date
    source: str
    crs: str | None = None
    layer: str | None = None
    parent_level_code: str | None = None
    """None: the next larger level that has areas."""
    is_complete: bool = False
    """True: every area of the level that the file lacks is closed, not only those whose ground it covers."""
    population: Population | None = None


@dataclass
class LoadResult:
    """What was found and what changed."""

    report: Report
    counts: Counts = field(default_factory=Counts)
    parent_level: BoundaryLevel | None = None


@dataclass(frozen=True)
class LargerLevel:
    """A larger level whose areas are told by columns of a file of smaller ones, such as the district of each ward."""

    level_code: str
    code_column: str
    name_column: str


def load_boundaries(session: Session, file: BoundaryFile, *, actor: int | None, reason: str = "") -> LoadResult:
    """Store the areas of `file`; raises `UnreadableBoundaries`, or `BoundariesRefused` with the report of all findings.

    The same file again changes nothing. Buildings are not placed anew here: the caller does that with the register.
    """
    return _load(session, file, _features(file), actor, reason)


def load_with_larger(
    session: Session, file: BoundaryFile, larger: list[LargerLevel], *, actor: int | None, reason: str = ""
) -> dict[str, LoadResult]:
    """Store the areas of `file`, and of each larger level the areas that its own make up; what was found, by level.

    Each area's parent is the next larger of these levels. Raises as `load_boundaries`; then nothing is to be kept.
    """
    store_levels(session)
    features, found = _features(file), {}
    parent: LargerLevel | None = None
    for one in sorted(larger, key=lambda each: get_level(session, each.level_code).rank):
        columns = Columns(one.code_column, one.name_column, parent.code_column if parent else None, is_larger=True)
        made = replace(file, level_code=one.level_code, columns=columns, population=None)
        made = replace(made, parent_level_code=parent.level_code if parent else None)
        found[one.level_code] = _load(session, made, features, actor, reason)
        parent = one
    if parent:
        columns = replace(file.columns, parent_code=file.columns.parent_code or parent.code_column)
        file = replace(file, columns=columns, parent_level_code=file.parent_level_code or parent.level_code)
    return found | {file.level_code: _load(session, file, features, actor, reason)}


def _features(file: BoundaryFile) -> gpd.GeoDataFrame:
    return read_boundary_file(file.path, crs=file.crs, layer=file.layer)


def _load(
    session: Session, file: BoundaryFile, features: gpd.GeoDataFrame, actor: int | None, reason: str
) -> LoadResult:
    store_levels(session)
    level = get_level(session, file.level_code)
    report = Report()
    areas = tidy_areas(features, file.columns, report)
    if not report.errors:
        check_coverage(areas, report)
    if report.errors:
        raise BoundariesRefused(report)
    parent_level = _find_parents(session, file, level, areas, report)
    _add_population(areas, file.population, report)
    edition = Edition(file.valid_from, file.source, file.is_complete, file.population)
    reason = reason or f"Loaded from {file.path.name}"
    counts = AreaStore(session, level, edition).store(areas, report, actor=actor, reason=reason)
    if counts.has_changes:
        store_outlines(session, level.code)
    return LoadResult(report, counts, parent_level)


def _find_parents(
    session: Session, file: BoundaryFile, level: BoundaryLevel, areas: gpd.GeoDataFrame, report: Report
) -> BoundaryLevel | None:
    """Set `areas["parent_id"]` (None: no parent); returns the level of the parents."""
    areas["parent_id"] = None
    said = areas["parent_code"].to_numpy()
    parent_level = parent_level_for(session, level, file.parent_level_code, [code for code in said if code])
    if parent_level is None:
        return None
    parents = current_areas(session, parent_level.code)
    nesting = nest(areas, parents)
    check_nesting(areas, parents, nesting, parent_level.name, report)
    ids = parents["id"].to_numpy()
    by_code = dict(zip(parents["code"], ids, strict=True))
    by_ground = [ids[position] if position >= 0 else None for position in nesting.parents]
    unknown = sorted({code for code in said if code and code not in by_code})
    if unknown:
        report.warn(
            "unknown_parent", f"These {parent_level.plural.lower()} are named but not loaded: {named(unknown)}."
        )
    chosen = [by_code.get(code, ground) if code else ground for code, ground in zip(said, by_ground, strict=True)]
    areas["parent_id"] = np.array([None if value is None else int(value) for value in chosen], dtype=object)
    return parent_level


def _add_population(areas: gpd.GeoDataFrame, population: Population | None, report: Report) -> None:
    """Set `areas["population"]`: None where it is unknown, never 0 in its place."""
    people = population.people if population else {}
    areas["population"] = np.array([people.get(code) for code in areas["code"]], dtype=object)
    if population is None:
        return
    missing = areas["code"][areas["population"].isna()]
    if len(missing):
        report.warn(
            "no_population", f"The population file does not name these areas, so theirs is unknown: {named(missing)}."
        )
