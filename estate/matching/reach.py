"""Which records of a register a match of a few wanted ones can be about: the others need not be compared at all.

A match among those found here gives the same pairs, with the same probabilities and bands, as one among all records:
whatever a rule of `estate.matching.block` compares with a wanted record is found, and so is every group or crowd whose
size decides how it is searched; how rare words are is counted in the names of all.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.matching import normalise
from estate.matching.arrays import Numbers, Rows, Texts
from estate.matching.block import parts
from estate.matching.context import DEFAULT, NO_GROUP, Limits
from estate.matching.rarity import WordCounts, word_counts
from estate.matching.records import each, house_numbers, place_of, text_of, uprn_of
from estate.matching.trigrams import signatures_of

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Flags = NDArray[np.bool_]
MOST_WANTED_RATIO = 0.1
"""Where more than this part of the records is wanted, looking for what they can reach takes longer than it saves."""
HOUSE_NUMBERS = 1_000_000
"""House numbers have at most six digits."""


def reach(frame: pd.DataFrame, wanted: Flags, limits: Limits = DEFAULT) -> tuple[Flags, WordCounts]:
    """Which rows of a frame of records belong in a match of the wanted ones, and the words of the names of all."""
    outline = outline_of(frame)
    is_worth = wanted.mean() <= MOST_WANTED_RATIO
    found = reachable(outline, wanted, limits) if is_worth else np.ones(len(frame), dtype=bool)
    return found, word_counts(outline.plain_name)


@dataclass(frozen=True, eq=False)
class Outline:
    """What makes records worth comparing, one value a record. Texts are as written, "" where unknown."""

    uprn: Rows
    name: Texts
    address: Texts
    postcode: Texts
    x_m: Numbers
    y_m: Numbers

    @cached_property
    def plain_name(self) -> Texts:
        """The normalised names."""
        return np.array(normalise.name_texts(self.name.tolist()), dtype=object)


def outline_of(frame: pd.DataFrame) -> Outline:
    """The outline of a frame of records."""
    name, address, postcode = (text_of(frame, column) for column in ("name", "address", "postcode"))
    x_m, y_m = place_of(frame)
    return Outline(uprn_of(frame), name, address, postcode, x_m, y_m)


def reachable(outline: Outline, wanted: Flags, limits: Limits = DEFAULT) -> Flags:
    """The wanted records, and all that may be compared with one of them."""
    found = wanted.copy()
    found |= np.isin(outline.uprn, outline.uprn[wanted & (outline.uprn > 0)])
    found |= _coded(each(outline.postcode, normalise.postcode_text), wanted) >= 0
    for codes in (_coded(outline.plain_name, wanted), _addresses(outline, wanted)):
        found[_namesakes(outline, codes, wanted, limits)] = True
    found[_near(outline, wanted, limits)] = True
    return found


def _coded(texts: Texts, wanted: Flags) -> Rows:
    """A code for each text that a wanted record has; -1 for the others and where unknown."""
    codes: Rows = pd.Index(pd.unique(texts[wanted & (texts != "")])).get_indexer(pd.Index(texts))
    return codes


def _addresses(outline: Outline, wanted: Flags) -> Rows:
    """A code for each house number in a street that a wanted record has; -1 for the others and where unknown."""
    place, written = pd.factorize(outline.address)
    streets = np.array([normalise.street_text(normalise.address_text(text)) for text in written], dtype=object)
    street = _coded(streets, np.bincount(place[wanted], minlength=len(written)) > 0)
    number = np.full(len(written), normalise.NO_NUMBER, dtype=np.int64)
    held = np.flatnonzero(street >= 0)
    number[held] = [normalise.house_numbers(text)[0] for text in written[held]]
    street, number = street[place], number[place]
    bare = np.flatnonzero((street >= 0) & (number < 0))
    number[bare] = house_numbers(outline.address[bare], outline.name[bare])[:, 0]
    return np.where((street >= 0) & (number >= 0), street * HOUSE_NUMBERS + number, NO_GROUP)


def _namesakes(outline: Outline, codes: Rows, wanted: Flags, limits: Limits) -> Rows:
    """The records with a wanted one's code and no farther from it than namesakes may be, and all of a large group."""
    member = np.flatnonzero((codes >= 0) & np.isin(codes, codes[wanted]))
    member = member[np.argsort(codes[member], kind="stable")]
    _, group, sizes = np.unique(codes[member], return_inverse=True, return_counts=True)
    is_large = sizes[group] > limits.group + 1
    found, member = [member[is_large]], member[~is_large]
    place = np.arange(len(member))
    for step in range(1, limits.group + 1):
        place = place[place + step < len(member)]
        place = place[codes[member[place]] == codes[member[place + step]]]
        met = wanted[member[place]] | wanted[member[place + step]]
        left, right = member[place[met]], member[place[met] + step]
        apart_m = np.hypot(outline.x_m[left] - outline.x_m[right], outline.y_m[left] - outline.y_m[right])
        is_near = ~(apart_m > limits.namesake_m)
        found += [left[is_near], right[is_near]]
    return np.concatenate(found)


def _near(outline: Outline, wanted: Flags, limits: Limits) -> Rows:
    """The records within `near_m` of a wanted one, those within `far_m` of alike names, and all of a crowd."""
    placed = np.flatnonzero(np.isfinite(outline.x_m))
    if not wanted[placed].any():
        return placed[:0]
    # Imported here because scipy takes half a second, and the web server would wait for it at every start.
    from scipy.spatial import cKDTree

    points = np.column_stack([outline.x_m[placed], outline.y_m[placed]])
    within = np.flatnonzero(_within(points, cKDTree(points[wanted[placed]]), limits.far_m))
    placed, points = placed[within], points[within]
    tree, signatures = cKDTree(points), signatures_of(outline.plain_name[placed])
    asking = np.flatnonzero(wanted[placed])
    asking = asking[np.lexsort((points[asking, 0], points[asking, 1] // limits.far_m))]
    neighbours = tree.query_ball_point(points[asking], limits.far_m, return_length=True)
    crowded = neighbours > limits.crowd
    found = np.zeros(len(placed), dtype=bool)
    if crowded.any():
        found |= _within(points, cKDTree(points[asking[crowded]]), limits.far_m)
    for part in parts(asking[~crowded], neighbours[~crowded]):
        pairs = cKDTree(points[part]).sparse_distance_matrix(tree, limits.far_m, output_type="ndarray")
        found[pairs["j"][pairs["v"] <= limits.near_m]] = True
        pairs = pairs[~found[pairs["j"]]]
        left, right = part[pairs["i"]], pairs["j"]
        found[right[signatures.may_exceed(left, right, limits.far_trigram)]] = True
    return placed[found]


def _within(points: Numbers, tree: "cKDTree", most_m: float) -> Flags:
    """Which points lie within this distance, and a metre more, of one in the tree."""
    apart_m, _ = tree.query(points, distance_upper_bound=most_m + 1)
    answer: Flags = np.isfinite(apart_m)
    return answer
