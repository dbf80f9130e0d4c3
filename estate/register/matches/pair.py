"""Two records side by side: everything that helps a person to say whether they are one building."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.matching.bands import Band
from estate.matching.context import Context
from estate.matching.features import FEATURES, Pairing, features_of
from estate.matching.normalise import address_text, house_numbers
from estate.matching.reasons import reasons_for
from estate.matching.score import shipped_model
from estate.register.matches.decide import NoSuchPair, blockers, find_live, records_with
from estate.register.matches.foretold import Foretold, foretell, parts_of
from estate.register.matches.members import building_id_of
from estate.register.matches.records import load_records
from estate.register.models import Building, Interest, MatchCandidate, MatchDecision, Occupation
from estate.register.queries import cost_by_building, cost_year
from estate.settings import get_settings


@dataclass(frozen=True)
class Side:
    """One record of a pair."""

    record: Building
    holders: list[str]
    """Who holds what, in words: "Freehold: Trafford Council"."""
    occupiers: list[str]
    uprn_others: int
    """How many further records have its UPRN."""
    annual_cost: Decimal | None
    building_id: int
    """The building that it belongs to now."""
    others: list[Building]
    """The other records of that building."""
    parts: list[Building]
    """The records of its parts: who holds and who sits there counts as evidence as well."""


@dataclass(frozen=True)
class Pair:
    """Two records, and what is known of them together."""

    low: Side
    high: Side
    distance_m: float | None
    numbers_clash: bool
    probability: float
    band: int | None
    """None: the pair is not among those that wait."""
    reasons: list[dict[str, Any]]
    features: dict[str, float]
    runner_up: MatchCandidate | None
    """The likeliest other pair of either record that waits."""
    live: MatchDecision | None
    past: list[MatchDecision]
    """Decisions that were taken back, newest first."""
    kept_apart_by: list[tuple[int, int]]
    year_start: int | None
    foretold: Foretold | None
    """What calling them the same building would change; None where they are one already."""

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both, the older record first."""
        return self.low, self.high

    @property
    def agency_ids(self) -> frozenset[int]:
        """The agencies of the two records: either may decide."""
        return frozenset({self.low.record.agency_id, self.high.record.agency_id})

    @property
    def is_one_building(self) -> bool:
        """True where both belong to one building already."""
        return self.low.building_id == self.high.building_id

    @property
    def is_fast(self) -> bool:
        """True where it is all but sure that they are the same."""
        return self.band == Band.FAST_LANE


@dataclass(frozen=True)
class PairOwner:
    """Whose pair it is: what permissions ask for."""

    agency_ids: frozenset[int]


def get_records(session: Session, one_id: int, other_id: int) -> tuple[Building, Building]:
    """The two records, the older first. Raises `NoSuchPair`."""
    ids = sorted({one_id, other_id})
    known = [session.get(Building, number) for number in ids if 0 < number < 2**63]
    if len(known) != 2 or known[0] is None or known[1] is None:
        raise NoSuchPair
    return known[0], known[1]


def compare(session: Session, one_id: int, other_id: int) -> Pair:
    """Everything on two records. Raises `NoSuchPair`."""
    low, high = get_records(session, one_id, other_id)
    candidate = session.get(MatchCandidate, (low.id, high.id))
    probability, reasons, features = _judged(session, candidate, low.id, high.id)
    query = (
        select(MatchDecision)
        .where(MatchDecision.low_id == low.id, MatchDecision.high_id == high.id)
        .order_by(MatchDecision.id.desc())
    )
    is_one = building_id_of(low) == building_id_of(high)
    return Pair(
        low=_side(session, low),
        high=_side(session, high),
        foretold=None if is_one else foretell(session, low, high),
        distance_m=_distance_m(session, low.id, high.id),
        numbers_clash=_numbers_clash(low, high),
        probability=probability,
        band=candidate.band if candidate else None,
        reasons=reasons,
        features=features,
        runner_up=_runner_up(session, low.id, high.id),
        live=find_live(session, low.id, high.id),
        past=[decision for decision in session.scalars(query).unique() if decision.retracted_at is not None],
        kept_apart_by=blockers(session, low.id, high.id),
        year_start=cost_year(session),
    )


