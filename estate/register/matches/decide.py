"""Deciding that two records are one building, or are not, and taking a decision back."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from estate import audit
from estate.errors import Conflict, InvalidInput, NotFound
from estate.matching import clusters
from estate.matching.score import shipped_model
from estate.matching.structure import Refusal, Structure
from estate.register.matches.membership import known_buildings, live_decisions, lock_decisions, rebuild
from estate.register.matches.sites import structure_near
from estate.register.models import Building, BuildingStatus, MatchBasis, MatchCandidate, MatchDecision, MatchVerdict
from estate.register.rules import Retired, require_reason
from estate.register.seen import unseen


class NoSuchPair(NotFound):
    """There is no such pair of records in the register."""


class NoSuchDecision(NotFound):
    """There is no such decision."""


class RetractedAlready(Conflict):
    """This decision was taken back already. Open the page again to see what holds now."""


class KeptApart(Conflict):
    """An earlier decision says that these are not one building. Take that one back first, if it was wrong."""


class KeptApartUnseen(KeptApart):
    """An earlier decision on a record that is not shown to you keeps these apart. Ask its agency to look at it."""


class PartOfItself(Conflict):
    """So it would be a part of itself, through others. Take back the decision that says the opposite first."""


class PartOfTwo(Conflict):
    """So it would be a part of two buildings. Take back the decision that makes it a part of the other first."""


class DecidedMeanwhile(Conflict):
    """Somebody else decided on this pair since you opened it, so nothing was saved. Look at what they said first."""


REFUSALS = {Refusal.CIRCLE: PartOfItself, Refusal.TWO_WHOLES: PartOfTwo}


@dataclass(frozen=True)
class Said:
    """A verdict, and on what it rests."""

    verdict: MatchVerdict
    reason: str
    actor: int | None
    part_id: int | None = None
    """For "part of": which of the two is the part."""
    basis: MatchBasis = MatchBasis.PERSON
    probability: float | None = None
    model_version: str | None = None
    features: dict[str, Any] = field(default_factory=dict)


WHATEVER = -1
"""For who does not mind what was decided before."""


def decide(
    session: Session, one: Building, other: Building, said: Said, *, seen: int | None = WHATEVER
) -> MatchDecision:
    """Store a verdict on two records and derive the buildings anew. An earlier live verdict on the pair is taken back.

    `seen` is the id of the live decision on the pair when the reader looked, None where there was none: where there is
    another by now, `DecidedMeanwhile` is raised. Raises `KeptApart` where "same" would join two records of which a live
    decision says that they are not one building, directly or through others; `PartOfItself` or `PartOfTwo` where a
    building would be a part of itself, or of two.
    """
    reason = require_reason(said.reason)
    low, high = sorted((one, other), key=lambda building: building.id)
    if low.id == high.id:
        raise InvalidInput("A record can't be compared with itself. Choose another building.")
    lock_decisions(session)
    for record in (low, high):
        session.refresh(record, ["status", "canonical_id"])
    if BuildingStatus.RETIRED in (low.status, high.status):
        raise Retired
    earlier = find_live(session, low.id, high.id)
    if seen != WHATEVER and seen != (earlier.id if earlier else None):
        raise DecidedMeanwhile
    with session.begin_nested():
        return _store(session, low, high, said, reason, earlier)


def _store(
    session: Session, low: Building, high: Building, said: Said, reason: str, earlier: MatchDecision | None
) -> MatchDecision:
    refused = set(_structure_near(session, low, high).refused)
    if earlier is not None:
        _close(session, earlier, actor=said.actor, reason=f"Replaced: {reason}")
    if said.verdict is MatchVerdict.SAME:
        _require_not_apart(session, low.id, high.id)
    candidate = session.get(MatchCandidate, (low.id, high.id))
    decision = MatchDecision(
        low_id=low.id,
        high_id=high.id,
        verdict=said.verdict,
        part_id=said.part_id,
        basis=said.basis,
        probability=candidate.probability if candidate else said.probability,
        model_version=candidate.model_version if candidate else said.model_version or shipped_model().version,
        features=candidate.features if candidate else said.features,
        actor_id=said.actor,
        reason=reason,
    )
    session.add(decision)
    session.flush()
    rebuild(session, [low.id, high.id])
    for pair, refusal in _structure_near(session, low, high).refused.items():
        if pair not in refused:
            raise REFUSALS[refusal]
    _keep_events(session, decision, "decide_match", said.actor, reason)
    return decision


def _structure_near(session: Session, low: Building, high: Building) -> Structure:
    """With everybody's eyes: what stands against a decision does so whether or not its maker may see it."""
    with unseen(session):
        return structure_near(session, [low.id, high.id])


