"""Which building stands on which site, and what is a part of what: derived from live decisions, rebuilt at any time."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, cast, func, insert, select, text
from sqlalchemy.orm import Session

from estate.matching.structure import Kind, Structure, structure
from estate.register import listed
from estate.register.matches.chosen import choices_in_force
from estate.register.matches.site_lists import SITE_LISTS
from estate.register.models import (
    Building,
    BuildingStatus,
    MatchDecision,
    MatchVerdict,
    Site,
    SourceRecord,
    describes_building,
)
from estate.register.seen import unseen
from estate.register.shown import canonical_id, is_restricted

DERIVED = ("kind", "parent_id", "site_id")

NEAR = """
WITH RECURSIVE reached(id) AS (
    SELECT id FROM building WHERE id = ANY(:ids)
    UNION
    SELECT id FROM building WHERE canonical_id = ANY(:ids)
    UNION
    SELECT other.id FROM building b JOIN building other ON other.canonical_id = b.canonical_id WHERE b.id = ANY(:ids)
    UNION
    SELECT d.other FROM reached r CROSS JOIN LATERAL (
        SELECT high_id AS other FROM match_decision
        WHERE low_id = r.id AND verdict IN ('same', 'same_site', 'part_of') AND retracted_at IS NULL
        UNION ALL
        SELECT low_id FROM match_decision
        WHERE high_id = r.id AND verdict IN ('same', 'same_site', 'part_of') AND retracted_at IS NULL
        UNION ALL
        SELECT home.id FROM building block JOIN building home USING (agency_id, block_reference)
        WHERE block.id = r.id AND block.is_block AND block.block_reference IS NOT NULL
    ) d
)
SELECT id FROM reached
"""

EVERYWHERE = """
SELECT low_id FROM match_decision WHERE verdict IN ('same_site', 'part_of') AND retracted_at IS NULL
UNION SELECT id FROM building WHERE kind <> 'building' OR parent_id IS NOT NULL OR site_id IS NOT NULL
UNION SELECT building_id FROM field_override WHERE field = 'kind' AND retracted_at IS NULL
UNION SELECT id FROM building WHERE block_reference IS NOT NULL
"""

BLOCKS = """
SELECT home.id, block.id FROM building home JOIN building block USING (agency_id, block_reference)
WHERE home.id = ANY(:ids) AND NOT home.is_block AND home.block_reference IS NOT NULL
    AND block.is_block AND block.status <> 'retired' AND block.sensitivity NOT IN ('owner', 'secret')
"""
"""The block of each of these homes, as its landlord's list says. A home that stands on a site with a record of its own,
or is a part of another building, belongs there first.
"""

WRITE = """
UPDATE building SET kind = new.kind, parent_id = new.parent_id, site_id = new.site_id
FROM unnest(CAST(:ids AS bigint[]), CAST(:kinds AS buildingkind[]),
    CAST(:parents AS bigint[]), CAST(:sites AS bigint[])) AS new(id, kind, parent_id, site_id)
WHERE building.id = new.id
    AND (building.kind, building.parent_id, building.site_id) IS DISTINCT FROM (new.kind, new.parent_id, new.site_id)
