"""What of the register belongs to a programme: the buildings of its agencies in its areas, as conditions in SQL.

Membership is that of the day of which a query speaks: an agency that stepped back still stands in the past.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, ColumnElement, and_, cast, delete, exists, false, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from estate import audit
from estate.gis.models import Area
from estate.people.models import Agency
from estate.people.programme_models import Programme, ProgrammeMember
from estate.people.programmes import partners_in, takes_part
from estate.register.as_at import day_of_reading
from estate.register.models import Building, BuildingArea, BuildingListed, ProgrammeArea
from estate.register.shown import building_ids, canonical_id, shown


@dataclass(frozen=True)
class Scope:
    """Whose buildings somebody is shown."""

    programme_id: int | None
    """The programme they work in. None: they take part in none, and see the records of their own agencies only."""
    own_agency_ids: frozenset[int] = frozenset()
    """Agencies whose records they may ask for by name, wherever these take part."""


@dataclass(frozen=True)
class Sight:
    """Where a building stands: what permissions ask for."""

    agency_ids: frozenset[int]
    """The agencies of its records."""
    programme_ids: frozenset[int]
    """The programmes that show it, on the day that is read."""


def within(scope: Scope, agency_id: int | None = None) -> list[ColumnElement[bool]]:
    """Conditions on `Building` for what `scope` shows; `agency_id` is the agency that is asked for by name."""
    if agency_id is not None and agency_id in scope.own_agency_ids:
        return []
    if scope.programme_id is None:
        return [Building.id.in_(building_ids(Building.agency_id.in_(scope.own_agency_ids)))]
    return [in_programme(scope.programme_id)]


def in_programme(programme_id: int) -> ColumnElement[bool]:
    """A record is of an agency that takes part on the day that is read, and the building lies in the areas covered.

    A building whose place is unknown is not left out: it may well lie there.
    """
    partners = partners_in([programme_id], day_of_reading())
    record = aliased(Building, name="partner_record")
    of_partner = select(record.canonical_id).where(record.canonical_id.is_not(None), record.agency_id.in_(partners))
    alone = and_(Building.canonical_id.is_(None), Building.agency_id.in_(partners))
    covered = select(ProgrammeArea.area_id).where(ProgrammeArea.programme_id == programme_id)
    lying = aliased(BuildingArea, name="lying")
    inside = exists().where(lying.building_id == Building.id, lying.area_id.in_(covered))
    place_unknown = shown(Building.location).is_(None)
    return and_(or_(alone, Building.canonical_id.in_(of_partner)), or_(~covered.exists(), inside, place_unknown))


def listed_within(scope: Scope, agency_id: int | None = None) -> list[ColumnElement[bool]]:
    """The same conditions as `within`, on `BuildingListed`."""
    if agency_id is not None and agency_id in scope.own_agency_ids:
        return []
    row = BuildingListed
    if scope.programme_id is None:
        return [row.agency_ids.overlap(cast(sorted(scope.own_agency_ids), ARRAY(BigInteger)))]
    partners = partners_in([scope.programme_id], day_of_reading()).subquery()
    covered = select(ProgrammeArea.area_id).where(ProgrammeArea.programme_id == scope.programme_id)
    of_partner = row.agency_ids.overlap(select(func.array_agg(partners.c.agency_id)).scalar_subquery())
    areas = covered.subquery()
    inside = row.area_ids.overlap(select(func.array_agg(areas.c.area_id)).scalar_subquery())
    # Most buildings are of the programme. Said like this the database expects many, and does not look by an index.
    known_inside = func.coalesce(inside, false())
    return [func.coalesce(of_partner, false()), or_(~covered.exists(), known_inside, row.location.is_(None))]


def is_whole_register(session: Session, programme_id: int) -> bool:
    """True where the programme covers every area and every agency takes part: nothing is left out, so nothing to ask.

    Lets the usual installation, one partnership, read its register without a further condition.
    """
    has_areas = select(ProgrammeArea.area_id).where(ProgrammeArea.programme_id == programme_id).exists()
    outside = select(Agency.id).where(Agency.id.not_in(partners_in([programme_id], day_of_reading()))).exists()
    return bool(session.scalar(select(~has_areas & ~outside)))


def sight_of(session: Session, building: Building) -> Sight:
    """Where the building of this record stands, on the day that is read."""
    whole = building.canonical_id or building.id
    agencies = session.scalars(select(Building.agency_id).where(canonical_id() == whole))
    programmes = session.scalars(select(Programme.id)).all()
    shows = select(Building.id).where(Building.id == whole)
    return Sight(
        frozenset(agencies),
        frozenset(number for number in programmes if session.scalar(shows.where(in_programme(number)))),
    )


def last_stay_of(session: Session, agency_ids: Collection[int]) -> ProgrammeMember | None:
    """The latest stay of one of these agencies that has ended, where none of them takes part anywhere today."""
    stays = select(ProgrammeMember).where(ProgrammeMember.agency_id.in_(agency_ids))
    if session.scalar(stays.where(takes_part()).limit(1)) is not None:
        return None
    ended = stays.where(ProgrammeMember.left_on <= func.current_date())
    return session.scalars(ended.order_by(ProgrammeMember.left_on.desc()).limit(1)).unique().one_or_none()


def covered_areas(session: Session, programme: Programme) -> list[Area]:
    """The areas that the programme covers, the largest level first; none: everything."""
    query = select(Area).join(ProgrammeArea, ProgrammeArea.area_id == Area.id)
    areas = session.scalars(query.where(ProgrammeArea.programme_id == programme.id)).unique()
    return sorted(areas, key=lambda area: (area.level.rank, area.name))


def shown_area_ids(session: Session, programme_id: int) -> frozenset[int] | None:
    """Areas in force that the programme covers, those inside them, and those that hold them; None: every area.

    Inside by parents, and where those are not known by the point inside each area.
    """
    covered = select(ProgrammeArea.area_id).where(ProgrammeArea.programme_id == programme_id)
    if session.scalar(covered.limit(1)) is None:
        return None
    below = select(Area.id).where(Area.id.in_(covered)).cte("below", recursive=True)
    below = below.union(select(Area.id).join(below, Area.parent_id == below.c.id))
    above = select(Area.id, Area.parent_id).where(Area.id.in_(covered)).cte("above", recursive=True)
    above = above.union(select(Area.id, Area.parent_id).join(above, Area.id == above.c.parent_id))
    whole = aliased(Area)
    orphans = select(Area.id).join(whole, func.ST_Covers(whole.geometry, func.ST_PointOnSurface(Area.geometry)))
    lying_in = orphans.where(whole.id.in_(covered), Area.parent_id.is_(None), Area.level_code != whole.level_code)
    found = or_(Area.id.in_(select(below.c.id)), Area.id.in_(select(above.c.id)), Area.id.in_(lying_in))
    return frozenset(session.scalars(select(Area.id).where(Area.valid_until.is_(None), found)))


def cover(
    session: Session, programme: Programme, areas: Collection[Area], *, actor: int | None, reason: str = ""
) -> None:
    """Let the programme cover these areas and no other; none at all: everything."""
    before, after = covered_areas(session, programme), sorted(areas, key=lambda area: (area.level.rank, area.name))
    if {area.id for area in before} == {area.id for area in after}:
        return
    session.execute(delete(ProgrammeArea).where(ProgrammeArea.programme_id == programme.id))
    rows = [{"programme_id": programme.id, "area_id": area.id} for area in after]
    if rows:
        session.execute(insert(ProgrammeArea), rows)
    names = [", ".join(area.name for area in found) or "everything" for found in (before, after)]
    audit.record(
        session,
        actor=actor,
        action="change areas",
        subject_type="programme",
        subject_id=programme.id,
        reason=reason,
        changes={"areas": names},
    )
