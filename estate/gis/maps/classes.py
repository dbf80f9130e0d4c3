"""Classes of a choropleth: where the breaks lie, which area falls in which class, and what the legend says."""

import enum
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pandas import Series

MINIMUM_CLASSES, MAXIMUM_CLASSES = 3, 7
EXACT_NATURAL_BREAKS_UP_TO = 400
"""Fisher and Jenks's exact method is quadratic in the number of areas; above this Jenks and Caspall's is taken."""


class Scheme(enum.Enum):
    """How values are cut into classes."""

    QUANTILE = "quantile"
    EQUAL = "equal"
    NATURAL = "natural"


SCHEME_SENTENCES = {
    Scheme.QUANTILE: "Quantiles: about as many areas in each class.",
    Scheme.EQUAL: "Equal intervals: each class spans the same range.",
    Scheme.NATURAL: "Natural breaks: classes that keep like values together.",
}


CHANGE_SENTENCES = {
    Scheme.QUANTILE: "Quantiles of the size of the change, the same on both sides of none.",
    Scheme.EQUAL: "Equal intervals of the size of the change, the same on both sides of none.",
    Scheme.NATURAL: "Natural breaks of the size of the change, the same on both sides of none.",
}


@dataclass(frozen=True)
class Classes:
    """The classes of one set of values.

    `upper[i]` is the highest value of class i and belongs to it; `members[k]` is the class of the k-th value, -1 where
    it is unknown; `counts[i]` the number of values in class i.
    """

    scheme: Scheme
    lowest: float
    upper: tuple[float, ...]
    members: NDArray[np.int64]
    counts: tuple[int, ...]
    is_change: bool = False
    """True where the classes lie the same way below and above 0."""

    @property
    def sentence(self) -> str:
        """How the classes were made."""
        return (CHANGE_SENTENCES if self.is_change else SCHEME_SENTENCES)[self.scheme] if self.upper else ""

    @property
    def unknown_count(self) -> int:
        """How many values are unknown."""
        return int((self.members < 0).sum())

    def labels(self, text: Callable[[float], str]) -> list[str]:
        """What each class holds, in words; `text` writes one value with its unit."""
        if not self.upper:
            return []
        if self.is_change:
            return self._labels_of_change(text)
        if len(self.upper) == 1:
            same = text(self.lowest) == text(self.upper[0])
            return [text(self.lowest) if same else f"{text(self.lowest)} to {text(self.upper[0])}"]
        first = text(self.lowest), text(self.upper[0])
        rest = [f"over {text(low)} to {text(high)}" for low, high in pairwise(self.upper)]
        return [first[0] if first[0] == first[1] else " to ".join(first), *rest]

    def _labels_of_change(self, text: Callable[[float], str]) -> list[str]:
        """The outer classes are open: they need not reach as far on one side as on the other."""
        inner = self.upper[:-1]
        if not inner:
            return ["no change"]
        between = [f"over {text(low)} to {text(high)}" for low, high in pairwise(inner)]
        return [f"{text(inner[0])} or less", *between, f"over {text(inner[-1])}"]


def classify(values: Series, scheme: Scheme, count: int) -> Classes:
    """Cut `values` (NaN: unknown) into at most `count` classes; fewer where there are fewer different values.

    Breaks are rounded to two or three figures where that leaves every break apart, so that a legend can be read.
    """
    known = values.dropna().to_numpy(dtype=float)
    different = np.unique(known)
    if not len(different):
        return Classes(scheme, math.nan, (), np.full(len(values), -1), ())
    count = max(1, min(count, MAXIMUM_CLASSES, len(different)))
    inner = _rounded(_breaks(known, scheme, count), different)
    members = np.searchsorted(inner, values.to_numpy(dtype=float), side="left")
    members[values.isna().to_numpy()] = -1
    counts = np.bincount(members[members >= 0], minlength=len(inner) + 1)
    upper = (*(float(value) for value in inner), float(different[-1]))
    return Classes(scheme, float(different[0]), upper, members, tuple(int(number) for number in counts))


