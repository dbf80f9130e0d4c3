"""Reads one vector file with GDAL, in a process that is thrown away afterwards.

Runs as a script, without the rest of Estate: `child.py FOLDER`. FOLDER holds the file under the name `input.*`
and takes the answer: `answer.json` (what was read, or the sentence why not) and `shapes.bin` (the shapes as WKB, one
after another).
"""

import json
import os
import resource
import stat
import sys
import zipfile
from pathlib import Path
from typing import Any

MEMORY_BYTES = 1024**3
SECONDS = 60
MAXIMUM_UNPACKED_BYTES = 512 * 1024**2
MAXIMUM_MEMBERS = 200
MAXIMUM_RATIO = 100
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


class Refused(Exception):
    """The file can't be read; the text says why, for people."""


def main(folder: Path) -> None:
    """Read the file in `folder` and write the answer beside it."""
    limit_resources()
    try:
        answer = read(folder)
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


def limit_resources() -> None:
    """A hostile file may use up this process, not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAXIMUM_UNPACKED_BYTES, MAXIMUM_UNPACKED_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(folder: Path) -> dict[str, Any]:
    """What `answer.json` holds for a file that can be read."""
    path = next(path for path in sorted(folder.glob("input.*")) if path.suffix not in SIDECARS)
    if path.suffix == ".zip":
        path = unpack(path)
    feature_count = None
    if path.suffix in (".geojson", ".json", ".topojson"):
        path, feature_count = checked_json(path)
    return read_with_gdal(folder, path, feature_count)


def unpack(archive: Path) -> Path:
    """The one boundary file of a zip, unpacked under a name of our own, with a Shapefile's sidecars."""
    try:
        with zipfile.ZipFile(archive) as file:
            members = [member for member in file.infolist() if not member.is_dir()]
            check_members(members)
            wanted = [m for m in members if Path(m.filename).suffix.lower() in (*DRIVERS, ".json") and is_plain(m)]
            if len(wanted) != 1:
                found = ", ".join(sorted(Path(member.filename).name for member in wanted)) or "none"
                raise Refused(
                    f"The zip file must hold exactly one boundary file; it holds: {found}. Zip one set at a time."
                )
            stem = wanted[0].filename.rsplit(".", 1)[0]
            budget = MAXIMUM_UNPACKED_BYTES
            for member in members:
                name, _, suffix = member.filename.rpartition(".")
                if name == stem and (member is wanted[0] or f".{suffix.lower()}" in SIDECARS):
                    budget = copy_member(file, member, archive.with_name(f"unpacked.{suffix.lower()}"), budget)
            return archive.with_name(f"unpacked{Path(wanted[0].filename).suffix.lower()}")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise Refused("The zip file is damaged or of a kind that can't be opened. Zip the files again.") from error


def is_plain(member: zipfile.ZipInfo) -> bool:
    """False for the hidden copies that macOS adds to a zip."""
    return not Path(member.filename).name.startswith("._") and "__MACOSX" not in member.filename


