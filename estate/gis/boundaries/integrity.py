"""Looks at stored areas in force as a loaded file is looked at: against each other, their parents and their people."""

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from estate.gis.boundaries.check import check_coverage
from estate.gis.boundaries.current import current_areas
from estate.gis.boundaries.nest import NESTED_RATIO
from estate.gis.boundaries.report import Report, counted, named
from estate.gis.models import Area, AreaPopulation, BoundaryLevel
from estate.settings import get_settings


def check_stored(session: Session, level: BoundaryLevel) -> Report:
    """What is wrong with the areas in force of `level` as errors and warnings; what may be as it should as notes."""
    report = Report()
    areas = current_areas(session, level.code)
    if areas.empty:
        report.note("no_areas", "No area is in force.")
        return report
    check_coverage(areas, report)
    _check_parents(session, areas, report)
    _check_populations(session, level, areas, report)
    if not report.errors and not report.warnings:
        report.note("sound", f"Nothing is wrong with {counted(len(areas), 'area')}.")
    return report


def _check_parents(session: Session, areas: gpd.GeoDataFrame, report: Report) -> None:
    """Each area lies in its parent with nearly all its ground, and the parent is in force."""
    children = areas[areas["parent_id"].notna()].reset_index(drop=True)
    if len(children) < len(areas):
        orphans = areas["code"][areas["parent_id"].isna()]
        report.note("no_parent", f"In no larger area: {counted(len(orphans), 'area')} ({named(orphans)}).")
    if children.empty:
        return
    ids = [int(parent_id) for parent_id in children["parent_id"]]
    parents = gpd.GeoDataFrame.from_postgis(
        select(Area.id, Area.code, Area.valid_until, Area.geometry).where(Area.id.in_(set(ids))),
        session.connection(),
        geom_col="geometry",
    ).set_index("id")
    of_child = parents.loc[ids].reset_index(drop=True)
    ended = of_child["valid_until"].notna()
    if ended.any():
        codes = named(children["code"][ended])
        report.error("ended_parent", f"In a larger area that has ended: {counted(int(ended.sum()), 'area')} ({codes}).")
    shares = _shares(children, parents, np.array(ids))
    outside = shares < NESTED_RATIO
    if outside.any():
        rows = np.flatnonzero(outside)[np.argsort(shares[outside], kind="stable")]
        items = [f"{children['code'][row]} ({shares[row]:.1%} in {of_child['code'][row]})" for row in rows]
        report.error(
            "outside_parent", f"With less than 98% in their larger area: {counted(len(rows), 'area')}, {named(items)}."
        )


def _shares(children: gpd.GeoDataFrame, parents: gpd.GeoDataFrame, parent_ids: np.ndarray) -> np.ndarray:
    """For each child the share (0 to 1) of its ground that lies in its parent."""
    srid = get_settings().metric_srid
    shapes = _sound(children.geometry.to_crs(srid).to_numpy())
    above = _sound(parents.geometry.to_crs(srid).to_numpy())
    of_child = above[parents.index.get_indexer(parent_ids)]
    shared: np.ndarray = shapely.area(shapely.intersection(shapes, of_child)) / shapely.area(shapes)
    return shared


def _sound(shapes: np.ndarray) -> np.ndarray:
    sound: np.ndarray = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
    return sound


def _check_populations(session: Session, level: BoundaryLevel, areas: gpd.GeoDataFrame, report: Report) -> None:
    """Where some areas of the level have a population, all should."""
    counted_in = exists().where(
        AreaPopulation.level_code == Area.level_code,
        AreaPopulation.code == Area.code,
        AreaPopulation.retired_at.is_(None),
    )
    in_force = (Area.level_code == level.code, Area.valid_until.is_(None))
    known = set(session.scalars(select(Area.code).where(*in_force, Area.population.is_not(None) | counted_in)))
    missing = areas["code"][~areas["code"].isin(known)]
    if not known:
        report.note("no_population", "No population was loaded: figures per head are unknown.")
    elif len(missing):
        report.warn("no_population", f"Without a population: {counted(len(missing), 'area')} ({named(missing)}).")
