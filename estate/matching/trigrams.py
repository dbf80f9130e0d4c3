"""Trigram similarity of many pairs of texts, as PostgreSQL's pg_trgm defines it, in bounded memory."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estate.matching.arrays import Rows, Texts

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
        most = _shared_bits(self.signatures, left, right)
        most += np.minimum(self.collisions[left], self.collisions[right])
        answer: NDArray[np.bool_] = most > least * (self.sizes[left] + self.sizes[right] - most)
        return answer


@dataclass(frozen=True, eq=False)
class Signatures:
    """The signature of each text, and how many trigrams it has, repeated ones too: made in a fraction of the time."""

    signatures: NDArray[np.uint64]
    most: NDArray[np.int64]

    def may_exceed(self, left: Rows, right: Rows, least: float) -> NDArray[np.bool_]:
        """False where the similarity is certainly not above `least`: as with the sets, less tightly."""
        bits = _bits(self.signatures)
        shared = _shared_bits(self.signatures, left, right)
        shared += np.minimum(self.most[left] - bits[left], self.most[right] - bits[right])
        answer: NDArray[np.bool_] = shared > least * (bits[left] + bits[right] - shared)
        return answer


def signatures_of(texts: Texts) -> Signatures:
    """The signatures of normalised texts."""
    signatures, most = np.zeros((WORDS, len(texts)), dtype=np.uint64), np.zeros(len(texts), dtype=np.int64)
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        filled = start + np.flatnonzero(texts[start : start + TEXTS_AT_ONCE] != "")
        if not len(filled):
            continue
        letters, begins = _letters(texts[filled])
        first, second, third = letters[:-2], letters[1:-1], letters[2:]
        # Trigrams that reach into the next text fall under this rule, as all texts begin with two spaces.
        is_trigram = (second != SPACE) | (third != SPACE)
        code = first.astype(np.uint32) << 16 | second.astype(np.uint32) << 8 | third
        place = (code * np.uint32(0x9E3779B1)) >> np.uint32(24)
        bit = np.where(is_trigram, np.uint64(1) << (place & np.uint32(63)).astype(np.uint64), np.uint64(0))
        for word in range(len(signatures)):
            bits = np.where(place >> np.uint32(6) == word, bit, np.uint64(0))
            signatures[word, filled] = np.bitwise_or.reduceat(bits, begins)
        most[filled] = np.add.reduceat(is_trigram, begins, dtype=np.int64)
    return Signatures(signatures, most)


def _bits(signatures: NDArray[np.uint64]) -> NDArray[np.int64]:
    answer: NDArray[np.int64] = np.bitwise_count(signatures).astype(np.int64).sum(axis=0)
    return answer


def _shared_bits(signatures: NDArray[np.uint64], left: Rows, right: Rows) -> NDArray[np.int64]:
    bits = np.zeros(len(left), dtype=np.int64)
    for column in signatures:
        bits += np.bitwise_count(column[left] & column[right])
    return bits


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
    return Trigrams(sets, sizes, signatures, sizes - _bits(signatures))


def _codes(texts: Texts) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The different trigrams of each text as numbers, sorted within each text, and how many each text has."""
    letters, begins = _letters(texts)
    row = np.repeat(np.arange(len(texts), dtype=np.int64), np.diff(begins, append=len(letters)))
    first, second, third = (letters[start : len(letters) - 2 + start].astype(np.int64) for start in range(3))
    within = (row[:-2] == row[2:]) & ~((second == SPACE) & (third == SPACE))
    keys = np.sort((row[:-2] << 24 | first << 16 | second << 8 | third)[within])
    keys = keys[np.diff(keys, prepend=-1) > 0]
    return (keys & 0xFFFFFF).astype(np.int32), np.bincount(keys >> 24, minlength=len(texts)).astype(np.int64)


def _letters(texts: Texts) -> tuple[NDArray[np.uint8], Rows]:
    """The bytes of all texts, each word with two spaces before and one after it, and where each text begins."""
    joined = "  " + "\n".join(texts).replace(" ", "  ").replace("\n", " \n ") + " "
    letters = np.frombuffer(joined.encode(), dtype=np.uint8).copy()
    begins = np.flatnonzero(letters == ord("\n"))
    letters[begins] = SPACE
    return letters, np.concatenate([[0], begins])


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
