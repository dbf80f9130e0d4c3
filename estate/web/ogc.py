"""The register for programs: OGC API - Features, read-only, with a token or in a signed-in browser (ADR 24)."""

import gzip
import json
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from estate.errors import EstateError
from estate.people.permissions import Permission
from estate.register.filters import BuildingFilters
from estate.web.access import for_programs, requires
from estate.web.database import current_session
from estate.web.errors import status_of
from estate.web.ogc_collections import NoSuchCollection, collections_of, get_collection
from estate.web.ogc_definition import PROBLEM, definition_document
from estate.web.ogc_documents import (
    CONFORMANCE,
    GEOJSON,
    JSON,
    OPENAPI,
    collection_document,
    collections_document,
    feature_links,
    landing_document,
    page_links,
    tilejson_document,
    tileset_document,
    tilesets_document,
)
from estate.web.ogc_questions import COMMON, PAGING, check_known, question_of
from estate.web.programmes import current_scope
from estate.web.token_access import CHALLENGE

blueprint = Blueprint("ogc", __name__, url_prefix="/ogc")

COMPRESS_FROM = 1000
COMPRESSION = 1


@blueprint.get("/", strict_slashes=False)
@requires(Permission.READ_REGISTER)
@for_programs
def landing() -> Response:
    """Where a program begins."""
    check_known(request.args, COMMON)
    return _answer(landing_document())


@blueprint.get("/api")
@requires(Permission.READ_REGISTER)
@for_programs
def definition() -> Response:
    """The API definition."""
    check_known(request.args, COMMON)
    return _answer(definition_document(collections_of(current_session()).values()), OPENAPI)


@blueprint.get("/conformance")
@requires(Permission.READ_REGISTER)
@for_programs
def conformance() -> Response:
    """What this API conforms to."""
    check_known(request.args, COMMON)
    return _answer({"conformsTo": CONFORMANCE})


@blueprint.get("/collections")
@requires(Permission.READ_REGISTER)
@for_programs
def collections() -> Response:
    """The collections."""
    check_known(request.args, COMMON)
    return _answer(collections_document(collections_of(current_session()).values()))


@blueprint.get("/collections/<collection>")
@requires(Permission.READ_REGISTER)
@for_programs
def one_collection(collection: str) -> Response:
    """One collection."""
    check_known(request.args, COMMON)
    return _answer(collection_document(get_collection(current_session(), collection)))


@blueprint.get("/collections/<collection>/items")
@requires(Permission.READ_REGISTER)
@for_programs
def items(collection: str) -> Response:
    """A page of features. How many there are in all is told on the first."""
    found = get_collection(current_session(), collection)
    check_known(request.args, (*COMMON, *PAGING, *found.filters, *found.values), ("json", "geojson"))
    mine = BuildingFilters(scope=current_scope())
    question = question_of(request.args, mine, found.filters, found.values)
    page = found.page(question)
    told: dict[str, Any] = {"type": "FeatureCollection", "features": page.features}
    told["links"] = page_links(found, page.features[-1]["id"] if page.has_more else None)
    if not question.after:
        told["numberMatched"] = found.count(question) if page.has_more else len(page.features)
    return _answer({**told, "numberReturned": len(page.features)}, GEOJSON)


@blueprint.get("/collections/<collection>/items/<feature_id>")
@requires(Permission.READ_REGISTER)
@for_programs
def item(collection: str, feature_id: str) -> Response:
    """One feature."""
    check_known(request.args, COMMON, ("json", "geojson"))
    found = get_collection(current_session(), collection)
    feature = found.feature(feature_id)
    return _answer({**feature, "links": feature_links(found, feature["id"])}, GEOJSON)


@blueprint.get("/collections/<collection>/tiles")
@requires(Permission.READ_MAP)
@for_programs
def tilesets(collection: str) -> Response:
    """The vector tiles of a collection."""
    check_known(request.args, COMMON)
    found = get_collection(current_session(), collection)
    if not found.has_tiles:
        raise NoSuchCollection
    return _answer(tilesets_document(found))


@blueprint.get("/collections/<collection>/tiles/WebMercatorQuad")
@requires(Permission.READ_MAP)
@for_programs
def tileset(collection: str) -> Response:
    """One tileset: where its tiles are, for OGC API - Tiles or as TileJSON."""
    check_known(request.args, COMMON, ("json", "tilejson"))
    found = get_collection(current_session(), collection)
    if not found.has_tiles:
        raise NoSuchCollection
    return _answer(tilejson_document(found) if request.args.get("f") == "tilejson" else tileset_document(found))


def _answer(document: dict[str, Any], kind: str = JSON) -> Response:
    """The document; 304 where the asker has it. Programs may keep it, and ask each time."""
    content = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    response = Response(content, content_type=kind)
    response.add_etag()
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept-Encoding", "Authorization", "Cookie"))
    if len(content) >= COMPRESS_FROM and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(content, COMPRESSION, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    response.make_conditional(request)
    return response


@blueprint.errorhandler(EstateError)
def refuse(error: EstateError) -> Response:
    """What is wrong, for a program: RFC 9457, with the code that OGC APIs ask for."""
    status = status_of(error)
    return _problem(400 if status == 422 else status, type(error).__name__, error.message)


@blueprint.errorhandler(HTTPException)
def refuse_request(error: HTTPException) -> Response:
    """The same of an error of HTTP; whoever is not known is asked for a token."""
    response = _problem(error.code or 500, type(error).__name__, error.description or "")
    if error.code == 401:
        response.www_authenticate = CHALLENGE
    return response


def _problem(status: int, code: str, detail: str) -> Response:
    told = {"type": "about:blank", "title": code, "status": status, "detail": detail}
    content = json.dumps({**told, "code": code, "description": detail}, ensure_ascii=False)
    return Response(content, status, content_type=PROBLEM)
