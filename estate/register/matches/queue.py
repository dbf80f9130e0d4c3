"""The pairs that wait for a person: the most money first, or the surest; and how far the work is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from estate.matching.bands import Band
from estate.people.models import Agency
from estate.register.classes import is_usual
from estate.register.models import Building, BuildingStatus, MatchBasis, MatchCandidate, MatchDecision, MatchVerdict
from estate.register.shown import canonical_id

PAGE_SIZE = 20

low, high = aliased(Building, name="low"), aliased(Building, name="high")


@dataclass(frozen=True)
class QueueFilters:
    """Whose pairs: None leaves a condition out."""

    agency_id: int | None = None
    """One of the two records is this agency's."""
    own_agency_ids: frozenset[int] | None = None
    """One of the two records is of these agencies: those for which the reader may decide."""
    is_surest_first: bool = False
    """The likeliest pairs first, not those with the most money."""
    known_agency_ids: frozenset[int] | None = None
    """Both records are of these agencies: those whose records the reader may see."""


@dataclass(frozen=True)
class Progress:
    """How far the review is."""

    open_count: int
    fast_count: int
    """Of the open ones, those that are all but sure."""
    decided_count: int
    """Pairs that people decided and nobody took back."""
    automatic_count: int
    """Pairs that were linked by themselves and nobody took back."""
    unsure_count: int

    @property
    def done_ratio(self) -> float:
        """Decided by people, of all that people had to look at; 1 where there was nothing."""
        total = self.open_count + self.decided_count
        return self.decided_count / total if total else 1.0


@dataclass(frozen=True)
class QueuePage:
    """One page of the pairs that wait."""

    rows: list[MatchCandidate]
    count: int
    page: int
    page_count: int


def list_waiting(session: Session, filters: QueueFilters, *, page: int = 1) -> QueuePage:
    """One page of the pairs that wait; a page beyond the last gives the last."""
    conditions = _waiting(filters)
    count = _count(session, conditions)
    page_count = max(1, -(-count // PAGE_SIZE))
    page = min(max(page, 1), page_count)
    query = _pairs(conditions).order_by(*_order(filters)).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    return QueuePage(list(session.scalars(query).unique()), count, page, page_count)


def next_waiting(
    session: Session, filters: QueueFilters, *, skipped: Iterable[tuple[int, int]] = ()
) -> MatchCandidate | None:
    """The first pair that waits and is not among the skipped; None where there is none."""
    conditions, left_out = _waiting(filters), list(skipped)
    if left_out:
        conditions.append(tuple_(MatchCandidate.low_id, MatchCandidate.high_id).not_in(left_out))
    return session.scalars(_pairs(conditions).order_by(*_order(filters)).limit(1)).unique().one_or_none()


def progress(session: Session, filters: QueueFilters) -> Progress:
    """How far the review is, of the pairs that `filters` lets through."""
    conditions = _waiting(filters)
    decided = [MatchDecision.retracted_at.is_(None), *_of_agencies(filters)]
    query = (
        select(
            func.count().filter(MatchDecision.basis != MatchBasis.AUTO, MatchDecision.verdict != MatchVerdict.UNSURE),
            func.count().filter(MatchDecision.basis == MatchBasis.AUTO),
            func.count().filter(MatchDecision.verdict == MatchVerdict.UNSURE),
        )
        .select_from(MatchDecision)
        .join(low, low.id == MatchDecision.low_id)
        .join(high, high.id == MatchDecision.high_id)
        .where(*decided)
    )
    by_people, automatic, unsure = session.execute(query).one()
    fast = _count(session, [*conditions, MatchCandidate.band == Band.FAST_LANE])
    return Progress(_count(session, conditions), fast, by_people, automatic, unsure)


def waiting_agencies(session: Session, filters: QueueFilters) -> list[tuple[Agency, int]]:
    """The agencies that are asked to look first, each with how many pairs wait for it; the most first."""
    query = (
        select(MatchCandidate.agency_id, func.count())
        .join(low, low.id == MatchCandidate.low_id)
        .join(high, high.id == MatchCandidate.high_id)
        .where(*_waiting(filters))
        .group_by(MatchCandidate.agency_id)
    )
    counts = dict(session.execute(query).all())
    agencies = session.scalars(select(Agency).where(Agency.id.in_(counts)).order_by(func.lower(Agency.name)))
    return sorted(((agency, counts[agency.id]) for agency in agencies.unique()), key=lambda row: -row[1])


def waiting_with(
    session: Session, record_ids: list[int], known_agency_ids: frozenset[int] | None = None
) -> list[MatchCandidate]:
    """The pairs that wait and hold one of these records, the likeliest first; of agencies that the reader may see."""
    filters = QueueFilters(known_agency_ids=known_agency_ids)
    of_these = or_(MatchCandidate.low_id.in_(record_ids), MatchCandidate.high_id.in_(record_ids))
    query = _pairs([*_waiting(filters), of_these]).order_by(MatchCandidate.probability.desc()).limit(10)
    return list(session.scalars(query).unique())


def _pairs(conditions: list[ColumnElement[bool]]):  # type: ignore[no-untyped-def]
    return (
        select(MatchCandidate)
        .join(low, low.id == MatchCandidate.low_id)
        .join(high, high.id == MatchCandidate.high_id)
        .where(*conditions)
    )


def _count(session: Session, conditions: list[ColumnElement[bool]]) -> int:
    return session.scalar(select(func.count()).select_from(_pairs(conditions).subquery())) or 0


def _order(filters: QueueFilters) -> list[ColumnElement[Any]]:
    first = [MatchCandidate.money_at_stake.desc(), MatchCandidate.probability.desc()]
    return [
        *(reversed(first) if filters.is_surest_first else first),
        MatchCandidate.low_id.asc(),
        MatchCandidate.high_id.asc(),
    ]


def _waiting(filters: QueueFilters) -> list[ColumnElement[bool]]:
    """Two buildings in use, of usual classes, on which nobody has said anything yet."""
    decided = exists().where(
        MatchDecision.low_id == MatchCandidate.low_id,
        MatchDecision.high_id == MatchCandidate.high_id,
        MatchDecision.retracted_at.is_(None),
    )
    in_use = [condition for one in (low, high) for condition in (one.status != BuildingStatus.RETIRED, is_usual(one))]
    return [~decided, canonical_id(low) != canonical_id(high), *in_use, *_of_agencies(filters)]


def _of_agencies(filters: QueueFilters) -> list[ColumnElement[bool]]:
    found = []
    if filters.agency_id is not None:
        found.append(or_(low.agency_id == filters.agency_id, high.agency_id == filters.agency_id))
    if filters.own_agency_ids is not None:
        own = list(filters.own_agency_ids)
        found.append(or_(low.agency_id.in_(own), high.agency_id.in_(own)))
    if filters.known_agency_ids is not None:
        known = list(filters.known_agency_ids)
        found += [low.agency_id.in_(known), high.agency_id.in_(known)]
    return found
