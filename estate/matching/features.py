"""What two records have in common, as numbers: one row a pair, one column a feature."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import distance, fuzz, process

from estate.matching.arrays import Numbers, Rows, Texts
from estate.matching.context import Context

MARK = re.compile(r"\d+[a-z]?|[a-z]\d*|[ivx]{2,4}")
LEAST_TRIGRAM_FOR_MARKS = 0.3


@dataclass(frozen=True, eq=False)
class Pairing:
    """Pairs of rows of a context, with the fields of both sides."""

    context: Context
    left: Rows
    right: Rows

    def both(self, field: str) -> tuple[Any, Any]:
        """The values of a field on either side."""
        values = getattr(self.context.records, field)
        return values[self.left], values[self.right]

    def known(self, field: str) -> NDArray[np.bool_]:
        """Where both sides have text in a field."""
        left, right = self.both(field)
        answer: NDArray[np.bool_] = (left != "") & (right != "")
        return answer

    def alike(self, field: str, scorer: Callable[..., Any], *, most: float = 100.0) -> Numbers:
        """A rapidfuzz score of a text field, 0 to 1; 0 where either side is unknown."""
        left, right = self.both(field)
        return np.where(self.known(field), _score(left, right, scorer) / most, 0.0)

    @cached_property
    def distance_m(self) -> Numbers:
        """Metres between the two, NaN where either has no place."""
        (left_x, right_x), (left_y, right_y) = self.both("x_m"), self.both("y_m")
        answer: Numbers = np.hypot(left_x - right_x, left_y - right_y)
        return answer

    @cached_property
    def trigram(self) -> Numbers:
        """Trigram similarity of the names."""
        return self.context.trigrams.similarity(self.left, self.right).astype(float)

    @cached_property
    def shared_rarity(self) -> Numbers:
        """Weight of the words that both names hold."""
        return self.context.rarity.shared(self.left, self.right)

    def same(self, field: str) -> NDArray[np.bool_]:
        """Where both sides know a text field and agree."""
        left, right = self.both(field)
        answer: NDArray[np.bool_] = (left == right) & self.known(field)
        return answer

    def differs(self, field: str) -> NDArray[np.bool_]:
        """Where both sides know a text field and disagree."""
        left, right = self.both(field)
        answer: NDArray[np.bool_] = (left != right) & self.known(field)
        return answer

    @cached_property
    def numbers_known(self) -> NDArray[np.bool_]:
        """Where both sides have a house number."""
        left, right = self.both("number_low")
        answer: NDArray[np.bool_] = (left >= 0) & (right >= 0)
        return answer

    @cached_property
    def numbers_meet(self) -> NDArray[np.bool_]:
        """Where the ranges of house numbers overlap."""
        (left_low, right_low), (left_high, right_high) = self.both("number_low"), self.both("number_high")
        answer: NDArray[np.bool_] = self.numbers_known & (left_low <= right_high) & (right_low <= left_high)
        return answer


def _score(left: Texts, right: Texts, scorer: Callable[..., Any]) -> Numbers:
    return process.cpdist(left.tolist(), right.tolist(), scorer=scorer, dtype=np.float32).astype(float)


def _ratio(least: Numbers, most: Numbers) -> Numbers:
    return np.divide(least, most, out=np.zeros(len(least)), where=most > 0)


def name_rarity(pairs: Pairing) -> Numbers:
    """Shared weight by the weight of all words of both names."""
    totals = pairs.context.rarity.totals
    return _ratio(pairs.shared_rarity, totals[pairs.left] + totals[pairs.right] - pairs.shared_rarity)


def name_rarity_held(pairs: Pairing) -> Numbers:
    """Shared weight by the weight of the lighter name: 1 where its words all stand in the other."""
    totals = pairs.context.rarity.totals
    return _ratio(pairs.shared_rarity, np.minimum(totals[pairs.left], totals[pairs.right]))


def name_rarity_shared(pairs: Pairing) -> Numbers:
    """Weight of the words that both names hold, at most 3."""
    return np.minimum(pairs.shared_rarity, 3.0)


def name_first_word(pairs: Pairing) -> Numbers:
    """1 where the names begin with the same word."""
    left, right = pairs.both("name")
    same = [a.split(" ", 1)[0] == b.split(" ", 1)[0] for a, b in zip(left, right, strict=True)]
    return np.array(same, dtype=float) * pairs.known("name")


def name_length(pairs: Pairing) -> Numbers:
    """Length of the shorter name by that of the longer."""
    left, right = (np.array([len(name) for name in names], dtype=float) for names in pairs.both("name"))
    return _ratio(np.minimum(left, right), np.maximum(left, right))


def name_mark_clash(pairs: Pairing) -> Numbers:
    """1 where the names differ in nothing but a mark on each side ("Block 2", "Block 3"; "Wing A", "Wing B")."""
    left, right = pairs.both("name")
    answer = np.zeros(len(left))
    for row in np.flatnonzero(pairs.trigram > LEAST_TRIGRAM_FOR_MARKS):
        one, other = set(left[row].split()), set(right[row].split())
        answer[row] = _are_marks(one - other) and _are_marks(other - one)
    return answer


def _are_marks(words: set[str]) -> bool:
    return bool(words) and all(MARK.fullmatch(word) for word in words)


def name_in_address(pairs: Pairing) -> Numbers:
    """How well either name stands within the other's address."""
    (left, right), (left_address, right_address) = pairs.both("name"), pairs.both("address")
    one = np.where(right_address != "", _score(left, right_address, fuzz.token_set_ratio), 0)
    other = np.where(left_address != "", _score(right, left_address, fuzz.token_set_ratio), 0)
    return np.maximum(one, other) / 100


