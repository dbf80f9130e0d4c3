"""Coefficients from labels: found again, held to their signs, drawn to a prior, written and read back."""

from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from estate.matching.features import FEATURES
from estate.matching.fit import best_threshold, f1, fitted, without_place, written
from estate.matching.score import COLUMN, model_from, shipped_model


def labelled(count: int, seed: int = 1) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Pairs that are the same when their names are alike and near; a clash of numbers favours them, absurdly."""
    rng = np.random.default_rng(seed)
    features = rng.random((count, len(FEATURES)))
    features[:, COLUMN["distance_log"]] *= 5
    for feature in ("number_clash", "number_same"):
        features[:, COLUMN[feature]] = rng.random(count) < 0.3
    odds = 8 * features[:, COLUMN["name_rarity"]] - features[:, COLUMN["distance_log"]] - 2
    odds += 2 * features[:, COLUMN["number_clash"]]
    return features, rng.random(count) < 1 / (1 + np.exp(-odds))


def test_finds_what_the_labels_follow_but_never_a_wrong_sign() -> None:
    features, same = labelled(4_000)
    model = fitted(features, same, version="trial")
    probability = model.probability(features)
    assert f1(same, probability >= 0.5) > 0.8
    assert abs(probability.mean() - same.mean()) < 0.01
    parts = model.parts(features)
    assert parts[:, COLUMN["number_clash"]].max() == 0
    assert np.ptp(parts[:, COLUMN["name_rarity"]]) > np.ptp(parts[:, COLUMN["name_length"]])


def test_a_few_labels_bend_the_shipped_model_and_none_leave_it() -> None:
    features, same = labelled(100)
    shipped = shipped_model()
    bent = fitted(features, same, version="bent", prior=shipped)
    assert f1(same, bent.probability(features) >= 0.5) > f1(same, shipped.probability(features) >= 0.5)
    still = fitted(features[:0], same[:0], version="still", prior=shipped)
    np.testing.assert_allclose(still.probability(features), shipped.probability(features), atol=1e-6)


def test_a_written_model_reads_back() -> None:
    text = written(shipped_model(), data="none", method="none", fitted_on=date(2026, 1, 2))
    features, _ = labelled(50)
    np.testing.assert_allclose(model_from(text).probability(features), shipped_model().probability(features), atol=1e-5)


def test_threshold_of_the_best_f1() -> None:
    probability = np.linspace(0, 1, 1_000)
    assert best_threshold(probability, probability > 0.6) == pytest.approx(0.6, abs=0.03)
    assert f1(np.array([False]), np.array([False])) == 0


def test_without_place_the_postcode_stands_in() -> None:
    features = np.zeros((1, len(FEATURES)))
    features[0, [COLUMN["distance_known"], COLUMN["distance_log"], COLUMN["postcode_same"]]] = 1, 2, 1
    bare = without_place(features)
    assert bare[0, COLUMN["distance_known"]] == bare[0, COLUMN["distance_log"]] == 0
    assert bare[0, COLUMN["postcode_for_place"]] == 1
    assert features[0, COLUMN["distance_known"]] == 1
