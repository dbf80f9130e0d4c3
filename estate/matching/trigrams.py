"""Trigram similarity of many pairs of texts, as PostgreSQL's pg_trgm defines it, in bounded memory."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estate.matching.records import Rows, Texts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

WORDS = 4
"""64-bit words of a text's signature: one bit a trigram, by its hash."""
TEXTS_AT_ONCE = 200_000
PAIRS_AT_ONCE = 200_000
SPACE = 32


@dataclass(frozen=True, eq=False)
class Trigrams:
    """The set of trigrams of each text, and a signature that bounds how much two sets can share."""

    sets: "csr_array"
    sizes: NDArray[np.int64]
    signatures: NDArray[np.uint64]
    collisions: NDArray[np.int64]

    def similarity(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        """Shared trigrams by all trigrams of each pair of rows, 0 to 1."""
        shared = np.empty(len(left), dtype=np.float32)
        for start in range(0, len(left), PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            shared[part] = self.sets[left[part]].multiply(self.sets[right[part]]).sum(axis=1)
        either = self.sizes[left] + self.sizes[right] - shared
        answer: NDArray[np.float32] = shared / np.maximum(either, 1).astype(np.float32)
        return answer

    def may_exceed(self, left: Rows, right: Rows, least: float) -> NDArray[np.bool_]:
        """False where the similarity is certainly not above `least`.

        Every shared trigram sets a shared bit, except those that fall on another one's bit in the same text. So the
        shared bits plus the smaller number of such collisions is never less than the shared trigrams.
        """
        bits = np.zeros(len(left), dtype=np.int64)
        for word in range(WORDS):
            column = self.signatures[word]
            bits += np.bitwise_count(column[left] & column[right])
        most = bits + np.minimum(self.collisions[left], self.collisions[right])
        answer: NDArray[np.bool_] = most > least * (self.sizes[left] + self.sizes[right] - most)
        return answer


def trigrams_of(texts: Texts) -> Trigrams:
    """The trigrams of normalised texts: each word with two spaces before it and one after, as bytes of UTF-8."""
    # Imported here because scipy takes half a second, and the web server would wait for it at every start.
    from scipy.sparse import csr_array

    parts = [_codes(texts[start : start + TEXTS_AT_ONCE]) for start in range(0, len(texts), TEXTS_AT_ONCE)]
    sizes = np.concatenate([sizes for _, sizes in parts]) if parts else np.empty(0, dtype=np.int64)
    codes = np.concatenate([codes for codes, _ in parts]) if parts else np.empty(0, dtype=np.int32)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    ones = np.ones(len(codes), dtype=np.int16)
    sets = csr_array((ones, codes, starts), shape=(len(texts), 1 << 24))
    signatures = _signatures(codes, sizes)
    used = np.bitwise_count(signatures).astype(np.int64).sum(axis=0)
    return Trigrams(sets, sizes, signatures, sizes - used)


def _codes(texts: Texts) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The different trigrams of each text as numbers, sorted within each text, and how many each text has."""
    encoded = [("  " + text.replace(" ", "  ") + " ").encode() if text else b"" for text in texts]
    row = np.repeat(np.arange(len(texts), dtype=np.int64), [len(text) for text in encoded])
    letters = np.frombuffer(b"".join(encoded), dtype=np.uint8).astype(np.int64)
    if len(letters) < 3:
        return np.empty(0, dtype=np.int32), np.zeros(len(texts), dtype=np.int64)
    first, second, third = letters[:-2], letters[1:-1], letters[2:]
    within = (row[:-2] == row[2:]) & ~((second == SPACE) & (third == SPACE))
    keys = np.sort((row[:-2] << 24 | first << 16 | second << 8 | third)[within])
    keys = keys[np.diff(keys, prepend=-1) > 0]
    return (keys & 0xFFFFFF).astype(np.int32), np.bincount(keys >> 24, minlength=len(texts)).astype(np.int64)


def _signatures(codes: NDArray[np.int32], sizes: NDArray[np.int64]) -> NDArray[np.uint64]:
    signatures = np.zeros((WORDS, len(sizes)), dtype=np.uint64)
    filled = sizes > 0
    starts = (np.cumsum(sizes) - sizes)[filled]
    place = (codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(56)
    bit = np.uint64(1) << (place & np.uint64(63))
    for word in range(WORDS if len(codes) else 0):
        bits = np.where(place >> np.uint64(6) == word, bit, np.uint64(0))
        signatures[word, filled] = np.bitwise_or.reduceat(bits, starts)
    return signatures