def distance_log(pairs: Pairing) -> Numbers:
    """Logarithm of 1 + metres / 10; 0 where unknown."""
    return np.nan_to_num(np.log1p(pairs.distance_m / 10))


FEATURES: dict[str, Callable[[Pairing], Numbers]] = {
    "name_ratio": lambda pairs: pairs.alike("name", fuzz.ratio),
    "name_partial_ratio": lambda pairs: pairs.alike("name", fuzz.partial_ratio),
    "name_token_sort": lambda pairs: pairs.alike("name", fuzz.token_sort_ratio),
    "name_token_set": lambda pairs: pairs.alike("name", fuzz.token_set_ratio),
    "name_jaro_winkler": lambda pairs: pairs.alike("name", distance.JaroWinkler.normalized_similarity, most=1),
    "name_trigram": lambda pairs: pairs.trigram,
    "name_rarity": name_rarity,
    "name_rarity_held": name_rarity_held,
    "name_rarity_shared": name_rarity_shared,
    "name_first_word": name_first_word,
    "name_length": name_length,
    "name_mark_clash": name_mark_clash,
    "name_in_address": name_in_address,
    "address_known": lambda pairs: pairs.known("address").astype(float),
    "address_token_set": lambda pairs: pairs.alike("address", fuzz.token_set_ratio),
    "address_partial": lambda pairs: pairs.alike("address", fuzz.partial_ratio),
    "street_alike": lambda pairs: pairs.alike("street", fuzz.token_set_ratio),
    "number_same": lambda pairs: pairs.numbers_meet.astype(float),
    "number_clash": lambda pairs: (pairs.numbers_known & ~pairs.numbers_meet).astype(float),
    "postcode_same": lambda pairs: pairs.same("postcode").astype(float),
    "postcode_for_place": lambda pairs: (pairs.same("postcode") & np.isnan(pairs.distance_m)).astype(float),
    "postcode_differs": lambda pairs: pairs.differs("postcode").astype(float),
    "outward_differs": lambda pairs: pairs.differs("outward").astype(float),
    "telephone_same": lambda pairs: pairs.same("telephone").astype(float),
    "telephone_differs": lambda pairs: pairs.differs("telephone").astype(float),
    "distance_known": lambda pairs: np.isfinite(pairs.distance_m).astype(float),
    "distance_log": distance_log,
}
"""Every feature by its name, in the order of the columns."""


def features_of(pairs: Pairing) -> NDArray[np.float64]:
    """The features of each pair: one row a pair, one column an entry of `FEATURES`."""
    if not len(pairs.left):
        return np.empty((0, len(FEATURES)))
    return np.column_stack([feature(pairs) for feature in FEATURES.values()])
