"""Reads Mapbox Vector Tiles, as much of them as PostGIS writes: so that tests see what a map sees.

Source: Mapbox Vector Tile specification 2.1, and the Protocol Buffers wire format.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Feature:
    """One feature: what it says, and its points in the tile's units, of all rings together."""

    properties: dict[str, Any]
    points: list[tuple[int, int]]


def layers_of(content: bytes) -> dict[str, list[Feature]]:
    """The features of each layer."""
    found = {}
    for number, layer in _fields(content):
        assert number == 3
        fields = list(_fields(layer))
        keys = [value.decode() for number, value in fields if number == 3]
        values = [_value(value) for number, value in fields if number == 4]
        name = next(value.decode() for number, value in fields if number == 1)
        found[name] = [_feature(value, keys, values) for number, value in fields if number == 2]
    return found


def _feature(content: bytes, keys: list[str], values: list[Any]) -> Feature:
    parts = dict(_fields(content))
    tags = list(_varints(parts.get(2, b"")))
    properties = {keys[tags[place]]: values[tags[place + 1]] for place in range(0, len(tags), 2)}
    return Feature(properties, list(_points(list(_varints(parts[4])))))


def _points(commands: list[int]) -> Iterator[tuple[int, int]]:
    place, x, y = 0, 0, 0
    while place < len(commands):
        kind, count = commands[place] & 7, commands[place] >> 3
        place += 1
        if kind == 7:
            continue
        for _ in range(count):
            x += _signed(commands[place])
            y += _signed(commands[place + 1])
            place += 2
            yield x, y


def _value(content: bytes) -> Any:
    number, value = next(_fields(content))
    if number == 1:
        return value.decode()
    if number in (2, 3):
        return struct.unpack("<f" if number == 2 else "<d", value)[0]
    return bool(value) if number == 7 else _signed(value) if number == 6 else value


def _signed(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def _fields(content: bytes) -> Iterator[tuple[int, Any]]:
    place = 0
    while place < len(content):
        tag, place = _varint(content, place)
        kind = tag & 7
        if kind == 0:
            value, place = _varint(content, place)
            yield tag >> 3, value
            continue
        size = {1: 8, 5: 4}.get(kind)
        if size is None:
            size, place = _varint(content, place)
        yield tag >> 3, content[place : place + size]
        place += size


def _varints(content: bytes) -> Iterator[int]:
    place = 0
    while place < len(content):
        value, place = _varint(content, place)
        yield value


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