def check_members(members: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip that is too big, encrypted, nested or has names that lead elsewhere."""
    if len(members) > MAXIMUM_MEMBERS:
        raise Refused(f"The zip file holds {len(members)} files; at most {MAXIMUM_MEMBERS} are accepted.")
    for member in members:
        path = Path(member.filename)
        if path.is_absolute() or ".." in path.parts or stat.S_ISLNK(member.external_attr >> 16):
            raise Refused("The zip file has a link or a name that leads outside of it. Zip the plain files.")
        if member.flag_bits & 1:
            raise Refused("The zip file is protected by a password. Zip the files without one.")
        if path.suffix.lower() == ".zip":
            raise Refused("The zip file holds another zip file. Unpack it and zip the boundary files alone.")
        if member.file_size > MAXIMUM_RATIO * max(member.compress_size, 1000):
            raise Refused("The zip file unpacks to more than 100 times its size, so it was not opened.")
    if sum(member.file_size for member in members) > MAXIMUM_UNPACKED_BYTES:
        raise Refused("The zip file unpacks to more than 512 MB. Give a simplified (generalised) set of boundaries.")


def copy_member(file: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, budget: int) -> int:
    """Unpack one member; returns how many bytes may still be unpacked."""
    with file.open(member) as source, target.open("wb") as copy:
        while chunk := source.read(1 << 20):
            budget -= len(chunk)
            if budget < 0:
                raise Refused("The zip file unpacks to more than 512 MB, and more than it declares.")
            copy.write(chunk)
    return budget


def checked_json(path: Path) -> tuple[Path, int | None]:
    """The path with the suffix of what the JSON is, and the number of features a GeoJSON file has.

    GDAL drops null features and turns a misspelt geometry into none, so both are refused here.
    """
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=refuse_constant)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Refused("The file is not valid JSON. It may have been cut off: export it again.") from error
    kind = content.get("type") if isinstance(content, dict) else None
    if kind == "Topology":
        return path.rename(path.with_name("checked.topojson")), None
    features = content.get("features") if kind == "FeatureCollection" else None
    if not isinstance(features, list):
        raise Refused("The JSON file is neither a GeoJSON FeatureCollection nor a TopoJSON Topology.")
    crs = content.get("crs")
    if crs is not None and not (isinstance(crs, dict) and crs.get("type") == "name"):
        raise Refused("The GeoJSON file points to its coordinate system elsewhere (a “crs” link). Name it instead.")
    for number, feature in enumerate(features, start=1):
        check_feature(feature, number)
    return path.rename(path.with_name("checked.geojson")), len(features)


def check_feature(feature: object, number: int) -> None:
    """Refuse a feature that GDAL would drop or change without a word."""
    geometry = feature.get("geometry") if isinstance(feature, dict) and feature.get("type") == "Feature" else False
    if geometry is False:
        raise Refused(f"Item {number} of the GeoJSON file is not a Feature.")
    if geometry is not None and (not isinstance(geometry, dict) or geometry.get("type") not in GEOMETRY_TYPES):
        raise Refused(f"Feature {number} of the GeoJSON file has a geometry of an unknown type.")


def refuse_constant(name: str) -> None:
    """JSON has no NaN and no Infinity, though Python's parser takes them."""
    raise ValueError(name)


def read_with_gdal(folder: Path, path: Path, feature_count: int | None) -> dict[str, Any]:
    """Read the first layer with the one driver that the suffix names."""
    driver = DRIVERS[path.suffix]
    # GDAL looks at a file's content, not its name, and reads this variable when it is loaded: so set it before.
    os.environ["GDAL_SKIP"] = ",".join(name for name in os.environ["GDAL_DRIVERS"].split(",") if name != driver)
    from pyogrio import list_drivers, list_layers
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
    from pyogrio.raw import read as read_layer

    if set(list_drivers(read=True)) != {driver}:
        raise Refused("This installation can't lock GDAL down to one file format, so nothing was read.")
    try:
        layers = [str(name) for name in list_layers(path)[:, 0]]
        layer = os.environ.get("BOUNDARY_LAYER") or (layers[0] if layers else "")
        if layer not in layers or (len(layers) > 1 and not os.environ.get("BOUNDARY_LAYER")):
            raise Refused(f"The file has these layers: {', '.join(layers) or 'none'}. Name one of them with --layer.")
        meta, _, shapes, values = read_layer(path, layer=layer)
    except (
        DataLayerError,
        DataSourceError,
        FeatureError,
        FieldError,
        GeometryError,
        ValueError,
        RuntimeError,
    ) as error:
        raise Refused(f"The file's content is not {driver}, or it is damaged. Export it again.") from error
    if shapes is None:
        raise Refused("The file holds a table without shapes. Boundaries need polygons.")
    if feature_count is not None and feature_count != len(shapes):
        raise Refused(f"The file has {feature_count} features, but only {len(shapes)} of them could be read.")
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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
