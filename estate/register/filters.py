"""Which buildings somebody asks for: the same filters serve the list, its file, the maps and their tables."""

import enum
import re
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, func, literal_column, select

from estate.gis.tiles import Tile
from estate.register.as_at import day_of_reading
from estate.register.leases import LeaseState, has_listed_lease
from estate.register.models import Assumption, Building, BuildingKind, BuildingListed, BuildingStatus, Tenure
from estate.register.models.listed import IN_USE_SQL
from estate.register.programmes import Scope, listed_within
from estate.register.quality.listed import blank, breaks
from estate.register.regions import Within, within_conditions
from estate.register.squares import inside

IN_USE = frozenset({BuildingStatus.ACTIVE, BuildingStatus.VACANT, BuildingStatus.SURPLUS})
"""What the register counts unless somebody asks for more: not yet disposed of, and not a wrong record."""

IN_USE_CONDITION: ColumnElement[bool] = literal_column(f"({IN_USE_SQL})", Boolean)
"""The same, in the very words of the list's indexes."""

LONGEST_SEARCH = 200
SHORTEST_ANYWHERE = 3


ALL_CLASSES, LEFT_OUT = "all", "left_out"
"""In place of a class: every class, and all that are left out unless somebody asks for them."""
NO_PATCH = "-"
"""In place of a management patch: none is known."""


class Attention(enum.Enum):
    """What somebody should look at: gaps in a record, and leases that end or have ended."""

    NO_COST = "no_cost"
    NO_AREA = "no_area"
    NO_LOCATION = "no_location"
    NO_USE = "no_use"
    LEASE_ENDED = "lease_ended"
    LEASE_ENDING = "lease_ending"


class Fullness(enum.Enum):
    """How full a building is by its counts: its typical utilisation, or where no hours were counted its occupancy.

    Low and high are beyond the limits in force, `FULLNESS_LIMITS`; what lies between is neither.
    """

    LOW = "low"
    HIGH = "high"
    UNKNOWN = "unknown"


FULLNESS_LIMITS = {Fullness.LOW: "fullness_low", Fullness.HIGH: "fullness_high"}
"""Codes of the dated assumptions: below the first is low, from the second on is high."""


