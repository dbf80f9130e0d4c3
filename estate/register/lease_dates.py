"""The lease diary of the whole register, read from the database: which days press, of which leases, filtered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from estate.errors import InvalidInput
from estate.gis.models import Area
from estate.register.as_at import day_of_reading
from estate.register.diary import DiaryKind, Due, add_months, dues_of
from estate.register.filters import BuildingFilters, filtered_ids
from estate.register.matches.members import shown_buildings
from estate.register.models import Building, Interest
from estate.register.programmes import Scope
from estate.register.queries import areas_of
from estate.register.shown import counted_id

SORTS = ("day", "building", "agency", "kind", "rent")
USUAL_MONTHS = 24
"""How far ahead the diary looks unless it is told."""
MOST_MONTHS = 25 * 12
MOST_NOTICE_MONTHS = 120


class TooFarAhead(InvalidInput):
    """The diary looks at most 25 years ahead. Choose an earlier day."""


class DatesReversed(InvalidInput):
    """The last day comes before the first. Change one of them."""


@dataclass(frozen=True)
class DiaryFilters:
    """All conditions hold at once; None leaves one out."""

    agency_id: int | None = None
    """The agency that holds the lease."""
    area_id: int | None = None
    kind: DiaryKind | None = None
    since: date | None = None
    """The first day; None: everything that is past and still open, too."""
    until: date | None = None
    """The last day; None: `USUAL_MONTHS` from the day of reading."""
    class_code: str | None = None
    """As in `BuildingFilters`."""
    scope: Scope | None = None
    """Whose buildings the reader is shown; the leases of their own agency they may always ask for."""


@dataclass(frozen=True)
class DiaryEntry:
    """One day of one lease, with what a page or a calendar says beside it."""

    due: Due
    interest: Interest
    building: Building
    areas: list[Area]

    @property
    def uid(self) -> str:
        """The same for good for this day of this lease, however the day moves."""
        return f"interest-{self.interest.id}-{self.due.key}"

    @property
    def sequence(self) -> int:
        """A number that grows with every change of the lease or its building."""
        return self.interest.version + self.building.version - 2

    @property
    def changed_at(self) -> datetime:
        """When the lease or its building was changed last."""
        return max(self.interest.recorded_at, self.building.changed_at)

    @property
    def address(self) -> str:
        """Street, town and postcode, as far as they are known."""
        building = self.building
        return ", ".join(part for part in (building.street, building.post_town, building.postcode) if part)


@dataclass(frozen=True)
class Diary:
    """The entries that filters let through."""

    entries: list[DiaryEntry]
    today: date
    """The day that the diary speaks of: today, or that of `as_at.look_back`."""
    until: date

    @property
    def past(self) -> list[DiaryEntry]:
        """What is past and still open."""
        return [entry for entry in self.entries if entry.due.is_past]

    @property
    def coming(self) -> list[DiaryEntry]:
        """What is to come."""
        return [entry for entry in self.entries if not entry.due.is_past]

    @property
    def months(self) -> list[tuple[date, list[DiaryEntry]]]:
        """What is to come by month, named by its first day. For entries in the order of their days."""
        return [
            (month, list(found)) for month, found in groupby(self.coming, lambda entry: entry.due.day.replace(day=1))
        ]


def read_diary(session: Session, filters: DiaryFilters, *, sort: str = "day") -> Diary:
    """The diary; `sort` is one of `SORTS`, with a minus in front for descending. Unknown rents come last.

    Only leases of buildings that the register counts. Raises `TooFarAhead`, `DatesReversed`.
    """
    today = session.scalars(select(day_of_reading())).one()
    until = filters.until or add_months(today, USUAL_MONTHS)
    if until > add_months(today, MOST_MONTHS):
        raise TooFarAhead(fields={"until": "must be within 25 years"})
    if filters.since is not None and until < filters.since:
        raise DatesReversed(fields={"until": f"must not come before {filters.since.isoformat()}"})
    interests = _list_interests(session, filters, until)
    dues = [(due, interest) for interest in interests for due in dues_of(interest, today, until)]
    wanted = [
        (due, interest)
        for due, interest in dues
        if filters.kind in (None, due.kind) and (filters.since is None or due.day >= filters.since)
    ]
    return Diary(_sorted(_with_buildings(session, wanted), sort), today, until)


def _scope_of(filters: DiaryFilters) -> Scope | None:
    is_own = filters.scope is not None and filters.agency_id in filters.scope.own_agency_ids
    return None if is_own else filters.scope


def _buildings(filters: DiaryFilters) -> BuildingFilters:
    return BuildingFilters(area_id=filters.area_id, class_code=filters.class_code, scope=_scope_of(filters))


def _list_interests(session: Session, filters: DiaryFilters, until: date) -> Sequence[Interest]:
    # A notice is due up to ten years before its break.
    far = add_months(until, MOST_NOTICE_MONTHS)
    near = [day <= until for day in (Interest.lease_end_on, Interest.review_on)]
    near += [day <= far for day in (Interest.break_on, Interest.break_earliest_on, Interest.break_last_on)]
    query = (
        select(Interest)
        .join(Building, Building.id == Interest.building_id)
        .where(
            Interest.ended_on.is_(None),
            or_(*near),
            counted_id().in_(filtered_ids(_buildings(filters))),
        )
        .order_by(Interest.id)
        .options(undefer(Interest.recorded_at))
    )
    if filters.agency_id is not None:
        query = query.where(Interest.agency_id == filters.agency_id)
    return session.scalars(query).unique().all()


def _with_buildings(session: Session, dues: list[tuple[Due, Interest]]) -> list[DiaryEntry]:
    ids = {interest.building_id for _, interest in dues}
    records = session.scalars(select(Building).where(Building.id.in_(ids))).unique().all()
    homes = {record.id: record.canonical_id or record.id for record in records}
    found = session.scalars(select(Building).where(Building.id.in_(set(homes.values())))).unique().all()
    buildings = {home.id: shown for home, shown in zip(found, shown_buildings(session, list(found)), strict=True)}
    areas = areas_of(session, buildings)
    entries = []
    for due, interest in dues:
        home = homes[interest.building_id]
        entries.append(DiaryEntry(due, interest, buildings[home], areas[home]))
    return entries


def _sorted(entries: list[DiaryEntry], sort: str) -> list[DiaryEntry]:
    key = sort.removeprefix("-")
    entries = sorted(entries, key=lambda entry: (entry.due.day, entry.building.name.casefold(), entry.uid))
    if key == "rent":
        unknown = [entry for entry in entries if entry.interest.rent_per_year is None]
        known = [entry for entry in entries if entry.interest.rent_per_year is not None]
        return [*sorted(known, key=_rent, reverse=sort.startswith("-")), *unknown]
    keys = {
        "building": lambda entry: entry.building.name.casefold(),
        "agency": lambda entry: entry.interest.agency.name.casefold(),
        "kind": lambda entry: entry.due.kind.value,
    }
    return sorted(entries, key=keys.get(key, attrgetter("due.day")), reverse=sort.startswith("-"))


def _rent(entry: DiaryEntry) -> Decimal:
    return entry.interest.rent_per_year or Decimal(0)
