"""The formats a table can be written in: every module of this folder that holds a `FORMAT` is one."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import BinaryIO

from estate.errors import NotFound
from estate.exports.tables import Table


class UnknownFormat(NotFound):
    """There is no such format of export."""


@dataclass(frozen=True)
class Format:
    """How a table becomes a file."""

    name: str
    """For people, such as `Excel`."""
    mimetype: str
    suffix: str
    """Without the dot. Also the format's name on the command line and in addresses."""
    write: Callable[[Table, BinaryIO], None]
    purpose: str = ""
    """What it is good for, in a few words."""
    sort: int = 100

    def content(self, table: Table) -> bytes:
        """The whole file in memory."""
        stream = io.BytesIO()
        self.write(table, stream)
        return stream.getvalue()


@cache
def formats() -> dict[str, Format]:
    """Every format by its suffix, in the order in which people are offered them."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    found = sorted((module.FORMAT for module in modules if hasattr(module, "FORMAT")), key=lambda one: one.sort)
    return {one.suffix: one for one in found}


def get_format(suffix: str) -> Format:
    """The format with this suffix. Raises `UnknownFormat`, naming those there are."""
    try:
        return formats()[suffix.lower()]
    except KeyError:
        raise UnknownFormat(f"There is no format “{suffix[:20]}”. Choose one of {', '.join(formats())}.") from None
