"""How much two names share when rare words count more than common ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.matching.normalise import short_forms
from estate.matching.records import Rows, Texts

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


def rarity_of(texts: Texts) -> Rarity:
    """Weights from how many of the different texts hold each word; words of little meaning weigh nothing."""
    # Imported here because scipy takes half a second, and the web server would wait for it at every start.
    from scipy.sparse import csr_array

    codes, uniques = pd.factorize(texts)
    rows, words = _cells(uniques)
    places, vocabulary = pd.factorize(words)
    held_by = np.bincount(places, minlength=len(vocabulary))
    weight = 1 - np.log(np.maximum(held_by, 1)) / np.log(len(uniques) + 2)
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
