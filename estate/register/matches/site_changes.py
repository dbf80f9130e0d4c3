"""Putting buildings on a site by hand, taking one off, and naming a site. All of it rests on decisions on pairs."""

import enum
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate import audit
from estate.errors import Conflict
from estate.register import rules
from estate.register.matches.decide import Said, decide, retract
from estate.register.matches.members import building_id_of
from estate.register.matches.membership import lock_decisions
from estate.register.matches.site_story import RELATIONS
from estate.register.models import Building, BuildingKind, MatchDecision, MatchVerdict, Site
from estate.register.seen import unseen
from estate.register.shown import is_building


class StandsAlone(Conflict):
    """This building stands on no site with others. Open its page again to see where it stands now."""


class Relation(enum.Enum):
    """How other buildings stand to one."""

    SAME_SITE = "same_site"
    THEY_ARE_PARTS = "they_are_parts"
    IT_IS_PART = "it_is_part"


def relate(
    session: Session, building: Building, others: Sequence[Building], relation: Relation, *, actor: int, reason: str
) -> list[MatchDecision]:
    """Say how the others stand to a building: one decision each. What refuses one of them stores none.

    Raises `DecidedMeanwhile` for a pair on which there is a decision already.
    """
    verdict = MatchVerdict.SAME_SITE if relation is Relation.SAME_SITE else MatchVerdict.PART_OF
    with session.begin_nested():
        return [
            decide(session, building, other, Said(verdict, reason, actor, part_id=part), seen=None)
            for other, part in zip(others, _parts(building, others, relation), strict=True)
        ]


def _parts(building: Building, others: Sequence[Building], relation: Relation) -> list[int | None]:
    """Which of each pair is the part."""
    if relation is Relation.SAME_SITE:
        return [None] * len(others)
    return [building.id if relation is Relation.IT_IS_PART else other.id for other in others]


def leave_site(session: Session, building: Building, *, actor: int, reason: str) -> None:
    """Take a building off its site, with its parts: every decision that ties it to the others is taken back.

    Ties to records that the actor does not see end too. The others stay one site: where the building held them
    together, they are tied to one another, with the same reason. Raises `StandsAlone`.
    """
    reason = rules.require_reason(reason)
    with unseen(session):
        _leave_site(session, building, actor, reason)


def _leave_site(session: Session, building: Building, actor: int, reason: str) -> None:
    lock_decisions(session)
    session.refresh(building, ["site_id", "canonical_id"])
    site_id, building_id = building.site_id, building_id_of(building)
    if site_id is None:
        raise StandsAlone
    on_site = {row.id: row for row in session.scalars(select(Building).where(Building.site_id == site_id)).unique()}
    leaving = {number for number, row in on_site.items() if building_id in (building_id_of(row), _building_above(row))}
    query = select(MatchDecision).where(MatchDecision.retracted_at.is_(None), MatchDecision.verdict.in_(RELATIONS))
    ties = query.where(MatchDecision.low_id.in_(on_site), MatchDecision.high_id.in_(on_site)).order_by(MatchDecision.id)
    for decision in list(session.scalars(ties).unique()):
        if (decision.low_id in leaving) != (decision.high_id in leaving):
            retract(session, decision, actor=actor, reason=reason)
    staying = [number for number in on_site if number not in leaving]
    _tie(session, staying, actor, f"Kept on one site when {building.name} left it: {reason}")


def _building_above(record: Building) -> int | None:
    return record.parent_id if record.kind is BuildingKind.PART else None


def _tie(session: Session, record_ids: Sequence[int], actor: int, reason: str) -> None:
    """Let these stand on one site again, by as few decisions as it takes."""
    query = select(Building).where(Building.id.in_(record_ids), is_building(), Building.kind != BuildingKind.PART)
    first: Building | None = None
    for building in session.scalars(query.order_by(Building.id)).unique().all():
        if first is None:
            first = building
        elif first.site_id is None or first.site_id != building.site_id:
            decide(session, first, building, Said(MatchVerdict.SAME_SITE, reason, actor))


def name_site(session: Session, site: Site, *, name: str, version: int, actor: int, reason: str) -> None:
    """Call a site something; an empty name lets it go by that of its record or oldest building again."""
    reason = rules.require_reason(reason)
    rules.require_version(site, version)
    rules.require_valid(rules.text_errors({"name": name, "reason": reason}))
    before, site.name = site.name, name.strip() or None
    session.flush()
    for building_id in session.scalars(select(Building.id).where(Building.site_id == site.id, is_building())).all():
        audit.record(
            session,
            actor=actor,
            action="name_site_of_building",
            subject_type="building",
            subject_id=building_id,
            reason=reason,
            changes={"site_name": [before, site.name]},
        )
