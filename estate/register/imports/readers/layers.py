"""GeoPackage and zipped Shapefile through GDAL, cut down to those two drivers; and zipped tables of text.

`estate.sandbox.gdal` has skipped the other drivers before GDAL is imported; the content's first bytes are checked too.
"""

from pathlib import Path

import numpy as np

from estate.register.imports.readers import DRIVERS, SHAPE_COLUMNS, Sheet
from estate.register.imports.readers.delimited import read_delimited
from estate.register.imports.readers.features import shape_cells
from estate.register.imports.readers.spreadsheet import cell_text
from estate.sandbox import UnreadableFile
from estate.sandbox.archive import check_archive
from estate.sandbox.gdal import require_locked_down

MAGIC = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a"}
SHAPEFILE_PARTS = {".shp", ".shx", ".dbf", ".prj", ".cpg"}
MAXIMUM_LAYERS = 20


def read_gpkg(content: bytes, folder: Path) -> list[Sheet]:
    """One sheet for each layer of a GeoPackage."""
    path = folder / "upload.gpkg"
    path.write_bytes(content)
    if not content.startswith(MAGIC[".gpkg"]):
        raise UnreadableFile("This file is not a GeoPackage. Export it again as GeoPackage.")
    return _read_layers(path)


def read_zip(content: bytes, folder: Path) -> tuple[list[Sheet], str | None]:
    """The Shapefile in a ZIP, or each of its CSV files, and the encoding of the latter."""
    archive = check_archive(content, may_nest=False)
    members = [member for member in archive.infolist() if not member.is_dir() and not _is_litter(member.filename)]
    by_suffix: dict[str, list[str]] = {}
    for member in members:
        by_suffix.setdefault(Path(member.filename).suffix.casefold(), []).append(member.filename)
    if shapes := by_suffix.get(".shp"):
        if len(shapes) > 1:
            raise UnreadableFile("The ZIP holds more than one Shapefile. Send one at a time.")
        stem = shapes[0][:-4]
        for member in members:
            suffix = Path(member.filename).suffix.casefold()
            if member.filename[: -len(suffix) or None] == stem and suffix in SHAPEFILE_PARTS:
                (folder / f"layer{suffix}").write_bytes(archive.read(member))
        return _read_shapefile(folder / "layer.shp"), None
    if tables := by_suffix.get(".csv"):
        read = [read_delimited(archive.read(name), Path(name).stem) for name in sorted(tables)]
        return [sheet for sheet, _, _ in read], ", ".join(sorted({encoding for _, encoding, _ in read}))
    raise UnreadableFile("The ZIP holds neither a Shapefile nor a CSV table.")


def _is_litter(name: str) -> bool:
    """What macOS and Windows put into archives."""
    return name.startswith("__MACOSX/") or Path(name).name in {".DS_Store", "Thumbs.db"}


def _read_shapefile(path: Path) -> list[Sheet]:
    if not path.read_bytes().startswith(MAGIC[".shp"]):
        raise UnreadableFile("The .shp file in the ZIP is not a Shapefile. Export it again.")
    for suffix in (".dbf", ".shx"):
        if not path.with_suffix(suffix).exists():
            raise UnreadableFile(f"The Shapefile has no {suffix} part. Pack .shp, .shx, .dbf and .prj together.")
    return _read_layers(path)


def _read_layers(path: Path) -> list[Sheet]:
    import pyogrio

    require_locked_down(DRIVERS)
    layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    if not layers:
        raise UnreadableFile("The file holds no layers.")
    return [_read_layer(path, name) for name in layers[:MAXIMUM_LAYERS]]


def _read_layer(path: Path, name: str) -> Sheet:
    import pyogrio
    import shapely

    meta, _, shapes, columns = pyogrio.raw.read(path, layer=name, force_2d=True, datetime_as_string=True)
    sheet = Sheet(name, srid=_srid(meta.get("crs")))
    names = [str(field) for field in meta["fields"]]
    sheet.add(0, [*names, *(SHAPE_COLUMNS if shapes is not None else ())])
    count = len(columns[0]) if columns else len(shapes) if shapes is not None else 0
    for row in range(count):
        cells = [_field_text(column[row]) for column in columns]
        if shapes is not None:
            geometry = shapely.from_wkb(shapes[row], on_invalid="ignore") if shapes[row] is not None else None
            cells += shape_cells(geometry)
        sheet.add(row + 1, cells)
    return sheet


def _field_text(value: object) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value != value:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    return cell_text(value)


def _srid(crs: str | None) -> int | None:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_user_input(crs).to_epsg(min_confidence=25) if crs else None
    except CRSError:
        return None
