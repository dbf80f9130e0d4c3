"""The address of a base map's tiles: what may stand in it, and whose host it asks. Pure; nothing is asked here."""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from estate.errors import InvalidInput

LONGEST = 1000
WRITTEN = {"z": "z", "x": "x", "y": "y", "tilematrix": "z", "tilecol": "x", "tilerow": "y"}
"""Placeholders as addresses of tiles and of WMTS write them, in small letters, and what they stand for."""
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})*")
PLAIN = re.compile(r"[A-Za-z0-9\-._~:/?&=+,;@!$()*%{}#]+")
"""No blanks, quotes or angle brackets: whatever else an address needs is written with %."""
SECRETS = re.compile(r"key|token|secret|passw|pwd|signature|credential|^(?:sig|auth|user|username)$", re.IGNORECASE)


class BadAddress(InvalidInput):
    """The address of the tiles can't be used as it is."""


def checked_address(text: str) -> str:
    """`text` with its placeholders written `{z}`, `{x}` and `{y}`. Raises `BadAddress`, whose sentence says why."""
    address = text.strip()
    if not address:
        raise BadAddress("Enter the address of the tiles")
    if len(address) > LONGEST:
        raise BadAddress(f"The address must have at most {LONGEST:,} characters")
    if not PLAIN.fullmatch(address):
        raise BadAddress("The address must have no blanks, quotes or other characters that addresses write with %")
    parts = _parts(address)
    _require_host(parts)
    _require_no_secret(parts)
    return _with_placeholders(address, parts)


def host_of(address: str) -> str:
    """The host of a checked address, with its port where it names one: `tiles.example.org`."""
    return urlsplit(address).netloc.lower()


def origin_of(address: str) -> str:
    """What a content security policy calls the host: `https://tiles.example.org`. Raises `BadAddress` where unsafe."""
    parts = _parts(address)
    _require_host(parts)
    return f"https://{parts.netloc.lower()}"


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise BadAddress("The address is no web address: check its host and port") from None
    if parts.scheme.lower() != "https":
        raise BadAddress("The address must begin with https://")
    return parts


def _require_host(parts: SplitResult) -> None:
    if "@" in parts.netloc:
        raise BadAddress("The address must hold no user name or password: every reader's browser would show them")
    name = (parts.hostname or "").lower()
    if not HOST.fullmatch(name) or len(name) > 253:
        raise BadAddress("The host must be one name such as tiles.example.org, without placeholders or wildcards")
    if parts.netloc.lower() not in (name, f"{name}:{parts.port}"):
        raise BadAddress("The address is no web address: check its host and port")


def _require_no_secret(parts: SplitResult) -> None:
    names = [name for name, _ in parse_qsl(parts.query.replace(";", "&"), keep_blank_values=True)]
    if any(SECRETS.search(unquote(name)) for name in names):
        raise BadAddress(
            "The address must hold no key, token or password: every reader's browser would show it. "
            "Take tiles that need none, or a proxy of your own that adds it"
        )
    if parts.fragment:
        raise BadAddress("The address must have nothing after a #")


def _with_placeholders(address: str, parts: SplitResult) -> str:
    found = PLACEHOLDER.findall(address)
    unknown = [name for name in found if name.lower() not in WRITTEN]
    if unknown:
        raise BadAddress(
            f"The address may hold no other placeholder than {{z}}, {{x}} and {{y}}: {{{unknown[0][:40]}}} is one. "
            "Write what it stands for in its place"
        )
    if "{" in PLACEHOLDER.sub("", address) or "}" in PLACEHOLDER.sub("", address):
        raise BadAddress("A brace in the address has no counterpart")
    written = PLACEHOLDER.sub(lambda match: f"{{{WRITTEN[match[1].lower()]}}}", address)
    counts = [written.count(f"{{{name}}}") for name in "zxy"]
    if counts != [1, 1, 1]:
        raise BadAddress(
            "The address must hold {z}, {x} and {y} once each; of a WMTS {TileMatrix}, {TileCol} and {TileRow}"
        )
    if len(PLACEHOLDER.findall(parts.path + parts.query)) != len(found):
        raise BadAddress("Placeholders may stand only after the host")
    return written
