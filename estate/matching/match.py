"""From records to banded pairs: block, compare, score, band."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.matching import block, clusters
from estate.matching.arrays import Rows
from estate.matching.bands import Band, bands_of, pair_facts
from estate.matching.context import Context
from estate.matching.features import Pairing, features_of
from estate.matching.score import Model, shipped_model

PAIRS_AT_ONCE = 250_000


@dataclass(frozen=True, eq=False)
class Known:
    """What has been decided on the records of a context so far."""

    buildings: clusters.Buildings
    live: clusters.Decisions


def undecided(context: Context) -> Known:
    """Every record a building of its own."""
    ids = context.records.record_id
    none = clusters.decisions()
    return Known(clusters.buildings(ids, ids, none), none)


def matched(
    context: Context,
    *,
    known: Known | None = None,
    model: Model | None = None,
    across_only: bool = True,
) -> pd.DataFrame:
    """The candidate pairs worth showing or linking, surest first.

    Pairs that a live decision other than "unsure" settles,
    and pairs of one building, are left out. Columns: `low_id`, `high_id` (record ids), `probability`, `band`
    (a `Band`), `same_uprn`, and `runner_up`: the best probability of any other pair of either record, 0 if none.
    """
    known, model = known or undecided(context), model or shipped_model()
    found = block.candidates(context, across_only=across_only)
    left, right = _open(context, known, found.left, found.right)
    parts = [
        _scored(
            Pairing(context, left[start : start + PAIRS_AT_ONCE], right[start : start + PAIRS_AT_ONCE]), known, model
        )
        for start in range(0, max(len(left), 1), PAIRS_AT_ONCE)
    ]
    pairs = pd.concat(parts, ignore_index=True)
    pairs["runner_up"] = _runner_up(left, right, pairs["probability"].to_numpy(), len(context.records))
    _send_to_person(context, known, pairs)
    return pairs.sort_values(
        ["band", "probability", "low_id", "high_id"], ascending=[True, False, True, True], ignore_index=True
    )


def _open(context: Context, known: Known, left: Rows, right: Rows) -> tuple[Rows, Rows]:
    """The pairs that nothing settles yet."""
    ids = context.records.record_id
    one, other = known.buildings.of(ids[left]), known.buildings.of(ids[right])
    settled = known.live.where(known.live.verdict != clusters.Verdict.UNSURE)
    decided = pd.MultiIndex.from_arrays([settled.low, settled.high])
    asked = pd.MultiIndex.from_arrays([np.minimum(ids[left], ids[right]), np.maximum(ids[left], ids[right])])
    is_open = (one != other) & ~asked.isin(decided)
    return left[is_open], right[is_open]


def _scored(pairs: Pairing, known: Known, model: Model) -> pd.DataFrame:
    ids = pairs.context.records.record_id
    low, high = np.minimum(ids[pairs.left], ids[pairs.right]), np.maximum(ids[pairs.left], ids[pairs.right])
    features = features_of(pairs)
    probability = model.probability(features)
    facts = pair_facts(pairs, features)
    forbidden = clusters.kept_apart(known.buildings, known.live, low, high)
    band = bands_of(facts, probability, forbidden)
    columns = {"low_id": low, "high_id": high, "probability": probability, "band": band, "same_uprn": facts.same_uprn}
    return pd.DataFrame(columns)


def _send_to_person(context: Context, known: Known, pairs: pd.DataFrame) -> None:
    """Take out of the automatic band what would make a building that needs a person's eye."""
    auto = np.flatnonzero(pairs["band"].to_numpy() == Band.AUTO)
    records = context.records
    order = np.argsort(records.record_id, kind="stable")
    low, high = (pairs[side].to_numpy()[auto] for side in ("low_id", "high_id"))
    doubtful = clusters.needs_person(known.buildings, known.live, low, high, records.x_m[order], records.y_m[order])
    pairs.loc[auto[doubtful], "band"] = np.int8(Band.REVIEW)


def _runner_up(left: Rows, right: Rows, probability: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The best probability of the other pairs that either record is in."""
    ends = np.concatenate([left, right])
    values = np.concatenate([probability, probability])
    order = np.lexsort((-values, ends))
    first = np.flatnonzero(np.diff(ends[order], prepend=-1))
    best, second = np.zeros(count), np.zeros(count)
    best[ends[order[first]]] = values[order[first]]
    following = first + 1
    following = following[following < len(order)]
    following = following[~np.isin(following, first)]
    second[ends[order[following]]] = values[order[following]]
    others = [np.where(probability < best[side], best[side], second[side]) for side in (left, right)]
    return np.maximum(*others)
