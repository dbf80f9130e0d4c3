"""What is uncertain, and within which range: triangular distributions and their moments.

A triangular distribution needs only a lowest, a most likely and a highest value, which is all that a partnership can
say of most of its figures. Source of the moments: Johnson, Kotz and Balakrishnan, Continuous Univariate
Distributions 2, 1995, chapter 26.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estate.appraise.errors import RangeInvalid

Array = NDArray[Any]


@dataclass(frozen=True)
class Input:
    """One uncertain figure. A factor of 1 is the figure as it was used; the discount rate is a shift from it."""

    key: str
    label: str
    low: float
    likely: float
    high: float
    place: str = ""
    """Id of the building that it belongs to; empty where it holds for all."""
    field: str = ""
    """What would have to be surveyed there; empty where no survey tells."""

    def __post_init__(self) -> None:
        values = (self.low, self.likely, self.high)
        if not all(math.isfinite(value) for value in values) or not self.low <= self.likely <= self.high:
            raise RangeInvalid(f"The range of {self.label} must rise from its lowest to its highest value.")

    @property
    def mean(self) -> float:
        """Mean of the distribution."""
        return (self.low + self.likely + self.high) / 3

    @property
    def variance(self) -> float:
        """Variance of the distribution."""
        low, likely, high = self.low, self.likely, self.high
        return (low**2 + likely**2 + high**2 - low * likely - low * high - likely * high) / 18

    def quantiles(self, shares: Array) -> Array:
        """The values below which the distribution has these shares, 0 to 1, of its weight."""
        width = self.high - self.low
        if width == 0:
            return np.full(len(shares), self.low)
        up, down = self.likely - self.low, self.high - self.likely
        below = self.low + np.sqrt(shares * width * up)
        above = self.high - np.sqrt((1 - shares) * width * down)
        values: Array = np.where(shares < up / width, below, above)
        return values

    def mean_above(self, threshold: float) -> float:
        """Mean of what the figure exceeds `threshold` by, counting 0 where it does not."""
        low, likely, high = self.low, self.likely, self.high
        if threshold >= high:
            return 0.0
        if threshold <= low:
            return self.mean - threshold
        if threshold >= likely:
            return (high - threshold) ** 3 / (3 * (high - low) * (high - likely))
        return self.mean - threshold + (threshold - low) ** 3 / (3 * (high - low) * (likely - low))