@dataclass(frozen=True)
class BuildingFilters:
    """All named conditions hold at once; None and the empty string leave a condition out."""

    text: str = ""
    """Words that each occur in the name, street, town, postcode, or at the start of the UPRN."""
    agency_id: int | None = None
    """The agency that answers for the record."""
    area_id: int | None = None
    """An area of any level."""
    use_class_code: str | None = None
    tenure: Tenure | None = None
    """Some agency holds this, today."""
    status: BuildingStatus | None = None
    """None: every status of `IN_USE`."""
    attention: Attention | None = None
    gap: str | None = None
    """Code of a rule of data quality that the building breaks."""
    kind: BuildingKind | None = None
    """None: buildings and sites. Parts of buildings are counted inside them."""
    site_id: int | None = None
    """What stands on this site."""
    class_code: str | None = None
    """One of the classes that are left out unless somebody asks for them, `LEFT_OUT` for all of these, or
    `ALL_CLASSES`. None: the usual classes.
    """
    patch: str = ""
    """The management patch, as its landlord calls it, or `NO_PATCH`."""
    block_id: int | None = None
    """The homes of this block."""
    fullness: Fullness | None = None
    within: Within | None = None
    """Near a place. What has no position is near none."""
    square: Tile | None = None
    """In one square of the map, of any zoom."""
    scope: Scope | None = None
    """Whose buildings the reader is shown: set by who asks, never chosen. None: the whole register."""

    @property
    def chosen(self) -> dict[str, Any]:
        """The conditions that somebody chose, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "scope"}
        return {name: value for name, value in values.items() if value not in (None, "")}

    def without(self, name: str) -> "BuildingFilters":
        """The same filters, less one."""
        default: Any = {field.name: field.default for field in fields(self)}[name]
        return replace(self, **{name: default})


def conditions(filters: BuildingFilters) -> list[ColumnElement[bool]]:
    """The filters as one condition on `Building`: one row a building, however many records speak of it."""
    return [Building.id.in_(filtered_ids(filters))]


def filtered_ids(filters: BuildingFilters) -> Select[Any]:
    """A query for the ids of the buildings that `filters` lets through."""
    return select(BuildingListed.id).where(*listed_conditions(filters))


def listed_conditions(filters: BuildingFilters) -> list[ColumnElement[bool]]:
    """The filters as conditions on `BuildingListed`: first `base_conditions`, then what else is asked for.

    Words and agencies are looked for in all records of a building; use and status are those that it shows.
    """
    found = [*base_conditions(filters), *(_word_condition(word) for word in search_words(filters.text))]
    if filters.scope is not None:
        found += listed_within(filters.scope, filters.agency_id)
    if filters.agency_id is not None:
        found.append(BuildingListed.agency_ids.contains([filters.agency_id]))
    for column, value in (
        (BuildingListed.status, filters.status),
        (BuildingListed.use_class_code, filters.use_class_code),
        (BuildingListed.site_id, filters.site_id),
    ):
        if value is not None and value != "":
            found.append(column == value)
    found += _place_conditions(filters)
    if filters.tenure is not None:
        found.append(BuildingListed.tenures.contains([filters.tenure.value]))
    if filters.attention is not None:
        found.append(needs(filters.attention))
    found += _stock_conditions(filters)
    if filters.fullness is not None:
        found.append(is_as_full(filters.fullness))
    if filters.gap is not None:
        found.append(breaks(filters.gap))
    return found


def _place_conditions(filters: BuildingFilters) -> list[ColumnElement[bool]]:
    """In which area, near which place, and in which square."""
    found: list[ColumnElement[bool]] = []
    if filters.area_id is not None:
        found.append(BuildingListed.area_ids.contains([filters.area_id]))
    if filters.within is not None:
        found += within_conditions(filters.within)
    if filters.square is not None:
        found += inside(filters.square)
    return found


def _stock_conditions(filters: BuildingFilters) -> list[ColumnElement[bool]]:
    """Where in the stock of a large class: the patch, and the block."""
    found: list[ColumnElement[bool]] = []
    if filters.patch:
        patch = BuildingListed.management_patch
        found.append(patch.is_(None) if filters.patch == NO_PATCH else patch == filters.patch)
    if filters.block_id is not None:
        in_block = (Building.parent_id == filters.block_id, Building.block_reference.is_not(None))
        found.append(BuildingListed.id.in_(select(Building.id).where(*in_block)))
    return found


def class_conditions(class_code: str | None) -> list[ColumnElement[bool]]:
    """The class of assets as conditions on `BuildingListed`."""
    if class_code == ALL_CLASSES:
        return []
    usual: ColumnElement[bool] = literal_column("building_listed.is_usual", Boolean)
    if class_code is None:
        return [usual]
    # The index of what is left out holds for no other class.
    is_class = [] if class_code == LEFT_OUT else [BuildingListed.asset_class_code == class_code]
    return [~usual, *is_class]


def base_conditions(filters: BuildingFilters) -> list[ColumnElement[bool]]:
    """What every list asks: the class of assets, the statuses, and whether parts of buildings are meant.

    Its indexes hold for these; one status of those in use is no more of them than an agency is. Some hold for those of
    which a value is unknown.
    """
    row = BuildingListed
    if filters.status in {None, *IN_USE} and filters.kind is not BuildingKind.PART and filters.class_code is None:
        kinds = [row.kind == filters.kind] if filters.kind else []
        return [IN_USE_CONDITION, *kinds, *(blank(filters.gap) if filters.gap else [])]
    return [
        *class_conditions(filters.class_code),
        row.status == filters.status
        if filters.status
        else row.status.in_(sorted(IN_USE, key=lambda found: found.value)),
        row.kind == filters.kind if filters.kind else row.kind != BuildingKind.PART,
    ]


def is_walked(filters: BuildingFilters) -> bool:
    """False where no index has in order what is asked for: the classes left out, parts, and what is out of use."""
    out_of_order = filters.kind is BuildingKind.PART or filters.class_code not in {None, ALL_CLASSES}
    return filters.status in {None, *IN_USE} and not out_of_order


def needs(attention: Attention) -> ColumnElement[bool]:
    """The buildings with this gap, or with a lease that ended, or ends or breaks within a year."""
    return {
        Attention.NO_COST: ~BuildingListed.has_cost,
        Attention.NO_AREA: BuildingListed.net_internal_area_m2.is_(None),
        Attention.NO_LOCATION: BuildingListed.location.is_(None),
        Attention.NO_USE: BuildingListed.use_class_code.is_(None),
        Attention.LEASE_ENDED: has_listed_lease(LeaseState.ENDED),
        Attention.LEASE_ENDING: has_listed_lease(LeaseState.ENDING),
    }[attention]


def is_as_full(fullness: Fullness) -> ColumnElement[bool]:
    """The buildings that are this full, by the limits of the day that is read."""
    ratio = BuildingListed.fullness_ratio
    if fullness is Fullness.UNKNOWN:
        return ratio.is_(None)
    limit = fullness_limit(fullness).scalar_subquery()
    return ratio < limit if fullness is Fullness.LOW else ratio >= limit


def fullness_limit(fullness: Fullness) -> Select[Any]:
    """The limit in force, a ratio."""
    return (
        select(Assumption.value)
        .where(Assumption.code == FULLNESS_LIMITS[fullness], Assumption.use_class_code.is_(None))
        .where(Assumption.valid_from <= day_of_reading())
        .order_by(Assumption.valid_from.desc())
        .limit(1)
    )


def search_words(text: str) -> list[str]:
    """The words of a search, without what the database can't hold; at most ten."""
    printable = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", text[:LONGEST_SEARCH])
    return printable.split()[:10]


def _word_condition(word: str) -> ColumnElement[bool]:
    """A word anywhere; one of a letter or two only where a word begins, so that an index finds it."""
    itself = re.sub(r"([%_\\])", r"\\\1", word)
    pattern = f"% {itself}%" if len(word) < SHORTEST_ANYWHERE else f"%{itself}%"
    found: ColumnElement[bool] = BuildingListed.search_text.like(func.lower(pattern))
    return found | BuildingListed.uprn.startswith(word) if word.isascii() and word.isdigit() else found
