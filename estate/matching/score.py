"""The probability that two records speak of one building: logistic, with shipped coefficients."""

import tomllib
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from estate.matching.arrays import Numbers
from estate.matching.features import FEATURES


class Term(NamedTuple):
    """A ramp of one feature: 0 up to `low`, 1 from `high`."""

    feature: str
    low: float
    high: float


SIMILARITY = (0.0, 0.5, 0.7, 0.85, 1.0)
KNOTS: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(FEATURES, (0.0, 1.0)),
    "name_ratio": SIMILARITY,
    "name_partial_ratio": SIMILARITY,
    "name_token_sort": SIMILARITY,
    "name_token_set": SIMILARITY,
    "name_jaro_winkler": SIMILARITY,
    "name_trigram": SIMILARITY,
    "name_rarity": SIMILARITY,
    "name_rarity_held": SIMILARITY,
    "name_rarity_shared": (0.0, 0.5, 1.0, 1.5, 3.0),
    "name_length": SIMILARITY,
    "name_in_address": SIMILARITY,
    "address_token_set": SIMILARITY,
    "address_partial": SIMILARITY,
    "street_alike": SIMILARITY,
    "distance_log": (0.0, 0.7, 1.4, 2.0, 2.6, 3.3, 4.0, 5.5),
}
"""Between which values of a feature its weight may change: each step from one to the next is a term."""

TERMS = tuple(Term(name, low, high) for name, knots in KNOTS.items() for low, high in pairwise(knots))
SIGNS = {
    "name_rarity_shared": 1,
    "name_mark_clash": -1,
    "number_same": 1,
    "number_clash": -1,
    "postcode_same": 1,
    "postcode_for_place": 1,
    "postcode_differs": -1,
    "outward_differs": -1,
    "telephone_same": 1,
    "telephone_differs": -1,
    "distance_log": -1,
}
"""The only direction in which a plain fact may move the probability, whatever the labels say."""

COLUMN = {name: column for column, name in enumerate(FEATURES)}
ROWS_AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class Model:
    """Coefficients of the terms in `TERMS`, and where they come from."""

    version: str
    intercept: float
    weights: NDArray[np.float64]
    threshold: float
    """The probability from which a pair counts as the same when F1 is measured; no band uses it."""
    usual: dict[str, float] = field(default_factory=dict)
    """What a topic adds to the log-odds of an average labelled pair: what a reason is measured against."""

    def probability(self, features: NDArray[np.float64]) -> Numbers:
        """Probability of each row of features."""
        odds = np.empty(len(features))
        for start in range(0, len(features), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            odds[part] = self.intercept + terms_of(features[part]) @ self.weights
        answer: Numbers = 1 / (1 + np.exp(-np.clip(odds, -50, 50)))
        return answer

    def parts(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each feature adds to the log-odds: one row a pair, one column a feature."""
        answer: NDArray[np.float64] = (terms_of(features) * self.weights) @ self._term_to_feature
        return answer

    @cached_property
    def _term_to_feature(self) -> NDArray[np.float64]:
        answer = np.zeros((len(TERMS), len(FEATURES)))
        answer[np.arange(len(TERMS)), [COLUMN[term.feature] for term in TERMS]] = 1
        return answer


def terms_of(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """The terms of each row of features, 0 to 1: one column an entry of `TERMS`."""
    low, high = (np.array([getattr(term, side) for term in TERMS]) for side in ("low", "high"))
    values = features[:, [COLUMN[term.feature] for term in TERMS]]
    answer: NDArray[np.float64] = np.clip((values - low) / (high - low), 0, 1)
    return answer


def model_from(text: str) -> Model:
    """The model that a coefficients file holds. Its terms must be those of `TERMS`."""
    table = tomllib.loads(text)
    weights = {Term(row["feature"], float(row["low"]), float(row["high"])): row["weight"] for row in table["term"]}
    if set(weights) != set(TERMS):
        raise ValueError("The coefficients belong to other features: run `python benchmarks/matching_fit.py`.")
    ordered = np.array([float(weights[term]) for term in TERMS])
    usual = {topic: float(part) for topic, part in table["usual"].items()}
    return Model(str(table["version"]), float(table["intercept"]), ordered, float(table["threshold"]), usual)


@cache
def shipped_model() -> Model:
    """The model in coefficients.toml."""
    return model_from((files(__package__) / "coefficients.toml").read_text())
