"""What a map document must know of the base map that its reader chose."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class BaseLayer:
    """Tiles of another host beneath the map. `address` holds `{z}`, `{x}` and `{y}`; all else is text for people."""

    name: str
    host: str
    address: str
    origin: str
    """What the document's policy opens for pictures: this and no other host."""
    attribution: str
    minimum_zoom: int
    maximum_zoom: int

    @property
    def facts(self) -> dict[str, Any]:
        """The same for `static/map/base.js`."""
        return asdict(self)
