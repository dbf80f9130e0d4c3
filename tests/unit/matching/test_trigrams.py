"""Trigram similarity equals a plain count over sets."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.matching.trigrams import signatures_of, trigrams_of

TEXTS = st.lists(
    st.lists(st.text(alphabet="abcé1", min_size=1, max_size=6), max_size=4).map(" ".join), min_size=1, max_size=8
)


def similarity(left: str, right: str) -> float:
    one, other = (
        {
            padded[i : i + 3]
            for word in text.split()
            for padded in [f"  {word} ".encode()]
            for i in range(len(padded) - 2)
        }
        for text in (left, right)
    )
    return len(one & other) / len(one | other) if one | other else 0.0


@settings(deadline=None)
@given(TEXTS)
def test_equals_a_count_over_sets(texts: list[str]) -> None:
    rows = np.arange(len(texts))
    left, right = (side.ravel() for side in np.meshgrid(rows, rows))
    trigrams = trigrams_of(np.array(texts, dtype=object))
    expected = [similarity(texts[a], texts[b]) for a, b in zip(left, right, strict=True)]
    np.testing.assert_allclose(trigrams.similarity(left, right), expected, atol=1e-6)
    for least in (0.3, 0.5):
        for bound in (trigrams, signatures_of(np.array(texts, dtype=object))):
            may = bound.may_exceed(left, right, least)
            assert not (np.array(expected)[~may] > least).any()


def test_signatures_tell_what_is_unlike() -> None:
    signatures = signatures_of(np.array(["sale library", "stretford depot", "", "sale library hub"], dtype=object))
    may = signatures.may_exceed(np.array([0, 0, 0, 2]), np.array([1, 3, 2, 2]), 0.5)
    assert may.tolist() == [False, True, False, False]


def test_nothing_has_no_trigrams() -> None:
    assert len(trigrams_of(np.array([], dtype=object)).sizes) == 0
    assert trigrams_of(np.array(["", ""], dtype=object)).similarity(np.array([0]), np.array([1]))[0] == 0
