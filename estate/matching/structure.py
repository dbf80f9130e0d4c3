"""Sites, buildings and parts: what the decisions "part of" and "same site" make of buildings, as a pure function."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What stands under one number of the register."""

    SITE = "site"
    """A whole site in one record: its buildings stand on it."""
    BUILDING = "building"
    PART = "part"
    """A part of a building: counted inside it."""


class Refusal(Enum):
    """Why a "part of" can't hold beside the others."""

    CIRCLE = "circle"
    """It would be a part of itself, through others."""
    TWO_WHOLES = "two wholes"
    """It is a part of another building already."""


@dataclass(frozen=True)
class Structure:
    """Kind and parent of each building, and which stand on one site."""

    kind: Mapping[int, Kind]
    parent: Mapping[int, int]
    """The building of a part, and the site's own record of a building; absent where there is none."""
    sites: list[frozenset[int]]
    """Groups of two and more that stand on one site, parts included; in the order of their lowest id."""
    refused: Mapping[tuple[int, int], Refusal] = field(default_factory=dict)
    """Pairs (part, whole) that were left out."""


def structure(
    parts: Iterable[tuple[int, int]],
    same_site: Iterable[tuple[int, int]],
    *,
    site_lists: Collection[int] = (),
    chosen: Mapping[int, Kind] | None = None,
) -> Structure:
    """Kinds, parents and sites of the buildings that the pairs name; others are buildings that stand alone.

    `parts` are pairs (part, whole), taken in rising order: one that makes a circle, or gives a part a second whole, is
    refused. `site_lists` are buildings known from lists of whole sites only: with parts, they are sites. `chosen` is
    what somebody said a building is, site or building, and goes first. A part of a part is a part of the same building.
    """
    whole, refused = _wholes(sorted(set(parts)))
    neighbours = sorted(set(same_site))
    known = Sites(whole, frozenset(site_lists), chosen or {})
    kind = {number: known.kind(number) for pair in (*whole.items(), *neighbours) for number in pair}
    kind |= {number: known.kind(number) for number in known.chosen}
    parent = {number: known.parent(number) for number in whole}
    groups = Groups()
    for one, other in (*neighbours, *((number, parent[number]) for number in whole)):
        groups.join(known.root(one), known.root(other))
    parts_of: dict[int, set[int]] = {}
    for number in whole:
        parts_of.setdefault(known.root(number), set()).add(number)
    sites = [group | {part for number in group for part in parts_of.get(number, ())} for group in groups.all()]
    for group in sites:
        own = min((number for number in group if kind[number] is Kind.SITE), default=None)
        if own is not None:
            parent |= {row: own for row in group if kind[row] is Kind.BUILDING and row not in parent}
    return Structure(kind, parent, sorted((frozenset(group) for group in sites), key=min), refused)


@dataclass(frozen=True)
class Sites:
    """Which buildings are sites, and what stands on or in them."""

    whole: Mapping[int, int]
    """The direct whole of each part."""
    site_lists: frozenset[int]
    chosen: Mapping[int, Kind]

    def is_site(self, number: int) -> bool:
        """By choice, or because it comes from a list of sites and has parts. A part of a building is no site."""
        if number in self.whole and not self.is_site(self.whole[number]):
            return False
        if number in self.chosen:
            return self.chosen[number] is Kind.SITE
        return number in self.site_lists and number in self.whole.values()

    def kind(self, number: int) -> Kind:
        """What it is."""
        if self.is_site(number):
            return Kind.SITE
        is_part = number in self.whole and not self.is_site(self.whole[number])
        return Kind.PART if is_part else Kind.BUILDING

    def parent(self, number: int) -> int:
        """The site on which it stands, or the building, itself no part, that holds it."""
        above = self.whole[number]
        return above if self.is_site(above) else self.root(above)

    def root(self, number: int) -> int:
        """Itself, or of a part its building."""
        return self.parent(number) if self.kind(number) is Kind.PART else number


class Groups:
    """Numbers that are joined, directly or through others."""

    def __init__(self) -> None:
        self.of: dict[int, set[int]] = {}

    def join(self, one: int, other: int) -> None:
        """Both are in one group from here on."""
        group = self.of.get(one, {one}) | self.of.get(other, {other})
        self.of |= dict.fromkeys(group, group)

    def all(self) -> list[set[int]]:
        """The groups of two and more."""
        found = {id(group): group for group in self.of.values() if len(group) > 1}
        return list(found.values())


def _wholes(parts: Iterable[tuple[int, int]]) -> tuple[dict[int, int], dict[tuple[int, int], Refusal]]:
    whole: dict[int, int] = {}
    refused: dict[tuple[int, int], Refusal] = {}
    for part, other in parts:
        if part in whole:
            refused[part, other] = Refusal.TWO_WHOLES
        elif part in _above(whole, other):
            refused[part, other] = Refusal.CIRCLE
        else:
            whole[part] = other
    return whole, refused


def _above(whole: Mapping[int, int], number: int) -> list[int]:
    """The number, its whole, the whole of that, and so on."""
    found = [number]
    while found[-1] in whole:
        found.append(whole[found[-1]])
    return found
