"""Fetches boundaries from an ArcGIS layer or an OGC API - Features collection into a GeoJSON file, page by page.

A set with a page missing or sent twice would close or join areas without a word: the count that the service states must
be met by as many different features, or nothing is kept.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from estate.gis.boundaries.errors import BoundaryServiceFailed
from estate.gis.boundaries.service import Service

PAGE_FEATURES = 1000
ARCGIS = re.compile(r"/(Feature|Map)Server/\d+$")
COLLECTION = re.compile(r"/collections/[^/]+$")


def fetch_features(address: str, path: Path) -> int:
    """Write all features at `address` to `path`, in longitude and latitude; gives how many.

    `address` ends with `/FeatureServer/0`, `/MapServer/0` or `/collections/NAME`. Raises `BoundaryServiceFailed`.
    """
    service = Service(address)
    if ARCGIS.search(address):
        features = _arcgis_features(service, address)
    elif COLLECTION.search(address):
        features = _collection_features(service, address)
    else:
        raise BoundaryServiceFailed(
            "The address of the service must end with /FeatureServer/ or /MapServer/ and a number, or /collections/ "
            "and a name."
        )
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return len(features)


def _arcgis_features(service: Service, address: str) -> list[dict[str, Any]]:
    layer = _arcgis(service, address, f="json")
    size = layer.get("maxRecordCount")
    size = min(size, PAGE_FEATURES) if isinstance(size, int) and size > 0 else PAGE_FEATURES
    number_field = layer.get("objectIdField")
    order = {"orderByFields": number_field} if isinstance(number_field, str) else {}
    everything: dict[str, str | int] = {"where": "1=1", "outFields": "*", "outSR": 4326, **order}
    answer = _arcgis(service, f"{address}/query", f="json", where="1=1", returnCountOnly="true")
    total = _stated(service, answer.get("count"))
    features: list[dict[str, Any]] = []
    while len(features) < total:
        paging = {"resultOffset": len(features), "resultRecordCount": size}
        page = _page(service, _arcgis(service, f"{address}/query", f="geojson", **everything, **paging))
        if not page:
            break
        features += page
    return _whole(service, features, total)


def _arcgis(service: Service, address: str, **parameters: str | int) -> dict[str, Any]:
    """An answer of ArcGIS, which tells of its errors with status 200."""
    answer = service.object_at(address, **parameters)
    if "error" in answer:
        raise BoundaryServiceFailed(f"{service.host} refuses the question. Check the address in the list of services.")
    return answer


def _collection_features(service: Service, address: str) -> list[dict[str, Any]]:
    answer = service.object_at(f"{address}/items", f="json", limit=PAGE_FEATURES)
    total, at, visited = _stated(service, answer.get("numberMatched")), f"{address}/items", set()
    features = _page(service, answer)
    while (following := _next(answer)) is not None:
        at = urljoin(at, following)
        if at in visited:
            raise BoundaryServiceFailed(f"{service.host} sends the same page again and again, so nothing was stored.")
        visited.add(at)
        answer = service.object_at(at)
        features += _page(service, answer)
    return _whole(service, features, total)


def _next(answer: dict[str, Any]) -> str | None:
    """The link to the next page; None on the last."""
    links = answer.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("href"), str):
            return str(link["href"])
    return None


def _page(service: Service, answer: dict[str, Any]) -> list[dict[str, Any]]:
    features = answer.get("features")
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise BoundaryServiceFailed(f"{service.host} answers something that is not GeoJSON.")
    return features


def _stated(service: Service, total: object) -> int:
    if not isinstance(total, int):
        raise BoundaryServiceFailed(
            f"{service.host} does not say how many features it has, so nobody can know whether all of them came. "
            "Download the set from its publisher, and load the file."
        )
    return total


def _whole(service: Service, features: list[dict[str, Any]], total: int) -> list[dict[str, Any]]:
    """The features, where there are as many as the service said, each once."""
    if len(features) != total:
        raise BoundaryServiceFailed(
            f"{service.host} says that it has {total:,} features, but sent {len(features):,}. Nothing was stored."
        )
    known = [
        str(feature["id"]) if feature.get("id") is not None else json.dumps(feature, sort_keys=True)
        for feature in features
    ]
    if len(known) != len(set(known)):
        raise BoundaryServiceFailed(f"{service.host} sends some features twice. Nothing was stored; try again later.")
    return features
