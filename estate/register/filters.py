"""Which buildings somebody asks for: the same filters serve the list, its file, the maps and their tables."""

import enum
import re
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select

from estate.register.leases import LeaseState, has_lease
from estate.register.models import (
    Building,
    BuildingArea,
    BuildingKind,
    BuildingStatus,
    FieldOverride,
    Interest,
    RunningCost,
    Tenure,
)
from estate.register.programmes import Scope, within
from estate.register.quality.checks import broken_ids
from estate.register.shown import building_ids, counted_id, is_building, is_counted, shown

IN_USE = frozenset({BuildingStatus.ACTIVE, BuildingStatus.VACANT, BuildingStatus.SURPLUS})
"""What the register counts unless somebody asks for more: not yet disposed of, and not a wrong record."""

LONGEST_SEARCH = 200


class Attention(enum.Enum):
    """What somebody should look at: gaps in a record, and leases that end or have ended."""

    NO_COST = "no_cost"
    NO_AREA = "no_area"
    NO_LOCATION = "no_location"
    NO_USE = "no_use"
    LEASE_ENDED = "lease_ended"
    LEASE_ENDING = "lease_ending"


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
    """The filters as conditions on `Building`: one row a building, whatever the number of records that speak of it.

    Words and agencies are looked for in all its records; use and status are those that it shows.
    """
    wanted = [filters.status] if filters.status else sorted(IN_USE, key=lambda status: status.value)
    one_by_one = is_counted() if filters.kind is None else and_(is_building(), Building.kind == filters.kind)
    found: list[ColumnElement[bool]] = [one_by_one, _shows_one_of(wanted)]
    if filters.scope is not None:
        found += within(filters.scope, filters.agency_id)
    found += [Building.id.in_(building_ids(_is_called(word))) for word in search_words(filters.text)]
    if filters.agency_id is not None:
        found.append(Building.id.in_(building_ids(Building.agency_id == filters.agency_id)))
    if filters.use_class_code:
        found.append(shown(Building.use_class_code) == filters.use_class_code)
    if filters.area_id is not None:
        of_building = BuildingArea.building_id == Building.id
        found.append(exists().where(and_(of_building, BuildingArea.area_id == filters.area_id)))
    if filters.tenure is not None:
        held = and_(Interest.building_id == Building.id, Interest.tenure == filters.tenure, Interest.ended_on.is_(None))
        found.append(Building.id.in_(building_ids(exists().where(held))))
    if filters.site_id is not None:
        found.append(Building.site_id == filters.site_id)
    if filters.attention is not None:
        found.append(needs(filters.attention))
    if filters.gap is not None:
        found.append(Building.id.in_(broken_ids(filters.gap, newest_cost_year())))
    return found


def _shows_one_of(wanted: list[BuildingStatus]) -> ColumnElement[bool]:
    alone = and_(Building.canonical_id.is_(None), Building.status.in_(wanted))
    return or_(alone, and_(Building.canonical_id.is_not(None), shown(Building.status).in_(wanted)))


def newest_cost_year() -> ScalarSelect[int]:
    """Start of the newest financial year that is about complete: with at least half the buildings of the best year."""
    buildings = func.count(RunningCost.building_id.distinct())
    counts = select(RunningCost.year_start, buildings.label("count")).group_by(RunningCost.year_start).cte()
    most = select(func.max(counts.c.count)).scalar_subquery()
    return select(func.max(counts.c.year_start)).where(counts.c.count * 2 >= most).scalar_subquery()


def needs(attention: Attention) -> ColumnElement[bool]:
    """The buildings with this gap, or with a lease that ended, or ends or breaks within a year."""
    of_year = and_(RunningCost.building_id == Building.id, RunningCost.year_start == newest_cost_year())
    home = select(counted_id()).join(RunningCost, of_year)
    return {
        Attention.NO_COST: Building.id.not_in(home),
        Attention.NO_AREA: shown(Building.net_internal_area_m2).is_(None),
        Attention.NO_LOCATION: shown(Building.location).is_(None),
        Attention.NO_USE: shown(Building.use_class_code).is_(None),
        Attention.LEASE_ENDED: Building.id.in_(building_ids(has_lease(LeaseState.ENDED))),
        Attention.LEASE_ENDING: Building.id.in_(building_ids(has_lease(LeaseState.ENDING))),
    }[attention]


def filtered_ids(filters: BuildingFilters) -> Select[Any]:
    """A query for the ids of the buildings that `filters` lets through."""
    return select(Building.id).where(*conditions(filters))


def search_words(text: str) -> list[str]:
    """The words of a search, without what the database can't hold; at most ten."""
    printable = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", text[:LONGEST_SEARCH])
    return printable.split()[:10]


def _is_called(word: str) -> ColumnElement[bool]:
    """The word is in what the record says, or in what a steward chose for it."""
    chosen = select(FieldOverride.building_id).where(
        FieldOverride.retracted_at.is_(None),
        FieldOverride.field.in_(["name", "street", "post_town", "postcode", "uprn"]),
        FieldOverride.value.icontains(word, autoescape=True),
    )
    return or_(_word_condition(word), Building.id.in_(chosen))


def _word_condition(word: str) -> ColumnElement[bool]:
    anywhere = [Building.name, Building.street, Building.post_town, Building.postcode]
    matches = [column.icontains(word, autoescape=True) for column in anywhere]
    if word.isascii() and word.isdigit():
        matches.append(Building.uprn.startswith(word))
    return or_(*matches)
