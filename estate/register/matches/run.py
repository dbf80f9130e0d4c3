"""Matching the register: links what is sure by itself, and keeps what a person should look at."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import ARRAY, BigInteger, any_, cast, delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from estate import audit
from estate.db import make_session
from estate.matching import clusters
from estate.matching.arrays import Numbers, Rows
from estate.matching.bands import Band
from estate.matching.context import Context
from estate.matching.features import FEATURES, Pairing, features_of
from estate.matching.match import Known, matched
from estate.matching.reach import reach
from estate.matching.reasons import reasons_for
from estate.matching.records import normalised, place_of
from estate.matching.score import shipped_model
from estate.register.as_at import begin_change_set, end_change_set
from estate.register.change_sets import MATCH_CHANGE_SETS
from estate.register.classes import is_usual
from estate.register.listed import tidy_indexes
from estate.register.matches.membership import known_buildings, live_decisions, lock_decisions, rebuild
from estate.register.matches.records import read_records
from estate.register.models import (
    Building,
    MatchBasis,
    MatchCandidate,
    MatchDecision,
    MatchVerdict,
    RunningCost,
    SourceRecord,
)
from estate.register.pyramid import fold_many
from estate.register.queries import cost_year

ROWS_AT_ONCE = 1000
AUTOMATIC = "Same UPRN, held by no other record of either list, and nothing speaks against it."


@dataclass(frozen=True)
class Outcome:
    """What a match did."""

    record_count: int
    """Records that were looked at."""
    linked_count: int
    """Pairs linked by themselves."""
    waiting_count: int
    """Pairs that wait for a person, of the records looked at."""

    def sentence(self) -> str:
        """The same for people."""
        return (
            f"{self.record_count:,} records matched: {self.linked_count:,} pairs linked, "
            f"{self.waiting_count:,} to be looked at"
        )


def perform_match(import_id: int) -> None:
    """Match the records that an import brought or changed against all. A second call changes nothing."""
    with make_session.begin() as session:
        tidy_indexes(session)
        fold_many(session)
    with make_session.begin() as session:
        records = select(SourceRecord.building_id).join(Building).where(SourceRecord.import_id == import_id)
        ids = session.scalars(records.where(is_usual())).all()
        if ids:
            match_records(session, set(ids))


def unmatched_ids(session: Session) -> set[int]:
    """Records that no match has looked at: all of an import whose job has not run yet, and those made by hand."""
    seen = select(MatchCandidate.low_id).union(select(MatchCandidate.high_id))
    decided = select(MatchDecision.low_id).union(select(MatchDecision.high_id))
    unseen = (Building.id.not_in(seen), Building.id.not_in(decided))
    return set(session.scalars(select(Building.id).where(*unseen, is_usual())))


def match_records(session: Session, wanted: Collection[int] | None = None) -> Outcome:
    """Match these records, or all, against the whole register.

    A pair whose automatic link somebody took back is never linked by itself again.
    """
    frame = read_records(session)
    if not len(frame):
        return Outcome(0, 0, 0)
    places = Places(frame["record_id"].to_numpy(), *place_of(frame))
    context, known = _context(session, frame, places, wanted)
    del frame
    pairs = matched(context, known=known)
    lock_decisions(session)
    pairs = _still_open(session, places, context, pairs)
    pairs = pairs[pairs["band"] <= Band.REVIEW].reset_index(drop=True)
    pairs["features"] = _features(context, pairs)
    automatic = pairs["band"] == Band.AUTO
    _link(session, pairs[automatic])
    _keep_candidates(session, context, pairs[~automatic], wanted)
    return Outcome(int(context.is_wanted.sum()), int(automatic.sum()), int((~automatic).sum()))


class Places(NamedTuple):
    """Every record's place, by rising id."""

    record_id: Rows
    x_m: Numbers
    y_m: Numbers

    def known(self, session: Session, chosen: Any) -> tuple[Any, Known]:
        """The chosen records with all that are joined to them, and what is decided on these."""
        found, live = clusters.among(self.record_id, live_decisions(session), chosen)
        return found, Known(known_buildings(session, self.record_id[found], live), live)


def _context(
    session: Session, frame: pd.DataFrame, places: Places, wanted: Collection[int] | None
) -> tuple[Context, Known]:
    """The wanted records with all that they can reach and what is joined to it, and what is decided on these."""
    if wanted is None:
        return Context(normalised(frame)), places.known(session, np.ones(len(frame), dtype=bool))[1]
    chosen = np.isin(places.record_id, np.array(sorted(wanted), dtype=np.int64))
    reached, counts = reach(frame, chosen)
    rows, known = places.known(session, reached)
    return Context(normalised(frame[rows]), chosen[rows], counts=counts), known


