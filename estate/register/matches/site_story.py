"""A site with its buildings and their parts, and what they come to together, each figure once."""

from dataclasses import dataclass, replace

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from estate.errors import NotFound
from estate.register.classes import is_usual
from estate.register.filters import BuildingFilters
from estate.register.matches.members import shown_buildings
from estate.register.models import Building, BuildingKind, MatchDecision, MatchVerdict, Site
from estate.register.programmes import Scope
from estate.register.queries import BuildingRow, list_buildings
from estate.register.seen import unseen
from estate.register.shown import is_building, is_counted
from estate.register.summary import RegisterSummary, register_summary
from estate.settings import get_settings

NEAREST = 20
RELATIONS = (MatchVerdict.SAME_SITE, MatchVerdict.PART_OF)


class NoSuchSite(NotFound):
    """There is no such site in the register."""


@dataclass(frozen=True)
class SiteStory:
    """What a site's page shows."""

    site: Site
    name: str
    own: list[BuildingRow]
    """Records that stand for the whole site; they report its figures as a whole."""
    buildings: list[BuildingRow]
    parts: dict[int, list[Building]]
    """The parts of each building, by its id."""
    summary: RegisterSummary
    """Sums over the site, each figure once."""
    decisions: list[MatchDecision]
    """Live decisions that make it one site."""
    agency_ids: frozenset[int]
    """The agencies with a record on it: their asset managers may name it."""

    @property
    def part_count(self) -> int:
        """How many parts its buildings have."""
        return sum(len(parts) for parts in self.parts.values())


def get_site(session: Session, site_id: int) -> Site:
    """The site with this id. Raises `NoSuchSite`."""
    site = session.get(Site, site_id) if 0 < site_id < 2**63 else None
    if site is None:
        raise NoSuchSite
    return site


def site_story(session: Session, site: Site, scope: Scope | None = None) -> SiteStory:
    """A site with all that stands on it, or what of it `scope` shows."""
    here = BuildingFilters(site_id=site.id, scope=scope)
    rows = list_buildings(session, here, page_size=None).rows
    seen = [] if scope is None else [Building.id.in_([row.building.id for row in rows])]
    ids = list(session.scalars(select(Building.id).where(Building.site_id == site.id, *seen)))
    live = (
        select(MatchDecision)
        .where(MatchDecision.retracted_at.is_(None), MatchDecision.verdict.in_(RELATIONS))
        .where(MatchDecision.low_id.in_(ids), MatchDecision.high_id.in_(ids))
        .order_by(MatchDecision.id)
    )
    parts: dict[int, list[Building]] = {}
    for part in list_buildings(session, replace(here, kind=BuildingKind.PART), page_size=None).rows:
        parts.setdefault(part.building.parent_id or 0, []).append(part.building)
    return SiteStory(
        site=site,
        name=site_name(session, site),
        own=[row for row in rows if row.building.kind is BuildingKind.SITE],
        buildings=[row for row in rows if row.building.kind is BuildingKind.BUILDING],
        parts=parts,
        summary=register_summary(session, here),
        decisions=list(session.scalars(live).unique()),
        agency_ids=_agencies_on(session, site),
    )


def _agencies_on(session: Session, site: Site) -> frozenset[int]:
    """The agencies of all its records, also of those that the reader may not see: permissions ask for them."""
    with unseen(session):
        return frozenset(session.scalars(select(Building.agency_id).where(Building.site_id == site.id)))


def site_name(session: Session, site: Site) -> str:
    """What somebody called it, else the name of the record of the whole site, else that of its oldest building."""
    if site.name:
        return site.name
    query = select(Building).where(Building.site_id == site.id, is_building())
    first = session.scalars(query.order_by(Building.kind != BuildingKind.SITE, Building.id).limit(1)).one_or_none()
    if first is None:
        return f"Site {site.id}"
    name = shown_buildings(session, [first])[0].name
    return name if first.kind is BuildingKind.SITE else f"Site of {name}"


def parts_of(session: Session, building_id: int) -> list[Building]:
    """The parts of a building, as they are shown, by name."""
    query = select(Building).where(Building.parent_id == building_id, Building.kind == BuildingKind.PART, is_building())
    return sorted(shown_buildings(session, list(session.scalars(query).unique())), key=lambda part: part.name)


@dataclass(frozen=True)
class Standing:
    """Where a building stands: its site, what it is a part of, and its own parts."""

    site_id: int | None
    site_name: str
    whole: Building | None
    """The building of which it is a part, as it is shown."""
    parts: list[Building]


def standing_of(session: Session, building: Building) -> Standing:
    """Where a building stands."""
    whole = session.get(Building, building.parent_id) if building.kind is BuildingKind.PART else None
    return Standing(
        site_id=building.site_id,
        site_name=site_name(session, building.site) if building.site else "",
        whole=shown_buildings(session, [whole])[0] if whole else None,
        parts=parts_of(session, building.id),
    )


def nearest(session: Session, building: Building) -> list[tuple[Building, float]]:
    """The buildings nearest to one that do not stand on its site, with the metres between; none where it has no place.

    They are what somebody who puts a site together most likely looks for.
    """
    if building.location is None:
        return []
    srid = get_settings().metric_srid
    here = func.ST_Transform(building.location, srid)
    metres = func.ST_Distance(func.ST_Transform(Building.location, srid), here)
    elsewhere = or_(Building.site_id.is_(None), Building.site_id != (building.site_id or 0))
    query = (
        select(Building, metres)
        .where(is_counted(), is_usual(), Building.retired_at.is_(None), Building.id != building.id)
        .where(Building.location.is_not(None), elsewhere)
        .order_by(Building.location.op("<->")(building.location))
        .limit(NEAREST)
    )
    found = sorted(((row[0], float(row[1])) for row in session.execute(query).unique()), key=lambda row: row[1])
    shown = shown_buildings(session, [one for one, _ in found])
    return list(zip(shown, (metre for _, metre in found), strict=True))
