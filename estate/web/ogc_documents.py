"""The documents of the OGC API besides features: the landing page, what it conforms to, collections and tiles."""

from collections.abc import Iterable
from typing import Any

from flask import request

from estate.register.features import extent_of
from estate.web.configuration import public_address
from estate.web.database import current_session
from estate.web.ogc_collections import Collection
from estate.web.page import place_name
from estate.web.programmes import current_programme, own_programmes

JSON, GEOJSON = "application/json", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
TILE = "application/vnd.mapbox-vector-tile"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
MATRIX = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
CONFORMANCE = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "oas30")
]
ZOOMS = (0, 18)

Document = dict[str, Any]


def link(rel: str, href: str, kind: str, title: str, **more: Any) -> Document:
    """A link as OGC APIs write it."""
    return {"rel": rel, "href": href, "type": kind, "title": title, **more}


def address(endpoint: str, **values: Any) -> str:
    """An address of this API. Where the reader has several programmes, it names the one that is read."""
    programme = current_programme()
    if programme is not None and len(own_programmes()) > 1:
        values.setdefault("programme", programme.slug)
    return public_address(endpoint, **values)


def landing_document() -> Document:
    """Where a program begins."""
    place = place_name()
    return {
        "title": f"Estate: {place}" if place else "Estate",
        "description": "The live register of public buildings, read-only, as you may see it.",
        "links": [
            link("self", address("ogc.landing"), JSON, "This document"),
            link("service-desc", address("ogc.definition"), OPENAPI, "The API definition"),
            link("service-doc", public_address("about.data"), "text/html", "About the data"),
            link("conformance", address("ogc.conformance"), JSON, "What this API conforms to"),
            link("data", address("ogc.collections"), JSON, "The collections"),
            link(TILESETS, address("ogc.tilesets", collection="buildings"), JSON, "Buildings as vector tiles"),
        ],
    }


def collections_document(found: Iterable[Collection]) -> Document:
    """Every collection."""
    links = [link("self", address("ogc.collections"), JSON, "This document")]
    return {"links": links, "collections": [collection_document(one) for one in found]}


def collection_document(one: Collection) -> Document:
    """One collection."""
    links = [
        link("self", address("ogc.one_collection", collection=one.id), JSON, one.title),
        link("items", address("ogc.items", collection=one.id), GEOJSON, f"{one.title}: features"),
    ]
    if one.has_tiles:
        links.append(link(TILESETS, address("ogc.tilesets", collection=one.id), JSON, f"{one.title}: tiles"))
    extent = {"bbox": [list(extent_of(current_session()))], "crs": CRS84}
    return {
        "id": one.id,
        "title": one.title,
        "description": one.description,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {"spatial": extent, "temporal": {"interval": [[None, None]], "trs": GREGORIAN}},
        "links": links,
    }


def page_links(one: Collection, after: int | None) -> list[Document]:
    """The links of a page of features; `after` is its last id, where more follow."""
    arguments = request.args.to_dict()
    found = [
        link("self", address("ogc.items", collection=one.id, **arguments), GEOJSON, "This page"),
        link("collection", address("ogc.one_collection", collection=one.id), JSON, one.title),
    ]
    if after is not None:
        following = {**arguments, "after": after}
        found.append(link("next", address("ogc.items", collection=one.id, **following), GEOJSON, "The next page"))
    return found


def feature_links(one: Collection, number: int) -> list[Document]:
    """The links of one feature."""
    own = address("ogc.item", collection=one.id, feature_id=number)
    return [
        link("self", own, GEOJSON, "This feature"),
        link("collection", address("ogc.one_collection", collection=one.id), JSON, one.title),
    ]


def tilesets_document(one: Collection) -> Document:
    """The tilesets of a collection: one."""
    own = address("ogc.tilesets", collection=one.id)
    return {"links": [link("self", own, JSON, "This document")], "tilesets": [tileset_document(one)]}


def tileset_document(one: Collection) -> Document:
    """The tileset, with the address of its tiles, after OGC API - Tiles."""
    row_and_column = tile_addresses("{tileMatrix}", "{tileCol}", "{tileRow}")
    own = address("ogc.tileset", collection=one.id)
    return {
        "title": f"{one.title}: cells with their sums up to zoom 12, then buildings",
        "dataType": "vector",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "tileMatrixSetURI": MATRIX,
        "links": [
            link("self", own, JSON, "This tileset"),
            link("alternate", address("ogc.tileset", collection=one.id, f="tilejson"), JSON, "As TileJSON"),
            link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", MATRIX, JSON, "WebMercatorQuad"),
            link("item", row_and_column, TILE, "A tile", templated=True),
        ],
    }


LAYERS: dict[str, dict[str, str]] = {
    "outlines": {},
    "cells": {"n": "Number", "area": "Number", "cost": "Number", "capacity": "Number", "people": "Number"},
    "buildings": {"id": "Number", "name": "String", "use": "String", "cost": "Number", "area": "Number"},
    "joined": {"id": "Number", "name": "String", "use": "String", "cost": "Number", "area": "Number"},
}


def tilejson_document(one: Collection) -> Document:
    """The same tileset as TileJSON 3.0.0, which MapLibre, QGIS and others read."""
    return {
        "tilejson": "3.0.0",
        "name": one.title,
        "tiles": [tile_addresses("{z}", "{x}", "{y}")],
        "minzoom": ZOOMS[0],
        "maxzoom": ZOOMS[1],
        "bounds": list(extent_of(current_session())),
        "vector_layers": [{"id": layer, "fields": fields} for layer, fields in LAYERS.items()],
    }


def tile_addresses(zoom: str, column: str, row: str) -> str:
    """The address of the tiles of buildings, with these words for the numbers."""
    return address("map_tiles.show", zoom=0, x=0, y=0).replace("/0/0/0.mvt", f"/{zoom}/{column}/{row}.mvt")