def _still_open(session: Session, places: Places, context: Context, pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs under the decisions as they are now that nobody else writes any.

    Decisions may have come while the pairs were compared, so the automatic band is checked once more.
    """
    rows, decided = places.known(session, np.isin(places.record_id, context.records.record_id))
    known, live = decided.buildings, decided.live
    low, high = (pairs[side].to_numpy(dtype=np.int64) for side in ("low_id", "high_id"))
    settled = live.where(live.verdict != clusters.Verdict.UNSURE)
    decided = pd.MultiIndex.from_arrays([settled.low, settled.high])
    is_open = (known.of(low) != known.of(high)) & ~pd.MultiIndex.from_arrays([low, high]).isin(decided)
    pairs = pairs[is_open].reset_index(drop=True)
    auto = np.flatnonzero(pairs["band"].to_numpy() == Band.AUTO)
    low, high = (pairs[side].to_numpy(dtype=np.int64)[auto] for side in ("low_id", "high_id"))
    doubtful = clusters.kept_apart(known, live, low, high)
    doubtful |= clusters.needs_person(known, live, low, high, places.x_m[rows], places.y_m[rows])
    doubtful |= _taken_back(session, low, high) | _used_differently(session, low, high)
    pairs.loc[auto[doubtful], "band"] = np.int8(Band.REVIEW)
    return pairs


def _taken_back(session: Session, low: Any, high: Any) -> Any:
    """Which pairs have a decision that somebody retracted, or of which somebody was unsure."""
    settled = MatchDecision.retracted_at.is_not(None) | (MatchDecision.verdict == MatchVerdict.UNSURE)
    query = select(MatchDecision.low_id, MatchDecision.high_id).where(settled)
    before = {tuple(row) for row in session.execute(query)}
    return np.array([pair in before for pair in zip(low.tolist(), high.tolist(), strict=True)], dtype=bool)


def _used_differently(session: Session, low: Any, high: Any) -> Any:
    """Which pairs have two known uses that differ: a library and a school may share a UPRN."""
    wanted = Building.id.in_({*low.tolist(), *high.tolist()})
    use = dict(session.execute(select(Building.id, Building.use_class_code).where(wanted)).all())
    pairs = [(use.get(one), use.get(other)) for one, other in zip(low.tolist(), high.tolist(), strict=True)]
    return np.array([None not in pair and pair[0] != pair[1] for pair in pairs], dtype=bool)


def _pairing(context: Context, pairs: pd.DataFrame) -> Pairing:
    ids = context.records.record_id
    left, right = (np.searchsorted(ids, pairs[side].to_numpy(dtype=np.int64)) for side in ("low_id", "high_id"))
    return Pairing(context, left.astype(np.int64), right.astype(np.int64))


def _features(context: Context, pairs: pd.DataFrame) -> list[dict[str, float]]:
    if not len(pairs):
        return []
    values = features_of(_pairing(context, pairs)).round(4).tolist()
    return [dict(zip(FEATURES, row, strict=True)) for row in values]


def _link(session: Session, pairs: pd.DataFrame) -> None:
    rows = [
        {
            "low_id": row.low_id,
            "high_id": row.high_id,
            "verdict": MatchVerdict.SAME,
            "basis": MatchBasis.AUTO,
            "probability": row.probability,
            "model_version": shipped_model().version,
            "features": row.features,
            "reason": AUTOMATIC,
        }
        for row in pairs.itertuples()
    ]
    if not rows:
        return
    unsure = tuple_(MatchDecision.low_id, MatchDecision.high_id).in_([(row["low_id"], row["high_id"]) for row in rows])
    found = session.scalar(select(func.count()).where(unsure, MatchDecision.retracted_at.is_(None)))
    if found:
        raise AssertionError("A pair with a live decision was about to be linked by itself.")
    session.execute(insert(MatchDecision), rows)
    # What a match derives is no change by hand: an import whose records it linked can still be undone.
    begin_change_set(session, f"{MATCH_CHANGE_SETS}{session.scalar(select(func.txid_current()))}")
    rebuild(session, [number for row in rows for number in (row["low_id"], row["high_id"])])
    end_change_set(session)
    ends = [(row["low_id"], row["high_id"]) for row in rows]
    events = [
        (record_id, {"other_record": [other_id, other_id], "verdict": [None, MatchVerdict.SAME.value]})
        for low, high in ends
        for record_id, other_id in ((low, high), (high, low))
    ]
    audit.record_many(session, events, actor=None, action="decide_match", subject_type="building", reason=AUTOMATIC)


def _keep_candidates(session: Session, context: Context, pairs: pd.DataFrame, wanted: Collection[int] | None) -> None:
    """Replace the pairs that wait, of the wanted records."""
    clearing = delete(MatchCandidate)
    if wanted is not None:
        ids = list(wanted)
        clearing = clearing.where(MatchCandidate.low_id.in_(ids) | MatchCandidate.high_id.in_(ids))
    session.execute(clearing)
    if not len(pairs):
        return
    told = reasons_for(_pairing(context, pairs))
    money, agencies = _money_and_agencies(session, {*pairs["low_id"].tolist(), *pairs["high_id"].tolist()})
    rows = [
        {
            "low_id": row.low_id,
            "high_id": row.high_id,
            "probability": row.probability,
            "band": int(row.band),
            "same_uprn": bool(row.same_uprn),
            "reasons": [{"sentence": reason.sentence, "weight": round(reason.weight, 3)} for reason in reasons],
            "runner_up": row.runner_up,
            "features": row.features,
            "model_version": shipped_model().version,
            "money_at_stake": money.get(row.low_id, 0) + money.get(row.high_id, 0),
            "agency_id": agencies[row.high_id],
        }
        for row, reasons in zip(pairs.itertuples(), told, strict=True)
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        session.execute(insert(MatchCandidate), rows[start : start + ROWS_AT_ONCE])


def _money_and_agencies(session: Session, ids: set[int]) -> tuple[dict[int, Any], dict[int, int]]:
    """Running cost of the newest year, and agency, of each of these records."""
    wanted = any_(cast(sorted(ids), ARRAY(BigInteger)))
    costs = (
        select(RunningCost.building_id, func.sum(RunningCost.amount))
        .where(RunningCost.year_start == (cost_year(session) or 0), RunningCost.building_id == wanted)
        .group_by(RunningCost.building_id)
    )
    agencies = select(Building.id, Building.agency_id).where(Building.id == wanted)
    return (
        dict(session.execute(costs).all()),
        dict(session.execute(agencies).all()),
    )