def retract(session: Session, decision: MatchDecision, *, actor: int | None, reason: str) -> None:
    """Take a decision back: the register is as if it had never been. Raises `RetractedAlready`."""
    reason = require_reason(reason)
    lock_decisions(session)
    session.refresh(decision)
    if decision.retracted_at is not None:
        raise RetractedAlready
    _close(session, decision, actor=actor, reason=reason)
    rebuild(session, [decision.low_id, decision.high_id])
    _keep_events(session, decision, "retract_match", actor, reason)


def get_decision(session: Session, decision_id: int) -> MatchDecision:
    """The decision with this id. Raises `NoSuchDecision`."""
    decision = session.get(MatchDecision, decision_id) if 0 < decision_id < 2**63 else None
    if decision is None:
        raise NoSuchDecision
    return decision


def find_live(session: Session, low_id: int, high_id: int) -> MatchDecision | None:
    """The live decision on a pair; None where there is none."""
    query = select(MatchDecision).where(
        MatchDecision.low_id == low_id, MatchDecision.high_id == high_id, MatchDecision.retracted_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def blockers(session: Session, low_id: int, high_id: int) -> list[tuple[int, int]]:
    """Pairs of records that a live decision keeps apart, so that these two can't be one building: those of which the
    reader sees both.
    """
    found = _every_blocker(session, low_id, high_id)
    ends = {number for pair in found for number in pair}
    seen = set(session.scalars(select(Building.id).where(Building.id.in_(ends))))
    return [pair for pair in found if set(pair) <= seen]


def _every_blocker(session: Session, low_id: int, high_id: int) -> list[tuple[int, int]]:
    """The same, also of records that the reader may not see: theirs are kept apart all the same."""
    with unseen(session):
        return _blockers(session, low_id, high_id)


def _blockers(session: Session, low_id: int, high_id: int) -> list[tuple[int, int]]:
    ids = records_with(session, [low_id, high_id])
    live = live_decisions(session, ids)
    found = clusters.merge_blockers(known_buildings(session, ids, live), live, low_id, high_id)
    return list(zip(found.low.tolist(), found.high.tolist(), strict=True))


def records_with(session: Session, record_ids: list[int]) -> list[int]:
    """Every record of the buildings that these records belong to."""
    other = aliased(Building)
    themselves = select(Building.id).where(Building.id.in_(record_ids))
    joined = select(other.id).join(Building, Building.canonical_id == other.canonical_id)
    return sorted(session.scalars(themselves.union(joined.where(Building.id.in_(record_ids)))))


def _require_not_apart(session: Session, low_id: int, high_id: int) -> None:
    if _every_blocker(session, low_id, high_id):
        raise KeptApart if blockers(session, low_id, high_id) else KeptApartUnseen


def _close(session: Session, decision: MatchDecision, *, actor: int | None, reason: str) -> None:
    decision.retracted_at, decision.retracted_by_id = datetime.now(UTC), actor
    decision.retracted_reason = reason
    session.flush()


def _keep_events(session: Session, decision: MatchDecision, action: str, actor: int | None, reason: str) -> None:
    """The decision stands in the history of both records."""
    pair = (decision.low_id, decision.high_id)
    for record_id, other_id in (pair, pair[::-1]):
        verdict = [None, decision.verdict.value] if action == "decide_match" else [decision.verdict.value, None]
        audit.record(
            session,
            actor=actor,
            action=action,
            subject_type="building",
            subject_id=record_id,
            reason=reason,
            changes={"other_record": [other_id, other_id], "verdict": verdict},
        )
