"""What a map says of itself: looks (how a feature is drawn) and the legend that explains them."""

from dataclasses import asdict, dataclass, field
from typing import Any

from estate.gis.maps.palettes import UNKNOWN_COLOUR


@dataclass(frozen=True)
class Look:
    """How features of one kind are drawn. `shape` is a point's; `pattern` is laid over an area's fill."""

    colour: str
    shape: str = "area"
    pattern: str = ""
    is_hollow: bool = False


@dataclass(frozen=True)
class Entry:
    """One line of a legend; `count` is how many features it stands for, None where that says nothing."""

    text: str
    look: Look
    count: int | None = None


@dataclass(frozen=True)
class Legend:
    """The legend of one layer. `note` says how the classes were made and what the figure is."""

    title: str
    entries: tuple[Entry, ...]
    note: str = ""


@dataclass(frozen=True)
class Caption:
    """What stands on the map itself: its subject, and the line with unit, date and source at its foot."""

    title: str
    source: str = ""
    is_synthetic: bool = False

    @property
    def foot(self) -> str:
        """The line at the foot of the map."""
        return ". ".join(part for part in ("Synthetic data" * self.is_synthetic, self.source) if part)


UNKNOWN_AREA = Look(UNKNOWN_COLOUR, pattern="hatch")
EMPTY_AREA = Look("#fbfcfb")
APPROXIMATE = Look("#4d5c59", shape="circle", is_hollow=True)


@dataclass
class Looks:
    """The looks of one document: each is sent once, and features name theirs by its place."""

    items: list[Look] = field(default_factory=list)

    def place(self, look: Look) -> int:
        """The place of `look`, which is added where it is new."""
        if look not in self.items:
            self.items.append(look)
        return self.items.index(look)

    def as_json(self) -> list[dict[str, Any]]:
        """The looks as the browser reads them."""
        return [asdict(look) for look in self.items]