def _judged(
    session: Session, candidate: MatchCandidate | None, low_id: int, high_id: int
) -> tuple[float, list[dict[str, Any]], dict[str, float]]:
    """Probability, reasons and features: kept by the match, or worked out now for a pair that it did not find."""
    if candidate is not None:
        return candidate.probability, candidate.reasons, candidate.features
    context = Context(load_records(session, [low_id, high_id]))
    if len(context.records) != 2:
        return 0.0, [], {}
    pairing = Pairing(context, np.array([0], dtype=np.int64), np.array([1], dtype=np.int64))
    values = features_of(pairing)
    reasons = [{"sentence": reason.sentence, "weight": reason.weight} for reason in reasons_for(pairing)[0]]
    probability = float(shipped_model().probability(values)[0])
    return probability, reasons, dict(zip(FEATURES, values[0].tolist(), strict=True))


def _side(session: Session, record: Building) -> Side:
    group = records_with(session, [record.id])
    parts = parts_of(session, group)
    places = {record.id: "", **{part.id: f", in {part.name}" for part in parts}}
    sharing = select(func.count()).where(Building.uprn == record.uprn, Building.id != record.id)
    costs = cost_by_building(cost_year(session))
    building_id = building_id_of(record)
    others = session.scalars(
        select(Building).where(Building.id.in_(group), Building.id != record.id).order_by(Building.id)
    ).unique()
    return Side(
        record=record,
        holders=[
            f"{row.tenure.value.replace('_', ' ').capitalize()}: {row.agency.name}{places[row.building_id]}"
            for row in _open(session, Interest, places)
        ],
        occupiers=[
            f"{row.team} ({row.agency.name}){places[row.building_id]}" for row in _open(session, Occupation, places)
        ],
        uprn_others=(session.scalar(sharing) or 0) if record.uprn else 0,
        annual_cost=session.scalar(select(costs.c.annual_cost).where(costs.c.building_id == building_id)),
        building_id=building_id,
        others=list(others),
        parts=parts,
    )


def _open(session: Session, model: type[Any], places: Collection[int]) -> list[Any]:
    """The interests or teams of these records that have not ended, those of the parts last."""
    query = select(model).where(model.building_id.in_(list(places)), model.ended_on.is_(None)).order_by(model.id)
    place = list(places)
    return sorted(session.scalars(query).unique(), key=lambda row: place.index(row.building_id))


def _distance_m(session: Session, low_id: int, high_id: int) -> float | None:
    srid = get_settings().metric_srid
    points = [
        select(func.ST_Transform(Building.location, srid)).where(Building.id == number).scalar_subquery()
        for number in (low_id, high_id)
    ]
    return session.scalar(select(func.ST_Distance(*points)))


def _numbers_clash(low: Building, high: Building) -> bool:
    ranges = [house_numbers(address_text(record.street or "")) for record in (low, high)]
    (one, one_end), (other, other_end) = ranges
    return one >= 0 and other >= 0 and (one > other_end or other > one_end)


def _runner_up(session: Session, low_id: int, high_id: int) -> MatchCandidate | None:
    ends = [low_id, high_id]
    query = (
        select(MatchCandidate)
        .where(MatchCandidate.low_id.in_(ends) | MatchCandidate.high_id.in_(ends))
        .where((MatchCandidate.low_id != low_id) | (MatchCandidate.high_id != high_id))
        .order_by(MatchCandidate.probability.desc(), MatchCandidate.low_id, MatchCandidate.high_id)
        .limit(1)
    )
    return session.scalars(query).unique().one_or_none()
