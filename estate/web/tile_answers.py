"""Tiles that a web process gives again: as long as all that they rest on stands, which the database says each time."""

import gzip
from dataclasses import dataclass, replace

from flask import Flask, Response, current_app, g, request, session

from estate.errors import NotFound
from estate.gis.tiles import Tile, tile_at
from estate.people.permissions import Identity
from estate.register.programmes import Scope
from estate.web import as_at, programmes
from estate.web.access import recognise, signed_in_identity
from estate.web.database import bare_session, current_session
from estate.web.memory import Memory
from estate.web.sessions import token_hash
from estate.web.standing import Standing, find_standing
from estate.web.token_access import shows_token

ENDPOINT = "map_tiles.show"
EXTENSION = "estate_tile_answers"
ASKED = "asked_tile"
"""Where `g` holds what the request's tile rests on."""
MIMETYPE = "application/vnd.mapbox-vector-tile"
TILES_BYTES, PEOPLE_BYTES = 48 * 2**20, 4 * 2**20
"""Room in each web process."""
ENTRY_BYTES, ID_BYTES = 600, 80
"""About what one takes beside its content."""
COMPRESSION = 1
COMPRESS_FROM = 1000
ELSEWHERE = (as_at.PARAMETER, programmes.PARAMETER)
"""An address that names a day or a programme is always answered anew."""


@dataclass(frozen=True)
class Answer:
    """A tile, packed where that is worth it, and the tag under which browsers keep it."""

    tag: str | None
    content: bytes | None = None
    """None where only the tag was worked out, for a browser that had the tile."""
    packed: bytes | None = None

    @property
    def is_kept_there(self) -> bool:
        """True where the browser that asks has it."""
        return self.tag is not None and self.tag in request.if_none_match


@dataclass(frozen=True)
class Person:
    """Who asks and what they are shown. The identity is without seats on boards, which no tile asks for."""

    identity: Identity
    scope: Scope | None


@dataclass(frozen=True)
class Asked:
    """What this request's tile rests on, as the database gave it when the request came."""

    tile: Tile
    token_hash: str
    standing: Standing

    @property
    def person(self) -> str:
        """Names who asks, in the programme in which they work."""
        return f"{self.standing.person} {session.get(programmes.KEPT)}"

    @property
    def name(self) -> str:
        """Names the answer."""
        eyes, version = self.standing.eyes, self.standing.version
        return f"{eyes} {version} {session.get(programmes.KEPT)} {request.full_path}"


def init_tile_answers(app: Flask) -> None:
    """Look for what may be given again before anything else runs: call it before `init_access`."""
    init_memories(app)
    app.before_request(_again)


def init_memories(app: Flask) -> None:
    """Nothing is remembered yet."""
    app.extensions[EXTENSION] = (Memory[Answer](TILES_BYTES), Memory[Person](PEOPLE_BYTES))


def _again() -> Response | None:
    """The answer that still stands; None lets the request go its usual way, which knows its user where they stand."""
    if request.endpoint != ENDPOINT or shows_token() or any(name in request.args for name in ELSEWHERE):
        return None
    hashed = token_hash()
    if hashed is None:
        return None
    try:
        tile = tile_at(**(request.view_args or {}))
    except NotFound:
        return None
    with bare_session() as reading:
        standing = find_standing(reading, hashed, tile)
    if standing is None:
        return None
    asked = Asked(tile, hashed, standing)
    setattr(g, ASKED, asked)
    answers, people = current_app.extensions[EXTENSION]
    answer = answers.find(asked.name)
    if answer is not None and (answer.content is not None or answer.is_kept_there):
        return respond(answer)
    person = people.find(asked.person)
    if person is not None:
        recognise(person.identity)
        setattr(g, programmes.KNOWN_SCOPE, person.scope)
    return None


def remember(answer: Answer, scope: Scope | None) -> None:
    """Keep what the usual way made of this request, if all that it rests on still stands as when the request came."""
    asked: Asked | None = g.get(ASKED)
    if asked is None or answer.tag is None or session.modified:
        return
    if find_standing(current_session(), asked.token_hash, asked.tile) != asked.standing:
        return
    answers, people = current_app.extensions[EXTENSION]
    size = len(answer.content or b"") + len(answer.packed or b"")
    answers.keep(asked.name, answer, size + len(asked.name) + ENTRY_BYTES)
    identity = replace(signed_in_identity(), board_ids=frozenset(), chaired_board_ids=frozenset())
    agencies = len(identity.partner_agency_ids) + len(scope.own_agency_ids if scope else ())
    people.keep(asked.person, Person(identity, scope), ENTRY_BYTES + ID_BYTES * agencies)


def packed(tag: str | None, content: bytes) -> Answer:
    """An answer of `content`, packed where that is worth it."""
    is_large = len(content) >= COMPRESS_FROM
    return Answer(tag, content, gzip.compress(content, COMPRESSION, mtime=0) if is_large else None)


def respond(answer: Answer) -> Response:
    """The tile, or that the browser's own still holds: it keeps tiles, and asks each time."""
    if answer.is_kept_there:
        response = Response(status=304)
    elif answer.packed is not None and request.accept_encodings["gzip"] > 0:
        response = Response(answer.packed, mimetype=MIMETYPE)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(answer.content, mimetype=MIMETYPE)
    if answer.tag is not None:
        response.set_etag(answer.tag)
        response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept-Encoding", "Authorization", "Cookie"))
    return response
