"""Reads a boundary file through a child process, so that a hostile or broken file harms nothing but that process."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from estate.gis.boundaries import child
from estate.gis.boundaries.errors import UnreadableBoundaries

MAXIMUM_BYTES = 256 * 1024**2
WALL_SECONDS = 90
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
    with tempfile.TemporaryDirectory(prefix="estate-boundaries-") as name:
        folder = Path(name)
        shutil.copyfile(path, folder / f"input{suffix}")
        if suffix == ".shp":
            _copy_sidecars(path, folder)
        answer = _run_child(folder, layer)
        shapes = (folder / "shapes.bin").read_bytes()
    return _frame(answer, shapes, crs)


def _copy_sidecars(path: Path, folder: Path) -> None:
    """Copy the files that belong to a plain Shapefile."""
    for sidecar in path.parent.iterdir():
        if sidecar.stem == path.stem and sidecar.suffix.lower() in child.SIDECARS and sidecar.is_file():
            shutil.copyfile(sidecar, folder / f"input{sidecar.suffix.lower()}")


def _run_child(folder: Path, layer: str | None) -> dict[str, list[object]]:
    """What the child read; raises `UnreadableBoundaries` with its sentence, or with one of our own when it died."""
    command = [sys.executable, "-I", child.__file__, str(folder)]
    environment = _locked_environment() | ({"BOUNDARY_LAYER": layer} if layer else {})
    try:
        subprocess.run(
            command,
            env=environment,
            cwd=folder,
            timeout=WALL_SECONDS,
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableBoundaries("Reading the file took more than 90 seconds, so it was stopped.") from error
    except subprocess.CalledProcessError as error:
        raise UnreadableBoundaries(
            "The file could not be read: it is damaged, or needs more than 1 GB of memory."
        ) from error
    answer: dict[str, list[object]] = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    if "refused" in answer:
        raise UnreadableBoundaries(str(answer["refused"]))
    return answer


def _locked_environment() -> dict[str, str]:
    """The child's whole environment: GDAL without network; the child skips every listed driver but the one it needs."""
    skipped_here = {name.strip() for name in os.environ.get("GDAL_SKIP", "").split(",")} - {""}
    return {
        "PATH": os.environ.get("PATH", ""),
        "GDAL_DRIVERS": ",".join(sorted(set(pyogrio.list_drivers()) | skipped_here)),
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "GDAL_HTTP_PROXY": "http://127.0.0.1:9",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "200",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }


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
