"""The pyramid of cells from which maps of many buildings are drawn: keeping it, checking it, and asking which part.

Triggers keep it in the transaction that changes a row of the list (ADR 21): a step for each row that the sums follow.
`fold` puts the steps into the cells. What is read is always cells and steps together, so nothing is ever behind.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from estate.db import make_session
from estate.register.filters import ALL_CLASSES, IN_USE, LEFT_OUT, BuildingFilters

FINEST = {"all": 16, "left_out": 16, "agency": 14, "use": 14, "status": 14, "class": 14}
"""Zoom of the smallest stored cells of each kind; below that, the buildings of one tile are few enough to count."""
STORED = (0, 6, 8, 10, 12, 14, 16)
"""Zooms of the stored cells. Those between are added up from four of the next."""
FOLD_TASK = "map.fold"
FOLD_ABOVE = 2000
"""So many steps make a tile slow to read."""

Key = tuple[str, str]

VERIFY = text("""
WITH stored AS (
    SELECT kind, key, code, building_count, building_ids, area_m2, area_count, annual_cost, cost_count, capacity,
        people, counted_count
    FROM map_cell WHERE (kind, zoom) IN (('all', 16), ('left_out', 16), ('agency', 14), ('class', 14))
), right_now AS (
    SELECT cell.kind, cell.key, map_code(location) >> (32 - 2 * cell.zoom), count(*), sum(id),
        coalesce(sum(counted_gross_m2), 0), count(counted_gross_m2), coalesce(sum(annual_cost), 0), count(annual_cost),
        coalesce(sum(capacity) FILTER (WHERE people IS NOT NULL), 0),
        coalesce(sum(people) FILTER (WHERE capacity IS NOT NULL), 0), count(people + capacity)
    FROM building_listed CROSS JOIN LATERAL (
        SELECT CASE WHEN is_usual THEN 'all' ELSE 'left_out' END, '', 16
        UNION ALL SELECT 'agency', agency_id::text, 14 FROM unnest(agency_ids) AS agency_id WHERE is_usual
        UNION ALL SELECT 'class', asset_class_code, 14 WHERE NOT is_usual) cell (kind, key, zoom)
    WHERE location IS NOT NULL AND building_listed.kind <> 'part' AND status IN ('active', 'surplus', 'vacant')
        AND id NOT IN (SELECT b.id FROM building b WHERE b.sensitivity IN ('owner', 'secret'))
    GROUP BY 1, 2, 3
)
SELECT count(*) FROM ((SELECT * FROM stored EXCEPT SELECT * FROM right_now)
    UNION ALL (SELECT * FROM right_now EXCEPT SELECT * FROM stored)) differing
""")


def fold(session: Session) -> int:
    """Put the steps into the cells; gives how many there were. One at a time; who writes steps does not wait."""
    session.flush()
    return int(session.scalar(text("SELECT map_fold()")) or 0)


def fold_many(session: Session) -> None:
    """Fold where there are so many steps that tiles would be slow."""
    some = text("SELECT count(*) FROM (SELECT 1 FROM map_step LIMIT :some) steps")
    if (session.scalar(some, {"some": FOLD_ABOVE}) or 0) >= FOLD_ABOVE:
        fold(session)


def perform_fold() -> None:
    """What the worker does every few minutes, and after each import."""
    with make_session.begin() as session:
        fold_many(session)


def rebuild(session: Session) -> None:
    """Work out every cell anew from the list. Whoever changes the register waits meanwhile."""
    session.flush()
    session.execute(text("SELECT map_rebuild()"))


def verify(session: Session) -> int:
    """Fold, and count the finest cells that are not what follows from the list: 0 when all is well."""
    fold(session)
    return int(session.scalar(VERIFY) or 0)


def keys_of(filters: BuildingFilters) -> list[Key] | None:
    """The kinds of cells that together hold what the filters let through; None where only the buildings can tell."""
    chosen = filters.chosen
    class_code = chosen.pop("class_code", None)
    if filters.scope is not None or len(chosen) > (class_code is None):
        return None
    if class_code is not None:
        classes: dict[str, list[Key]] = {ALL_CLASSES: [("all", ""), ("left_out", "")], LEFT_OUT: [("left_out", "")]}
        return classes.get(str(class_code), [("class", str(class_code))])
    if filters.agency_id is not None:
        return [("agency", str(filters.agency_id))]
    if filters.use_class_code is not None:
        return [("use", filters.use_class_code)]
    if filters.status is not None:
        return [("status", filters.status.value)] if filters.status in IN_USE else None
    return None if chosen else [("all", "")]


def stored_zoom(keys: list[Key], zoom: int) -> int | None:
    """The zoom of the stored cells from which those of `zoom` are made; None where they are too large for it."""
    finest = min(FINEST[kind] for kind, _ in keys)
    return next((stored for stored in STORED[1:] if zoom <= stored <= finest), None)


COUNT_BY = text("""
SELECT key, sum(building_count)::bigint FROM (
    SELECT key, building_count FROM map_cell WHERE kind = :kind AND zoom = 0
    UNION ALL
    SELECT key, building_count FROM map_step CROSS JOIN LATERAL (
        SELECT agency_id::text AS key FROM unnest(agency_ids) AS agency_id WHERE :kind = 'agency'
        UNION ALL SELECT use_class_code WHERE :kind = 'use') keys
    WHERE is_usual AND key IS NOT NULL) counted
GROUP BY key HAVING sum(building_count) > 0
""")
IS_SHARED_TODAY = text("""
SELECT seen.reaches_partners() AND coalesce(current_setting('estate.as_at', true), '') = ''
""")


def count_by(session: Session, kind: str) -> dict[str, int] | None:
    """How many usual buildings in use with a position each agency or use has, of what every partner may see.

    `kind` is "agency" or "use". None where the reader sees less, or reads the past: cells hold neither.
    """
    if not session.scalar(IS_SHARED_TODAY):
        return None
    return dict(session.execute(COUNT_BY, {"kind": kind}).all())
