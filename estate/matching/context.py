"""What is matched: records, which of them are wanted, how far to look; and what is worked out once for all pairs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.matching.arrays import Rows
from estate.matching.rarity import Rarity, WordCounts, rarity_of
from estate.matching.records import Records
from estate.matching.trigrams import Trigrams, trigrams_of

Flags = NDArray[np.bool_]
NO_GROUP = -1


@dataclass(frozen=True)
class Limits:
    """How far blocking looks."""

    near_m: float = 150.0
    far_m: float = 500.0
    far_trigram: float = 0.5
    postcode_trigram: float = 0.3
    most_per_record: int = 3
    """A pair is kept if it is among this many best of either record, so the mean never exceeds it."""
    namesake_m: float = 1000.0
    """How far apart records of one name, or of one house number and street, may be."""
    crowd: int = 4000
    """A record with more neighbours within `far_m` is compared with its nearest and its namesakes only."""
    group: int = 100
    """In a group of more records with one UPRN or postcode, each is compared with this many, next to it by name."""


DEFAULT = Limits()


@dataclass(frozen=True)
class Groups:
    """A code for each record in each way of being grouped; -1 where it is in no group."""

    uprn: Rows
    postcode: Rows
    name: Rows
    """In the order of the names."""
    address: Rows
    """The same house number and street."""


@dataclass(frozen=True, eq=False)
class Context:
    """The records of a match. `wanted` marks those to be matched (an import); None means all."""

    records: Records
    wanted: Flags | None = None
    limits: Limits = DEFAULT
    counts: WordCounts | None = None
    """Words of the names of more records, these among them; None: of these alone."""

    @cached_property
    def is_wanted(self) -> Flags:
        """Which records are wanted."""
        return np.ones(len(self.records), dtype=bool) if self.wanted is None else self.wanted

    @cached_property
    def groups(self) -> Groups:
        """The groups of the records."""
        records = self.records
        street = pd.factorize(records.street)[0].astype(np.int64)
        address = pd.factorize(street * (int(records.number_high.max(initial=0)) + 2) + records.number_low)[0]
        return Groups(
            uprn=np.where(records.uprn > 0, pd.factorize(records.uprn)[0], NO_GROUP),
            postcode=np.where(records.postcode == "", NO_GROUP, pd.factorize(records.postcode)[0]),
            name=np.where(records.name == "", NO_GROUP, pd.factorize(records.name, sort=True)[0]),
            address=np.where((records.street == "") | (records.number_low < 0), NO_GROUP, address),
        )

    @cached_property
    def reachable(self) -> Flags:
        """The wanted records, and those that share a group with one or lie within `far_m` of one."""
        if self.wanted is None:
            return self.is_wanted
        # Imported here because scipy takes half a second, and the web server would wait for it at every start.
        from scipy.spatial import cKDTree

        found = self.wanted.copy()
        for codes in (self.groups.uprn, self.groups.postcode, self.groups.name, self.groups.address):
            found |= self.shares_group(codes)
        placed = np.flatnonzero(self.records.has_place)
        points = np.column_stack([self.records.x_m[placed], self.records.y_m[placed]])
        if self.wanted[placed].any():
            apart_m, _ = cKDTree(points[self.wanted[placed]]).query(points, distance_upper_bound=self.limits.far_m + 1)
            found[placed[np.isfinite(apart_m)]] = True
        return found

    def shares_group(self, codes: Rows) -> Flags:
        """Which records are in one group with a wanted one, themselves if wanted."""
        grouped = codes >= 0
        has_wanted = np.bincount(codes[grouped & self.is_wanted], minlength=int(codes.max(initial=0)) + 1) > 0
        answer: Flags = grouped & has_wanted[codes]
        return answer

    @cached_property
    def trigrams(self) -> Trigrams:
        """Trigrams of the names of the reachable records; those of the others count as empty."""
        return trigrams_of(np.where(self.reachable, self.records.name, ""))

    @cached_property
    def rarity(self) -> Rarity:
        """Words of the names by their rarity among all records."""
        return rarity_of(self.records.name, self.counts)
