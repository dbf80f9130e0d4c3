"""The shipped coefficients on the labelled test pairs; skipped where these are absent."""

import numpy as np
import pytest

from benchmarks import matching_labelled
from benchmarks.matching_labelled import Labelled
from estate.matching.block import candidates
from estate.matching.context import Context
from estate.matching.features import Pairing, features_of
from estate.matching.fit import f1
from estate.matching.records import normalised
from estate.matching.score import shipped_model

pytestmark = pytest.mark.skipif(not matching_labelled.FOLDER.exists(), reason="the labelled pairs are not here")


@pytest.fixture(scope="module")
def sets() -> list[tuple[Labelled, Context]]:
    return [(labelled, Context(normalised(labelled.frame))) for labelled in matching_labelled.read_all()]


def test_f1_of_the_shipped_model(sets: list[tuple[Labelled, Context]]) -> None:
    figures, model = {}, shipped_model()
    for labelled, context in sets:
        pairs = labelled.pairs[labelled.pairs["split"] == "test"]
        features = features_of(Pairing(context, pairs["left"].to_numpy(), pairs["right"].to_numpy()))
        said = model.probability(features) >= model.threshold
        figures[labelled.name] = 100 * f1(pairs["same"].to_numpy(dtype=bool), said)
    assert figures.pop("fodors-zagats") >= 98
    assert np.mean(list(figures.values())) >= 92


def test_blocking_keeps_99_per_cent_with_at_most_3_a_record(sets: list[tuple[Labelled, Context]]) -> None:
    for labelled, context in sets:
        if not labelled.name.startswith("geo-er"):
            continue
        count, found = len(labelled.frame), candidates(context)
        assert len(found) <= 3 * count
        true = np.unique(np.sort(labelled.pairs.loc[labelled.pairs["same"] == 1, ["left", "right"]], axis=1), axis=0)
        kept = np.isin(true[:, 0] * count + true[:, 1], found.left * count + found.right)
        assert kept.mean() >= 0.99, labelled.name
