"""Coefficients from labelled pairs: ridge logistic regression by Newton's method, with the signs of `SIGNS`."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from estate.matching.score import COLUMN, SIGNS, TERMS, Model, terms_of

STEPS = 100
SHORTEST_STEP = 1e-6
THRESHOLDS = np.linspace(0.2, 0.8, 61)
Matrix = NDArray[np.float64]


def fitted(
    features: Matrix, same: NDArray[np.bool_], *, version: str, ridge: float = 2.0, prior: Model | None = None
) -> Model:
    """The model that explains the labels, with weights drawn to 0 or to those of `prior`.

    `ridge` is the pull, on weights of terms in units of their standard deviation. With a prior, a few hundred
    decisions of one place bend the shipped model to it instead of replacing it. A term whose weight would have the
    wrong sign is left out.
    """
    terms = terms_of(features)
    spread = terms.std(axis=0) if len(terms) else np.ones(len(TERMS))
    spread[spread < 1e-9] = 1.0
    scaled = np.column_stack([terms / spread, np.ones(len(terms))])
    start = np.zeros(scaled.shape[1]) if prior is None else np.append(prior.weights * spread, prior.intercept)
    pull = np.append(np.full(len(TERMS), ridge), 0.0 if prior is None else ridge)
    signs = np.array([SIGNS.get(term.feature, 0) for term in TERMS] + [0])
    kept = np.ones(len(start), dtype=bool)
    while True:
        weights = np.zeros(len(start))
        weights[kept] = _newton(scaled[:, kept], same.astype(float), start[kept], pull[kept])
        wrong = weights * signs < 0
        if not wrong.any():
            break
        kept &= ~wrong
    return Model(version, float(weights[-1]), weights[:-1] / spread, 0.5 if prior is None else prior.threshold)


def _newton(terms: Matrix, same: Matrix, start: Matrix, pull: Matrix) -> Matrix:
    """The weights of least loss. Every step is halved until it lowers the loss, which is convex: so it gets there."""
    weights = start.copy()
    loss = _loss(terms, same, start, pull, weights)
    for _ in range(STEPS):
        probability = 1 / (1 + np.exp(-np.clip(terms @ weights, -50, 50)))
        slope = terms.T @ (probability - same) + pull * (weights - start)
        curve = (terms * (probability * (1 - probability))[:, None]).T @ terms + np.diag(pull + 1e-9)
        step = np.linalg.solve(curve, slope)
        length = 1.0
        while (lower := _loss(terms, same, start, pull, weights - length * step)) > loss and length > SHORTEST_STEP:
            length /= 2
        if lower > loss:
            break
        weights, loss = weights - length * step, lower
        if np.abs(length * step).max() < 1e-7:
            break
    return weights


def _loss(terms: Matrix, same: Matrix, start: Matrix, pull: Matrix, weights: Matrix) -> float:
    odds = terms @ weights
    return float((np.logaddexp(0, odds) - same * odds).sum() + (pull * (weights - start) ** 2).sum() / 2)


def f1(same: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    """Harmonic mean of precision and recall, 0 to 1."""
    both = int((same & said).sum())
    return 2 * both / max(int(same.sum()) + int(said.sum()), 1)


def best_threshold(probability: Matrix, same: NDArray[np.bool_]) -> float:
    """The threshold of the best F1, smoothed over its neighbours so that one pair does not decide."""
    scores = np.array([f1(same, probability >= threshold) for threshold in THRESHOLDS])
    smooth = np.convolve(np.pad(scores, 3, mode="edge"), np.full(7, 1 / 7), mode="valid")
    return round(float(THRESHOLDS[int(np.argmax(smooth))]), 3)


def without_place(features: Matrix) -> Matrix:
    """The same pairs as if neither record had coordinates."""
    bare = features.copy()
    bare[:, [COLUMN["distance_log"], COLUMN["distance_known"]]] = 0
    bare[:, COLUMN["postcode_for_place"]] = bare[:, COLUMN["postcode_same"]]
    return bare


def written(model: Model, *, data: str, method: str, fitted_on: date) -> str:
    """The text of a coefficients file."""
    lines = [
        "# Made by `python benchmarks/matching_fit.py`; don't edit by hand.",
        "# log-odds = intercept + sum of weight * ramp, where ramp = (feature - low) / (high - low), held in 0..1",
        f'version = "{model.version}"',
        f"fitted_on = {fitted_on.isoformat()}",
        'fitted_with = "python benchmarks/matching_fit.py"',
        f'data = "{data}"',
        f'method = "{method}"',
        f"intercept = {model.intercept:.6f}",
        f"threshold = {model.threshold}",
        "",
        "# What a topic adds to the log-odds of an average training pair; reasons are measured against it.",
        "[usual]",
        *(f"{topic} = {part:.6f}" for topic, part in model.usual.items()),
    ]
    for term, weight in zip(TERMS, model.weights, strict=True):
        values = f"low = {term.low}", f"high = {term.high}", f"weight = {weight + 0.0:.6f}"
        lines += ["", "[[term]]", f'feature = "{term.feature}"', *values]
    return "\n".join(lines) + "\n"