RETURNING building.id
"""


def rebuild_sites(session: Session, record_ids: Collection[int] | None = None) -> None:
    """Work out anew kind, parent and site of every record that these are near to, or of all.

    Every record of a building holds those of the building. A retired or restricted record stands alone.
    """
    with unseen(session):
        _rebuild_sites(session, record_ids)


def _rebuild_sites(session: Session, record_ids: Collection[int] | None) -> None:
    ids = sorted(session.scalars(text(EVERYWHERE))) if record_ids is None else list(record_ids)
    near = sorted(session.scalars(text(NEAR), {"ids": ids}))
    if not near:
        return
    home = _homes(session, near)
    found = _structure(session, home)
    sites, blocks = _sites(session, found, home), _blocks(session, home)
    rows = [(number, home.get(number, number)) for number in near]
    moved = session.scalars(
        text(WRITE),
        {
            "ids": [number for number, _ in rows],
            "kinds": [found.kind.get(head, Kind.BUILDING).value for _, head in rows],
            "parents": [found.parent.get(head, blocks.get(head)) for _, head in rows],
            "sites": [sites.get(head) for _, head in rows],
        },
    ).all()
    if moved:
        # What they belonged to until now is among those that they are near to.
        listed.refresh(session, near)
    for building in session.identity_map.values():
        if isinstance(building, Building):
            session.expire(building, DERIVED)


def structure_near(session: Session, record_ids: Collection[int]) -> Structure:
    """What the live decisions make of the buildings near these records."""
    session.flush()
    return _structure(session, _homes(session, sorted(session.scalars(text(NEAR), {"ids": list(record_ids)}))))


def _homes(session: Session, record_ids: list[int]) -> dict[int, int]:
    """The building of each of these records that is in use and not restricted."""
    wanted = Building.id == any_(cast(record_ids, ARRAY(BigInteger)))
    in_use = (Building.status != BuildingStatus.RETIRED, ~is_restricted())
    return dict(session.execute(select(Building.id, canonical_id()).where(wanted, *in_use)).all())


def _structure(session: Session, home: dict[int, int]) -> Structure:
    heads = set(home.values())
    pairs: dict[MatchVerdict, list[tuple[int, int]]] = {MatchVerdict.PART_OF: [], MatchVerdict.SAME_SITE: []}
    query = select(MatchDecision.low_id, MatchDecision.high_id, MatchDecision.verdict, MatchDecision.part_id).where(
        MatchDecision.retracted_at.is_(None), MatchDecision.verdict.in_(list(pairs)), _among(MatchDecision.low_id, home)
    )
    for low, high, verdict, part_id in session.execute(query):
        if low in home and high in home:
            one, other = (high, low) if part_id == high else (low, high)
            pairs[verdict].append((home[one], home[other]))
    choices = choices_in_force(session, heads)
    chosen = {head: Kind(own["kind"].value) for head, own in choices.items() if "kind" in own}
    return structure(
        pairs[MatchVerdict.PART_OF],
        pairs[MatchVerdict.SAME_SITE],
        site_lists=_from_site_lists(session, home),
        chosen=chosen,
    )


def _blocks(session: Session, home: dict[int, int]) -> dict[int, int]:
    """The block of each building of which some record is a home in one."""
    found = session.execute(text(BLOCKS), {"ids": list(home)}).all()
    return {home[record_id]: home.get(block_id, block_id) for record_id, block_id in found}


def _from_site_lists(session: Session, home: dict[int, int]) -> set[int]:
    """Buildings of which every record comes from a list of whole sites."""
    rows = session.execute(
        select(SourceRecord.building_id, func.min(SourceRecord.layout))
        .where(_among(SourceRecord.building_id, home), describes_building(SourceRecord.layout))
        .group_by(SourceRecord.building_id)
    )
    layouts = dict(rows.all())
    others = {head for number, head in home.items() if layouts.get(number) not in SITE_LISTS}
    return set(home.values()) - others


def _sites(session: Session, found: Structure, home: dict[int, int]) -> dict[int, int]:
    """The site of each building that stands on one, made where there is none yet.

    Of several that were known before, that which somebody named, and then that of the oldest founder.
    """
    query = select(Site.name.is_(None), Site.founder_id, Site.id).where(_among(Site.founder_id, home))
    by_head: dict[int, list[tuple[bool, int, int]]] = defaultdict(list)
    for row in session.execute(query):
        by_head[home[row[1]]].append((row[0], row[1], row[2]))
    answer: dict[int, int] = {}
    for group in found.sites:
        known = [row for head in group for row in by_head[head]]
        site_id = min(known)[2] if known else _found(session, min(group))
        answer |= dict.fromkeys(group, site_id)
    return answer


def _found(session: Session, founder_id: int) -> int:
    return session.scalars(insert(Site).values(founder_id=founder_id, version=1).returning(Site.id)).one()


def _among(column: Any, ids: Iterable[int]) -> Any:
    return column == any_(cast(list(ids), ARRAY(BigInteger)))