def classify_change(values: Series, scheme: Scheme, count: int) -> Classes:
    """Cut differences (NaN: unknown) into classes that lie the same way below and above 0.

    An odd `count` has a middle class of little or no change, an even one a break at 0. Fewer classes where there are
    fewer sizes of change; some may hold nothing.
    """
    known = values.dropna().to_numpy(dtype=float)
    if not len(known):
        return Classes(scheme, math.nan, (), np.full(len(values), -1), (), is_change=True)
    has_middle = count % 2 == 1
    different = np.unique(np.abs(known[known != 0]))
    sizes = classify(Series(np.abs(known[known != 0])), scheme, count // 2 + has_middle)
    # Two breaks in one gap between values would leave a class that nothing can be in.
    outer = np.unique([_between(value, different) for value in sizes.upper[:-1]])
    if has_middle and not len(outer) and len(sizes.upper):
        # One size of change only: half of it still tells it from none.
        half = sizes.upper[0] / 2
        outer = np.array([half] if half > 0 else [])
    inner = np.concatenate([-outer[::-1], [] if has_middle else [0.0], outer])
    members = np.searchsorted(inner, values.to_numpy(dtype=float), side="left")
    members[values.isna().to_numpy()] = -1
    counts = np.bincount(members[members >= 0], minlength=len(inner) + 1)
    upper = (*(float(value) for value in inner), max(float(known.max()), *(float(value) for value in inner), 0.0))
    return Classes(scheme, float(known.min()), upper, members, tuple(int(number) for number in counts), is_change=True)


def _breaks(known: NDArray[np.float64], scheme: Scheme, count: int) -> NDArray[np.float64]:
    """The breaks between classes: ascending, apart, without the highest value."""
    import mapclassify  # Here, because what it imports takes seconds, which every start would wait for.

    different: NDArray[np.float64] = np.unique(known)
    if len(different) <= count:
        return different[:-1]
    if scheme is Scheme.EQUAL:
        bins = mapclassify.EqualInterval(known, k=count).bins
    elif scheme is Scheme.QUANTILE:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It warns where ties leave fewer classes; the legend shows that.
            bins = mapclassify.Quantiles(known, k=count).bins
    else:
        method = mapclassify.FisherJenks if len(known) <= EXACT_NATURAL_BREAKS_UP_TO else mapclassify.JenksCaspall
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It warns that numba, which we do without, would be faster.
            bins = method(known, k=count).bins
    inside: NDArray[np.float64] = np.unique(np.asarray(bins, dtype=float))
    inside = inside[(inside < different[-1]) & (inside >= different[0])]
    if scheme is Scheme.EQUAL:
        return inside
    # Many equal values can leave two breaks between the same two neighbours, and so a class that nothing is in.
    _, first = np.unique(np.searchsorted(different, inside, side="right"), return_index=True)
    return inside[first]


def _rounded(breaks: NDArray[np.float64], different: NDArray[np.float64]) -> NDArray[np.float64]:
    """The breaks with as few figures as keep the same values on each side of each."""
    result = []
    for value in breaks:
        place = np.searchsorted(different, value, side="right")
        low, high = different[place - 1], different[place]
        candidates = (_to_figures(value, figures) for figures in (2, 3, 4, 6))
        result.append(next((it for it in candidates if low <= it < high), value))
    return np.unique(np.asarray(result, dtype=float))


def _between(value: float, different: NDArray[np.float64]) -> float:
    """A break that no value lies on, between the same two: so that both sides of 0 are cut alike."""
    place = np.searchsorted(different, value, side="right")
    low, high = float(different[place - 1]), float(different[place])
    candidates = (_to_figures((low + high) / 2, figures) for figures in (1, 2, 3, 4, 6))
    return next((it for it in candidates if low < it < high), value)


def _to_figures(value: float, figures: int) -> float:
    """`value` rounded to a number of significant figures."""
    return float(f"{value:.{figures}g}")
