"""Which building each record belongs to: derived from the live decisions, rebuilt identically at any time."""

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
from sqlalchemy import ARRAY, BigInteger, ColumnElement, cast, func, or_, select, text
from sqlalchemy.orm import Session

from estate.matching import clusters
from estate.matching.arrays import Rows
from estate.register import listed
from estate.register.areas import assign_areas
from estate.register.matches.sites import rebuild_sites
from estate.register.models import Building, BuildingStatus, MatchDecision, MatchVerdict
from estate.register.seen import unseen
from estate.register.shown import is_restricted

ONE_AT_A_TIME = 0x4D415443
"""Lock key: decisions and what is derived from them are written by one transaction at a time."""

VERDICTS = {verdict: clusters.Verdict[verdict.name] for verdict in MatchVerdict}

CLOSURE = """
WITH RECURSIVE reached(id) AS (
    SELECT id FROM building WHERE id = ANY(:ids)
    UNION
    SELECT other.id FROM building b JOIN building other ON other.canonical_id = b.canonical_id WHERE b.id = ANY(:ids)
    UNION
    SELECT d.other FROM reached r CROSS JOIN LATERAL (
        SELECT high_id AS other FROM match_decision
        WHERE low_id = r.id AND verdict = 'same' AND retracted_at IS NULL
        UNION ALL
        SELECT low_id FROM match_decision
        WHERE high_id = r.id AND verdict = 'same' AND retracted_at IS NULL
    ) d
)
SELECT id FROM reached
"""

WRITE = """
UPDATE building SET canonical_id = new.canonical_id
FROM unnest(CAST(:ids AS bigint[]), CAST(:canonical AS bigint[])) AS new(id, canonical_id)
    JOIN building before ON before.id = new.id
WHERE building.id = new.id AND building.canonical_id IS DISTINCT FROM new.canonical_id
RETURNING building.id, before.canonical_id
"""


def lock_decisions(session: Session) -> None:
    """Wait until no other transaction writes decisions, until this one ends."""
    session.flush()
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})


def live_decisions(session: Session, ids: Collection[int] | None = None) -> clusters.Decisions:
    """The live decisions between records in use, of the whole register or among `ids`.

    Those on a restricted record wait until it is restricted no more: joined with another agency's record, it would tell
    that agency what it is.
    """
    apart = select(Building.id).where(or_(Building.status == BuildingStatus.RETIRED, is_restricted()))
    query = (
        select(MatchDecision.low_id, MatchDecision.high_id, MatchDecision.verdict)
        .where(MatchDecision.retracted_at.is_(None))
        .where(*(~apart.where(Building.id == end).exists() for end in (MatchDecision.low_id, MatchDecision.high_id)))
        .order_by(MatchDecision.low_id, MatchDecision.high_id)
    )
    if ids is not None:
        query = query.where(_among(MatchDecision.low_id, ids), _among(MatchDecision.high_id, ids))
    return clusters.decisions(*((low, high, VERDICTS[verdict]) for low, high, verdict in session.execute(query)))


def known_buildings(session: Session, ids: Iterable[int] | Rows, live: clusters.Decisions) -> clusters.Buildings:
    """The buildings that the live decisions make of these records."""
    records = np.sort(ids if isinstance(ids, np.ndarray) else np.fromiter(ids, dtype=np.int64))
    return clusters.buildings(records, records, live)


def rebuild(session: Session, record_ids: Collection[int] | None = None) -> list[int]:
    """Work out anew the building of every record that these may be joined with, or of all; gives the ids that moved.

    A retired or restricted record stands alone, whatever was decided on it. Kinds, parents and sites follow.
    """
    with unseen(session):
        return _rebuild(session, record_ids)


def _rebuild(session: Session, record_ids: Collection[int] | None) -> list[int]:
    lock_decisions(session)
    ids = _concerned(session, record_ids)
    in_use = select(Building.id).where(Building.status != BuildingStatus.RETIRED)
    active = set(session.scalars(in_use if record_ids is None else in_use.where(_among(Building.id, ids))))
    live = live_decisions(session, None if record_ids is None else ids)
    found = known_buildings(session, active, live)
    _, place, sizes = np.unique(found.building_id, return_inverse=True, return_counts=True)
    shared = sizes[place] > 1
    canonical: dict[int, int | None] = dict.fromkeys(ids)
    canonical |= dict(zip(found.record_id[shared].tolist(), found.building_id[shared].tolist(), strict=True))
    before: dict[int, int | None] = dict(
        session.execute(text(WRITE), {"ids": list(canonical), "canonical": list(canonical.values())}).all()
    )
    moved = sorted(before)
    if moved:
        for building in session.identity_map.values():
            if isinstance(building, Building):
                session.expire(building, ["canonical_id"])
        # Those that they left may be shown elsewhere without them.
        assign_areas(session, {*moved, *(number for number in before.values() if number is not None)})
    rebuild_sites(session, None if record_ids is None else ids)
    if moved:
        # A building shows something else without the record that left it, though nothing of it moved.
        listed.refresh(session, None if record_ids is None else ids)
    return moved


def _concerned(session: Session, record_ids: Collection[int] | None) -> list[int]:
    if record_ids is None:
        return sorted(session.scalars(select(Building.id)))
    return sorted(session.scalars(text(CLOSURE), {"ids": list(record_ids)}))


def _among(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    wanted: ColumnElement[bool] = column == func.any(cast(list(ids), ARRAY(BigInteger)))

    return wanted
