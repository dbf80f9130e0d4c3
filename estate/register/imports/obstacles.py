"""What stands in the way of undoing an import: everything later that depends on what it stored."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.register.change_sets import added_rows, versioned_tables
from estate.register.models import Import


@dataclass(frozen=True)
class Obstacle:
    """One thing that depends on an import."""

    building_id: int | None
    """None: a building that the reader may not see."""
    building_name: str
    what: str
    """What was done, as a sentence about the building without its name, such as `was changed by hand`."""
    at: datetime | None = None
    actor_name: str | None = None
    """None: the system, such as an operator's command."""
    reason: str = ""
    import_id: int | None = None
    """The later import, where it was one."""
    proposal_id: int | None = None
    """The proposal, where it is one."""


Uses = Callable[[Session, Collection[int], Collection[int]], list[Obstacle]]
"""`(session, building_ids, occupation_ids) -> obstacles`: what a room above the register knows of their use."""

ADDED = """
SELECT DISTINCT r.building_id FROM source_record r
WHERE r.import_id = :import_id AND NOT EXISTS (
        SELECT 1 FROM source_record e WHERE e.building_id = r.building_id AND e.id < r.id)
    AND EXISTS (SELECT 1 FROM event e WHERE e.subject_type = 'building' AND e.subject_id = r.building_id
        AND e.action = 'import_building' AND e.group_id = :change_set)
UNION ALL
SELECT b.id FROM building b
WHERE b.is_block AND b.status <> 'retired'
    AND EXISTS (SELECT 1 FROM event e WHERE e.subject_type = 'building' AND e.subject_id = b.id
        AND e.action = 'import_building' AND e.group_id = :change_set)
    AND NOT EXISTS (SELECT 1 FROM building home
        WHERE home.agency_id = b.agency_id AND home.block_reference = b.block_reference AND NOT home.is_block
            AND home.status <> 'retired' AND NOT EXISTS (SELECT 1 FROM event e WHERE e.subject_type = 'building'
                AND e.subject_id = home.id AND e.action = 'import_building' AND e.group_id = :change_set)
            AND NOT EXISTS (SELECT 1 FROM history.building h WHERE h.id = home.id
                AND h.superseded_by = :change_set AND h.block_reference IS DISTINCT FROM b.block_reference))
"""
"""And the blocks that it made, unless homes that came otherwise are in them."""
TEAMS = f"SELECT t.id FROM occupation t WHERE {added_rows('occupation')}"  # noqa: S608
LATER_IMPORTS = """
SELECT b.id, b.name, min(i.applied_at), min(u.name), i.id, i.file_name
FROM source_record r JOIN source_record l ON l.building_id = r.building_id AND l.id > r.id
JOIN import i ON i.id = l.import_id JOIN building b ON b.id = l.building_id
LEFT JOIN user_account u ON u.id = i.actor_id
WHERE r.import_id = :import_id AND l.import_id <> :import_id AND i.undone_at IS NULL
GROUP BY b.id, b.name, i.id, i.file_name ORDER BY b.name, b.id, i.id
"""
# The event of a change by hand is the building's first that is of no import and not older than the change.
BY_HAND = """
WITH touched AS ({touched})
SELECT DISTINCT ON (t.building_id, e.id) t.building_id, b.name, COALESCE(e.at, t.at), u.name, e.reason, e.action
FROM touched t JOIN building b ON b.id = t.building_id
LEFT JOIN LATERAL (
    SELECT * FROM event e WHERE e.subject_type = 'building' AND e.subject_id = t.building_id AND e.at >= t.at
        AND (e.group_id IS NULL OR e.group_id NOT SIMILAR TO '(import|undo):%') ORDER BY e.id LIMIT 1) e ON true
LEFT JOIN user_account u ON u.id = e.actor_id
ORDER BY t.building_id, e.id
"""


BY_PEOPLE = """
(v.change_set IS NULL OR v.change_set LIKE 'bulk:%' AND NOT EXISTS (
    SELECT 1 FROM bulk_edit e WHERE 'bulk:' || e.id = v.change_set AND e.undone_at IS NOT NULL))
"""
"""A condition on `v`, a version: somebody wrote it by hand, one building or many at once, and did not undo it."""


def added_buildings(session: Session, brought: Import) -> list[int]:
    """Ids of the buildings that came into the register with this import."""
    chosen = {"import_id": brought.id, "change_set": brought.change_set}
    return sorted(session.scalars(text(ADDED), chosen))


def find_obstacles(session: Session, brought: Import, uses: Collection[Uses] = ()) -> list[Obstacle]:
    """Everything that depends on `brought`; empty: it can be undone. `uses` know what lies above the register."""
    added = added_buildings(session, brought)
    chosen: dict[str, Any] = {"import_id": brought.id, "change_set": brought.change_set, "added": added}
    found = [
        Obstacle(number, name, f"came again with the import of {file_name}", at, actor, import_id=import_id)
        for number, name, at, actor, import_id, file_name in session.execute(text(LATER_IMPORTS), chosen)
    ]
    by_hand = session.execute(text(BY_HAND.format(touched=_touched())), chosen)
    found += [
        Obstacle(number, name, _said(action), at, actor, reason or "")
        for number, name, at, actor, reason, action in by_hand
    ]
    teams = list(session.scalars(text(TEAMS), chosen))
    for use in uses:
        found += use(session, added, teams)
    return found


def _said(action: str | None) -> str:
    return "was retired" if action == "retire_building" else "was changed"


def _touched() -> str:
    """Later versions by hand: of rows that the import wrote, and of anything in the buildings that it added.

    Those of imports are found by their source records; what the undoing of an import wrote was there before.
    """
    queries = []
    for table in versioned_tables():
        owner = "id" if table.name == "building" else "building_id"
        kept = f"history.{table.name}"
        for versions in (kept, table.name):
            head = f"SELECT v.{owner} AS building_id, v.recorded_at AS at FROM {versions} v"  # noqa: S608
            queries += [
                f"{head} JOIN {kept} h ON h.id = v.id AND h.change_set = :change_set "
                f"WHERE {BY_PEOPLE} AND v.recorded_at > h.recorded_at",
                f"{head} WHERE v.{owner} = ANY(:added) AND {BY_PEOPLE}",
            ]
    return " UNION ".join(queries)
