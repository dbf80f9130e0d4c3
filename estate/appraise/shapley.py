"""Shapley value: what each agency adds on average, over every order in which the agencies could have joined.

Source: Shapley, "A value for n-person games", 1953. It is exact to 12 agencies from all coalitions; above that it is
the mean over random orders, each followed by its reverse, with a confidence interval of those pairs' means by Student's
t: there are few of them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from estate.appraise.errors import GameInvalid, SampleInvalid
from estate.appraise.games import Game

Array = NDArray[Any]
MOST_EXACT = 12
"""Agencies for which every coalition is worked out."""
FEWEST_PAIRS = 2


@dataclass(frozen=True)
class SampledShares:
    """Means of a sample of orders, and how far each may be off at the confidence that was asked for."""

    shares: Array
    margin: Array
    orders: int


def shapley(game: Game) -> Array:
    """The Shapley value of each agency, adding up to the whole; to 12 agencies."""
    return _weighted(game.count, game.gains, game.gains)


def shapley_bounds(agencies: tuple[str, ...], lowest: Array, highest: Array) -> tuple[Array, Array]:
    """The lowest and the highest Shapley value of each agency, where coalition S gains lowest[S] to highest[S].

    Each end is reached by some game within the bounds; the ends of all agencies are not reached at once.
    """
    Game(agencies, lowest)
    Game(agencies, highest)
    if (lowest > highest).any():
        raise GameInvalid("The lowest gain of a coalition is above its highest. Exchange them.")
    return _weighted(len(agencies), lowest, highest), _weighted(len(agencies), highest, lowest)


def sampled_shapley(
    count: int,
    gain_of: Callable[[int], float],
    *,
    orders: int,
    seed: int,
    confidence: float = 0.95,
    before_of: Callable[[int], float] | None = None,
) -> SampledShares:
    """The Shapley value of `count` agencies from `orders` random orders; `gain_of` says what a mask gains.

    Every mean adds up to the whole. `gain_of` is asked once for each coalition that is met. Where gains are known
    between bounds, `before_of` gives the other bound, of those who were there before: the highest for lowest shares.
    """
    pairs = orders // 2
    if count < 1 or pairs < FEWEST_PAIRS or not 0 < confidence < 1:
        raise SampleInvalid
    known, generator = cache(gain_of), np.random.default_rng(seed)
    before = cache(before_of) if before_of else known
    means = np.empty((pairs, count))
    for pair in range(pairs):
        order = generator.permutation(count)
        means[pair] = (_added(order, known, before) + _added(order[::-1], known, before)) / 2
    quantile = float(stdtrit(pairs - 1, (1 + confidence) / 2))
    return SampledShares(means.mean(axis=0), quantile * means.std(axis=0, ddof=1) / math.sqrt(pairs), 2 * pairs)


def _weighted(count: int, joined: Array, before: Array) -> Array:
    """Mean over orders of joined[S with the agency] - before[S], for each agency."""
    if count > MOST_EXACT:
        raise GameInvalid(f"Every coalition is worked out for up to {MOST_EXACT} agencies. Sample orders instead.")
    masks = np.arange(1 << count)
    sizes = np.bitwise_count(masks)
    weight = np.array([1 / (count * math.comb(count - 1, size)) for size in range(count)])
    shares = np.empty(count)
    for place in range(count):
        without = masks[masks >> place & 1 == 0]
        shares[place] = weight[sizes[without]] @ (joined[without | 1 << place] - before[without])
    return shares


def _added(order: Array, gain_of: Callable[[int], float], before_of: Callable[[int], float]) -> Array:
    """What each agency adds when they join in this order."""
    added, mask = np.empty(len(order)), 0
    for place in order.tolist():
        before = before_of(mask) if mask else 0.0
        mask |= 1 << place
        added[place] = gain_of(mask) - before
    return added
