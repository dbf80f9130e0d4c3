"""What is done with a pair: linked by itself, offered to a person, or kept out of sight."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.matching.arrays import Numbers, Rows
from estate.matching.features import Pairing
from estate.matching.records import Records
from estate.matching.score import COLUMN

AUTO_WITHIN_M = 250.0
FAST_LANE_FROM = 0.97
REVIEW_FROM = 0.05
SAME_STREET_FROM = 0.9
Flags = NDArray[np.bool_]


class Band(IntEnum):
    """From the surest to the least."""

    AUTO = 1
    FAST_LANE = 2
    REVIEW = 3
    HIDDEN = 4


class Pair(NamedTuple):
    """What bands need of the pairs, one value a pair."""

    same_uprn: Flags
    unique_uprn: Flags
    same_kind: Flags
    outward_differs: Flags
    apart_m: Numbers
    numbers_clash: Flags
    marks_clash: Flags
    same_address: Flags


def pair_facts(pairs: Pairing, features: NDArray[np.float64]) -> Pair:
    """The facts of each pair. `features` are those of the same pairs."""
    records = pairs.context.records
    left_uprn, right_uprn = pairs.both("uprn")
    left_kind, right_kind = pairs.both("kind")
    left_source, right_source = pairs.both("source")
    shared = uprn_counts(records)
    same_uprn = (left_uprn == right_uprn) & (left_uprn > 0)
    unique = same_uprn & (shared[pairs.left] == 1) & (shared[pairs.right] == 1) & (left_source != right_source)
    same_street = features[:, COLUMN["street_alike"]] >= SAME_STREET_FROM
    here = pairs.same("postcode") | (pairs.distance_m <= AUTO_WITHIN_M)
    return Pair(
        same_uprn=same_uprn,
        unique_uprn=unique,
        same_kind=left_kind == right_kind,
        outward_differs=pairs.differs("outward"),
        apart_m=pairs.distance_m,
        numbers_clash=pairs.numbers_known & ~pairs.numbers_meet,
        marks_clash=features[:, COLUMN["name_mark_clash"]] > 0,
        same_address=pairs.numbers_meet & same_street & here,
    )


def uprn_counts(records: Records) -> Rows:
    """How many records of its own source have each record's UPRN; 0 where it has none."""
    known = records.uprn > 0
    groups = pd.factorize(pd.MultiIndex.from_arrays([records.source[known], records.uprn[known]]))[0]
    counts = np.zeros(len(records), dtype=np.int64)
    counts[known] = np.bincount(groups, minlength=1)[groups] if len(groups) else 0
    return counts


def bands_of(pair: Pair, probability: Numbers, forbidden: Flags) -> NDArray[np.int8]:
    """The band of each pair; `forbidden` marks those that a live decision keeps apart, directly or through others.

    Stricter than the probability in two ways. Names that differ only in a mark ("Block 2", "Block 3") are never
    linked by themselves nor put on the fast lane. Tenants of one building bear different names, so the same house
    number and street at one place is for a person to look at, however unlike the names.
    """
    near = ~(pair.apart_m > AUTO_WITHIN_M)
    clash = pair.numbers_clash | pair.marks_clash | forbidden
    auto = pair.unique_uprn & pair.same_kind & ~pair.outward_differs & near & ~clash
    fast = (probability >= FAST_LANE_FROM) & ~pair.same_uprn & ~clash
    review = pair.same_uprn | pair.same_address | (probability >= REVIEW_FROM)
    answer: NDArray[np.int8] = np.select([auto, fast, review], [Band.AUTO, Band.FAST_LANE, Band.REVIEW], Band.HIDDEN)
    return answer.astype(np.int8)
