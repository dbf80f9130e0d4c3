"""How much two names share when rare words count more than common ones."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.matching.arrays import Rows, Texts
from estate.matching.normalise import short_forms

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PAIRS_AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class Rarity:
    """The words of each text, weighted from near 0 (in every text) to 1 (in one text alone)."""

    words: "csr_array"
    roots: "csr_array"
    totals: NDArray[np.float64]

    def shared(self, left: Rows, right: Rows) -> NDArray[np.float64]:
        """Weight of the words that both texts of each pair hold."""
        answer = np.empty(len(left))
        for start in range(0, len(left), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            answer[part] = self.roots[left[part]].multiply(self.roots[right[part]]).sum(axis=1)
        return answer


@dataclass(frozen=True, eq=False)
class WordCounts:
    """How many different texts there are, and how many of them hold each word."""

    texts: int
    held_by: Mapping[str, int]


def word_counts(texts: Iterable[str]) -> WordCounts:
    """The counts of these texts."""
    different = set(texts)
    return WordCounts(len(different), Counter(chain.from_iterable(map(set, map(str.split, different)))))


def rarity_of(texts: Texts, counts: WordCounts | None = None) -> Rarity:
    """Weights from how many of the different texts hold each word; words of little meaning weigh nothing.

    `counts` are those of more texts, these among them; without, those of the texts themselves.
    """
    # Imported here because scipy takes half a second, and the web server would wait for it at every start.
    from scipy.sparse import csr_array

    codes, uniques = pd.factorize(texts)
    rows, words = _cells(uniques)
    # In the order of the words, so that sums over a text's words do not depend on which other texts there are.
    places, vocabulary = pd.factorize(words, sort=True)
    held_by = np.bincount(places, minlength=len(vocabulary))
    if counts is not None:
        held_by = np.array([counts.held_by[word] for word in vocabulary], dtype=np.int64)
    weight = 1 - np.log(np.maximum(held_by, 1)) / np.log((counts.texts if counts else len(uniques)) + 2)
    weight[[word in short_forms()["light"] for word in vocabulary]] = 0
    shape = (len(uniques), max(len(vocabulary), 1))
    weighted = csr_array((weight[places], (rows, places)), shape=shape)[codes]
    roots = weighted.copy()
    roots.data = np.sqrt(roots.data)
    return Rarity(weighted, roots, np.asarray(weighted.sum(axis=1)).ravel())


def _cells(texts: Iterable[str]) -> tuple[Rows, Texts]:
    """Row and word of each different word of each text."""
    split = [list(dict.fromkeys(text.split())) for text in texts]
    rows = np.repeat(np.arange(len(split), dtype=np.int64), [len(words) for words in split])
    words = np.array([word for words in split for word in words], dtype=object)
    return rows, words
