"""GeoJSON, read without GDAL: GDAL drops null features, empties misspelt geometries and follows links."""

import json
import re
from typing import Any

import shapely
from shapely.geometry import shape

from estate.register.imports.readers import SHAPE_COLUMNS, Sheet
from estate.register.imports.readers.delimited import decode
from estate.register.imports.readers.spreadsheet import cell_text
from estate.sandbox import UnreadableFile

NOT_GEOJSON = "This JSON is not GeoJSON: it needs a FeatureCollection with a list of features."
EPSG = re.compile(r"EPSG:(?:[\d.]*:)?(\d{4,6})$", re.IGNORECASE)


def read_geojson(content: bytes, name: str) -> tuple[Sheet, str]:
    """One row a feature, null features and broken geometries included, and the name of the encoding."""
    text, encoding = decode(content)
    document = _parse(text)
    features = _features(document)
    columns = list(dict.fromkeys(key for feature in features for key in _properties(feature)))
    sheet = Sheet(name, srid=_srid(document))
    sheet.add(0, [*columns, *SHAPE_COLUMNS])
    for number, feature in enumerate(features, start=1):
        properties = _properties(feature)
        cells = [_text(properties.get(column)) for column in columns]
        sheet.add(number, [*cells, *_shape_cells(feature)])
    return sheet, encoding


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"The JSON is broken on line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise UnreadableFile("The JSON is nested too deeply to be read.") from None
    except ValueError as error:
        message = str(error) if isinstance(error, UnreadableFile) else "The JSON holds a number too long to be read."
        raise UnreadableFile(message) from None


def _refuse_constant(name: str) -> Any:
    raise UnreadableFile(f"The JSON holds {name}, which is not a number. Leave the value out, or write null.")


def _features(document: Any) -> list[Any]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "Feature":
        return [document]
    if kind != "FeatureCollection" or not isinstance(document.get("features"), list):
        raise UnreadableFile(NOT_GEOJSON)
    if not document["features"]:
        raise UnreadableFile("The FeatureCollection holds no features.")
    features: list[Any] = document["features"]
    return features


def _properties(feature: Any) -> dict[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return properties if isinstance(properties, dict) else {}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else cell_text(value)


def _srid(document: Any) -> int | None:
    """The EPSG code of an old-style `crs` member; links are refused, nothing is fetched."""
    crs = document.get("crs") if isinstance(document, dict) else None
    if not isinstance(crs, dict):
        return None
    properties = crs.get("properties")
    name = properties.get("name") if crs.get("type") == "name" and isinstance(properties, dict) else None
    if not isinstance(name, str):
        raise UnreadableFile(
            "The GeoJSON names its coordinate system by a link. Remove its “crs” member, or name an EPSG code."
        )
    if name.upper().endswith("CRS84"):
        return 4326
    if found := EPSG.search(name):
        return int(found[1])
    raise UnreadableFile(
        f"The coordinate system “{name[:80]}” is not known. Use longitude and latitude, or an EPSG code."
    )


def _shape_cells(feature: Any) -> list[str]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return ["", "", "", "broken"]
    geometry = feature.get("geometry")
    if geometry is None:
        return ["", "", "", "missing"]
    try:
        return shape_cells(shape(geometry))
    except Exception:
        return ["", "", "", "broken"]


def shape_cells(geometry: shapely.Geometry | None) -> list[str]:
    """A point inside the geometry, its polygons as hex WKB, and what is wrong with it."""
    if geometry is None or geometry.is_empty:
        return ["", "", "", "missing"]
    geometry = shapely.force_2d(geometry)
    if not shapely.is_valid(geometry):
        geometry = shapely.make_valid(geometry)
    if geometry.is_empty:
        return ["", "", "", "broken"]
    point = geometry if geometry.geom_type == "Point" else shapely.point_on_surface(geometry)
    outline = shapely.MultiPolygon([part for part in _parts(geometry) if part.geom_type == "Polygon" and part.area > 0])
    return [repr(point.x), repr(point.y), "" if outline.is_empty else shapely.to_wkb(outline, hex=True), ""]


def _parts(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    """Single geometries of any nesting of collections."""
    if not hasattr(geometry, "geoms"):
        return [geometry]
    return [part for member in geometry.geoms for part in _parts(member)]
