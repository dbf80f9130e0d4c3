"""Fit the shipped coefficients of matching on the labelled training pairs and write them. Prints JSON.

Fits on the `train` splits, chooses the threshold on the `valid` splits, and never looks at `test`.
"""

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import matching_labelled
import numpy as np
from matching_labelled import ROOT, Labelled
from numpy.typing import NDArray

from estate.matching.context import Context
from estate.matching.features import Pairing, features_of
from estate.matching.fit import best_threshold, f1, fitted, without_place, written
from estate.matching.reasons import usual_parts
from estate.matching.records import normalised
from estate.matching.score import Model

FILE = ROOT / "estate/matching/coefficients.toml"
PLACELESS_SHARE = 0.25
DATA = (
    "train splits of Geo-ER (WWW 2022; OpenStreetMap with Foursquare and with Yelp, Pittsburgh and Toronto) "
    "and of Fodors-Zagats (DeepMatcher)"
)
METHOD = (
    "ridge logistic regression on ramps of the features, plain facts with fixed signs; a quarter of the pairs once "
    "more without coordinates; threshold of the best F1 on the valid splits"
)


@cache
def features(labelled: Labelled) -> NDArray[np.float64]:
    """Features of all pairs of a set, in its order."""
    context = Context(normalised(labelled.frame))
    return features_of(Pairing(context, labelled.pairs["left"].to_numpy(), labelled.pairs["right"].to_numpy()))


def split_of(sets: list[Labelled], split: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Features and labels of one split of several sets."""
    chosen = [(features(labelled), (labelled.pairs["split"] == split).to_numpy()) for labelled in sets]
    labels = [labelled.pairs["same"].to_numpy(dtype=bool) for labelled in sets]
    return (
        np.vstack([values[rows] for values, rows in chosen]),
        np.concatenate([label[rows] for label, (_, rows) in zip(labels, chosen, strict=True)]),
    )


def fit(sets: list[Labelled], version: str = "trial") -> Model:
    """A model of the train splits with its threshold from the valid splits."""
    values, same = split_of(sets, "train")
    again = np.random.default_rng(1).random(len(values)) < PLACELESS_SHARE
    values, same = np.vstack([values, without_place(values[again])]), np.concatenate([same, same[again]])
    model = fitted(values, same, version=version)
    usual = usual_parts(model, values)
    values, same = split_of(sets, "valid")
    return replace(model, threshold=best_threshold(model.probability(values), same), usual=usual)


def f1_of(model: Model, labelled: Labelled, split: str) -> float:
    """F1 in per cent on one split of one set."""
    values, same = split_of([labelled], split)
    return round(100 * f1(same, model.probability(values) >= model.threshold), 2)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="write nothing")
    check = arguments.parse_args().check
    sets = matching_labelled.read_all()
    today = datetime.now(UTC).date()
    model = fit(sets, f"{today.isoformat()}")
    if not check:
        FILE.write_text(written(model, data=DATA, method=METHOD, fitted_on=today))
    figures = {labelled.name: f1_of(model, labelled, "valid") for labelled in sets}
    print(json.dumps({"benchmark": "matching_fit", "threshold": model.threshold, "f1_valid_percent": figures}))


if __name__ == "__main__":
    main()
