"""What the sandbox runs to read one vector file with GDAL; see `estate.sandbox`.

The request names a folder that holds the file as `input.*`; the shapes go there too, as `shapes.bin`: WKB, one after
another, with their sizes in the answer.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

from estate.sandbox import UnreadableFile
from estate.sandbox.archive import check_archive
from estate.sandbox.gdal import lock_down_gdal, require_locked_down
from estate.sandbox.limits import Limits

LIMITS = Limits(output_bytes=512 * 1024**2)
SIDECARS = (".shx", ".dbf", ".prj", ".cpg")
DRIVERS = {".geojson": "GeoJSON", ".topojson": "TopoJSON", ".gpkg": "GPKG", ".shp": "ESRI Shapefile"}
GEOMETRY_TYPES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
}


def prepare(is_warm: bool) -> None:
    """Nothing: GDAL is cut down in the fork, to the one driver of its file."""


def answer(request: dict[str, str]) -> dict[str, Any]:
    """The columns, their values and the coordinate system of the file in the request's folder."""
    folder = Path(request["folder"])
    path = next(path for path in sorted(folder.glob("input.*")) if path.suffix not in SIDECARS)
    if path.suffix == ".zip":
        path = unpack(path)
    feature_count = None
    if path.suffix in (".geojson", ".json", ".topojson"):
        path, feature_count = checked_json(path)
    return read_with_gdal(folder, path, feature_count, request["layer"])


def unpack(packed: Path) -> Path:
    """The one boundary file of a zip, unpacked under a name of our own, with a Shapefile's sidecars."""
    archive = check_archive(packed.read_bytes(), may_nest=False, maximum_bytes=LIMITS.output_bytes)
    members = [member for member in archive.infolist() if not member.is_dir()]
    wanted = [m for m in members if Path(m.filename).suffix.lower() in (*DRIVERS, ".json") and is_plain(m)]
    if len(wanted) != 1:
        found = ", ".join(sorted(Path(member.filename).name for member in wanted)) or "none"
        raise UnreadableFile(
            f"The zip file must hold exactly one boundary file; it holds: {found}. Zip one set at a time."
        )
    stem = wanted[0].filename.rsplit(".", 1)[0]
    for member in members:
        name, _, suffix = member.filename.rpartition(".")
        if name == stem and (member is wanted[0] or f".{suffix.lower()}" in SIDECARS):
            packed.with_name(f"unpacked.{suffix.lower()}").write_bytes(archive.read(member))
    return packed.with_name(f"unpacked{Path(wanted[0].filename).suffix.lower()}")


def is_plain(member: zipfile.ZipInfo) -> bool:
    """False for the hidden copies that macOS adds to a zip."""
    return not Path(member.filename).name.startswith("._") and "__MACOSX" not in member.filename


def checked_json(path: Path) -> tuple[Path, int | None]:
    """The path with the suffix of what the JSON is, and the number of features a GeoJSON file has.

    GDAL drops null features and turns a misspelt geometry into none, so both are refused here.
    """
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=refuse_constant)
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnreadableFile("The file is not valid JSON. It may have been cut off: export it again.") from error
    kind = content.get("type") if isinstance(content, dict) else None
    if kind == "Topology":
        return path.rename(path.with_name("checked.topojson")), None
    features = content.get("features") if kind == "FeatureCollection" else None
    if not isinstance(features, list):
        raise UnreadableFile("The JSON file is neither a GeoJSON FeatureCollection nor a TopoJSON Topology.")
    crs = content.get("crs")
    if crs is not None and not (isinstance(crs, dict) and crs.get("type") == "name"):
        raise UnreadableFile(
            "The GeoJSON file points to its coordinate system elsewhere (a “crs” link). Name it instead."
        )
    for number, feature in enumerate(features, start=1):
        check_feature(feature, number)
    return path.rename(path.with_name("checked.geojson")), len(features)


def check_feature(feature: object, number: int) -> None:
    """Refuse a feature that GDAL would drop or change without a word."""
    geometry = feature.get("geometry") if isinstance(feature, dict) and feature.get("type") == "Feature" else False
    if geometry is False:
        raise UnreadableFile(f"Item {number} of the GeoJSON file is not a Feature.")
    if geometry is not None and (not isinstance(geometry, dict) or geometry.get("type") not in GEOMETRY_TYPES):
        raise UnreadableFile(f"Feature {number} of the GeoJSON file has a geometry of an unknown type.")


def refuse_constant(name: str) -> None:
    """JSON has no NaN and no Infinity, though Python's parser takes them."""
    raise ValueError(name)


def read_with_gdal(folder: Path, path: Path, feature_count: int | None, wanted: str) -> dict[str, Any]:
    """Read the first layer with the one driver that the suffix names."""
    driver = DRIVERS[path.suffix]
    lock_down_gdal({driver})
    from pyogrio import list_layers
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
    from pyogrio.raw import read as read_layer

    require_locked_down({driver})
    try:
        layers = [str(name) for name in list_layers(path)[:, 0]]
        layer = wanted or (layers[0] if layers else "")
        if layer not in layers or (len(layers) > 1 and not wanted):
            raise UnreadableFile(
                f"The file has these layers: {', '.join(layers) or 'none'}. Name one of them with --layer."
            )
        meta, _, shapes, values = read_layer(path, layer=layer)
    except UnreadableFile:
        raise
    except (
        DataLayerError,
        DataSourceError,
        FeatureError,
        FieldError,
        GeometryError,
        ValueError,
        RuntimeError,
    ) as error:
        raise UnreadableFile(f"The file's content is not {driver}, or it is damaged. Export it again.") from error
    if shapes is None:
        raise UnreadableFile("The file holds a table without shapes. Boundaries need polygons.")
    if feature_count is not None and feature_count != len(shapes):
        raise UnreadableFile(f"The file has {feature_count} features, but only {len(shapes)} of them could be read.")
    with (folder / "shapes.bin").open("wb") as file:
        sizes = [file.write(shape) if shape is not None else 0 for shape in shapes]
    # TopoJSON has no place for a coordinate system; by convention it is longitude and latitude.
    crs = meta["crs"] or ("EPSG:4326" if driver == "TopoJSON" else None)
    columns = [str(name) for name in meta["fields"]]
    return {"columns": columns, "values": [texts(column) for column in values], "sizes": sizes, "crs": crs}


def texts(values: Any) -> list[str | None]:
    """A column as text: whole numbers without a decimal point, None for what is missing."""
    return [text(value) for value in values.tolist()]


def text(value: object) -> str | None:
    """One value as text."""
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
