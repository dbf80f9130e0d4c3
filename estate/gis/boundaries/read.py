"""Reads a boundary file through a child process, so that a hostile or broken file harms nothing but that process."""

import shutil
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from estate.gis.boundaries import child
from estate.gis.boundaries.errors import UnreadableBoundaries
from estate.sandbox import UnreadableFile
from estate.sandbox.process import Sandbox

MAXIMUM_BYTES = 256 * 1024**2
SUFFIXES = (".geojson", ".json", ".topojson", ".gpkg", ".zip", ".shp")


def read_boundary_file(path: Path, *, crs: str | None = None, layer: str | None = None) -> gpd.GeoDataFrame:
    """Every feature of the file as it is: all columns as text (None where missing), shapes unchanged, with its CRS.

    `crs` ("EPSG:27700") is for files that do not say their own. Raises `UnreadableBoundaries`.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnreadableBoundaries(f"“{path.name}” has no suffix of a boundary file: {', '.join(SUFFIXES)}.")
    if not path.is_file():
        raise UnreadableBoundaries(f"There is no file “{path}”.")
    if path.stat().st_size > MAXIMUM_BYTES:
        raise UnreadableBoundaries("The file is larger than 256 MB. Give a simplified (generalised) set of boundaries.")
    with Sandbox(child.__name__, child.LIMITS) as sandbox:
        shutil.copyfile(path, sandbox.folder / f"input{suffix}")
        if suffix == ".shp":
            _copy_sidecars(path, sandbox.folder)
        try:
            answer = sandbox.ask(folder=str(sandbox.folder), layer=layer or "")
        except UnreadableFile as error:
            raise UnreadableBoundaries(str(error)) from error
        shapes = (sandbox.folder / "shapes.bin").read_bytes()
    return _frame(answer, shapes, crs)


def _copy_sidecars(path: Path, folder: Path) -> None:
    """Copy the files that belong to a plain Shapefile."""
    for sidecar in path.parent.iterdir():
        if sidecar.stem == path.stem and sidecar.suffix.lower() in child.SIDECARS and sidecar.is_file():
            shutil.copyfile(sidecar, folder / f"input{sidecar.suffix.lower()}")


def _frame(answer: dict[str, list[object]], shapes: bytes, crs: str | None) -> gpd.GeoDataFrame:
    """The child's answer as a frame."""
    edges = np.cumsum([0, *answer["sizes"]])
    wkb = [shapes[start:end] or None for start, end in pairwise(edges)]
    try:
        geometry = shapely.from_wkb(np.array(wkb, dtype=object), on_invalid="raise")
        system = CRS.from_user_input(crs or answer["crs"]) if crs or answer["crs"] else None
    except CRSError as error:
        raise UnreadableBoundaries(
            f"“{crs or answer['crs']}” is no known coordinate system. Say --crs EPSG:27700."
        ) from error
    except shapely.errors.GEOSException as error:
        raise UnreadableBoundaries("A shape in the file is damaged and can't be read. Export it again.") from error
    if system is None:
        raise UnreadableBoundaries(
            "The file does not say its coordinate system (a Shapefile says it in its .prj). "
            "Add it, or say --crs EPSG:27700."
        )
    columns = dict(zip(answer["columns"], answer["values"], strict=True))
    return gpd.GeoDataFrame(pd.DataFrame(columns, dtype=object), geometry=list(geometry), crs=system)
