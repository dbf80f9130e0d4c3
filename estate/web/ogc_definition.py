"""The definition of the OGC API in OpenAPI 3.0: every path that the reader has, and every parameter it takes."""

from collections.abc import Iterable
from typing import Any

from estate.exports.tables import Kind
from estate.web.configuration import public_address
from estate.web.ogc_collections import Collection
from estate.web.ogc_documents import GEOJSON, JSON
from estate.web.ogc_questions import DEFAULT_LIMIT, LONGEST_VALUE, MOST, choices_of

Document = dict[str, Any]
PROBLEM = "application/problem+json"
TYPES = {
    Kind.TEXT: {"type": "string"},
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.YES_NO: {"type": "boolean"},
}
ERRORS = {
    "400": {"$ref": "#/components/responses/Problem"},
    "401": {"$ref": "#/components/responses/Problem"},
    "404": {"$ref": "#/components/responses/Problem"},
}
MEANINGS = {
    "text": "Words that each occur in the name, street, town, postcode, or at the start of the UPRN",
    "status": "Where a building is in its life; without it, those in use",
    "kind": "Buildings and sites unless another kind is asked for",
    "tenure": "Some agency holds this today",
    "area": "The id of an area of any level",
    "class": "A class of assets that is left out unless it is asked for; `all` for all",
}


def definition_document(collections: Iterable[Collection]) -> Document:
    """The whole definition."""
    paths: Document = {
        "/": _path("landing", "Where a program begins", _json("links")),
        "/conformance": _path("conformance", "What this API conforms to", _json("conformsTo")),
        "/collections": _path("collections", "The collections", _json("collections")),
    }
    for one in collections:
        paths |= _paths_of(one)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Estate",
            "version": "1.0.0",
            "description": "The live register of public buildings, read-only. Make a token on your account page, and "
            "give it as the password of Basic authentication or as a Bearer token.",
        },
        "servers": [{"url": public_address("ogc.landing").rstrip("/")}],
        "security": [{"basic": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "responses": {"Problem": {"description": "What is wrong", "content": {PROBLEM: {"schema": _problem()}}}},
            "parameters": SHARED,
        },
    }


def _paths_of(one: Collection) -> Document:
    items = {"schema": {"type": "object", "required": ["type", "features"], "properties": _collection_schema(one)}}
    found = {
        f"/collections/{one.id}": _path(f"{one.id}-collection", one.title, _json("id")),
        f"/collections/{one.id}/items": _path(
            f"{one.id}-items", f"{one.title}: features", {GEOJSON: items}, [*_shared(PAGING), *_own_parameters(one)]
        ),
        f"/collections/{one.id}/items/{{featureId}}": _path(
            f"{one.id}-item",
            f"{one.title}: one feature",
            {GEOJSON: {"schema": _feature_schema(one)}},
            [{"name": "featureId", "in": "path", "required": True, "schema": {"type": "integer"}}],
        ),
    }
    if one.has_tiles:
        tiles = f"/collections/{one.id}/tiles"
        found[tiles] = _path(f"{one.id}-tilesets", f"{one.title}: tilesets", _json("tilesets"))
        found[f"{tiles}/WebMercatorQuad"] = _path(f"{one.id}-tileset", f"{one.title}: vector tiles", _json("links"))
    return found


def _query(name: str, schema: Document, meaning: str) -> Document:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": schema,
        "style": "form",
        "explode": False,
        "description": meaning,
    }


PAGING = ("limit", "bbox", "datetime", "after")
SHARED: Document = {
    "f": _query("f", {"type": "string", "enum": ["json"]}, "The format: there is one"),
    "programme": _query("programme", {"type": "string"}, "The programme that is read, where you have several"),
    "limit": _query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
        "At most so many features a page; more than the maximum gives the maximum",
    ),
    "bbox": _query(
        "bbox",
        {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        "West, south, east and north in degrees (CRS84). West may be more than east: over the antimeridian.",
    ),
    "datetime": _query("datetime", {"type": "string"}, "A moment, a day, or two with a slash between; .. is open"),
    "after": _query("after", {"type": "integer", "minimum": 0}, "Begin after this id: for the links to next pages"),
}


def _shared(names: Iterable[str]) -> list[Document]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _own_parameters(one: Collection) -> list[Document]:
    found = []
    for name in one.filters:
        schema: Document = {"type": "integer"} if name == "area" else {"type": "string", "maxLength": LONGEST_VALUE}
        found.append(_query(name, {**schema, "enum": choices_of(name)} if choices_of(name) else schema, MEANINGS[name]))
    of_text = {"type": "string", "maxLength": LONGEST_VALUE}
    return [*found, *(_query(name, of_text, f"Features whose {name} is this") for name in one.values)]


def _path(name: str, summary: str, content: Document, parameters: list[Document] | None = None) -> Document:
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": [*_shared(("f", "programme")), *(parameters or [])],
            "responses": {"200": {"description": summary, "content": content}, **ERRORS},
        }
    }


def _json(needed: str) -> Document:
    return {JSON: {"schema": {"type": "object", "required": [needed]}}}


def _feature_schema(one: Collection) -> Document:
    properties = {
        column.name: {
            **TYPES[column.kind],
            "nullable": True,
            **({"description": column.meaning} if column.meaning else {}),
        }
        for column in one.columns
    }
    return {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "integer"},
            "geometry": {"type": "object", "nullable": True, "properties": {"type": {"enum": [one.geometry]}}},
            "properties": {"type": "object", "properties": properties},
        },
    }


def _collection_schema(one: Collection) -> Document:
    return {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": _feature_schema(one)},
        "links": {"type": "array", "items": {"type": "object"}},
        "numberReturned": {"type": "integer"},
        "numberMatched": {"type": "integer"},
    }


def _problem() -> Document:
    text = {"type": "string"}
    properties = {"type": text, "title": text, "status": {"type": "integer"}, "detail": text, "code": text}
    return {"type": "object", "required": ["code"], "properties": properties}
