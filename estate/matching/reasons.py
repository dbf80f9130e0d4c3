"""Why a pair has its probability: the three strongest reasons, as sentences."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from estate.matching.arrays import Numbers
from estate.matching.features import FEATURES, Pairing, features_of
from estate.matching.score import COLUMN, Model, shipped_model

MOST = 3
Features = NDArray[np.float64]


class Reason(NamedTuple):
    """One reason: a sentence, and what it adds to the log-odds against a usual pair (negative: speaks against)."""

    topic: str
    sentence: str
    weight: float


def topic_of(feature: str) -> str:
    """What a feature is about: name, address, number, postcode, telephone or distance."""
    if feature == "name_in_address" or feature == "street_alike":
        return "address"
    return "postcode" if feature == "outward_differs" else feature.split("_", 1)[0]


TOPICS = tuple(dict.fromkeys(topic_of(feature) for feature in FEATURES))


@dataclass(frozen=True, eq=False)
class _Row:
    """One pair: its features by name, and the fields of both sides."""

    features: dict[str, float]
    pairs: Pairing

    def sides(self, field: str) -> tuple[str, str]:
        left, right = self.pairs.both(field)
        return str(left[0]), str(right[0])

    def __getitem__(self, feature: str) -> float:
        return self.features[feature]


def _name(row: _Row) -> str:
    left, right = row.sides("name")
    if left == right:
        return "The names are the same."
    if row["name_mark_clash"]:
        return "The names differ only in a number or letter, as those of two blocks do."
    if row["name_token_sort"] >= 0.85:
        return "The names are almost the same."
    if row["name_rarity_held"] >= 0.85:
        return "The telling words of one name all stand in the other."
    return "The names are partly alike." if row["name_token_set"] >= 0.6 else "The names are unlike."


def _address(row: _Row) -> str:
    if not row["address_known"]:
        return "One name stands in the other's address." if row["name_in_address"] >= 0.85 else ""
    if row["address_token_set"] >= 0.9:
        return "The addresses agree."
    return "The addresses are partly alike." if row["address_token_set"] >= 0.6 else "The addresses are unlike."


def _number(row: _Row) -> str:
    lows, highs = row.pairs.both("number_low"), row.pairs.both("number_high")
    ranges = [(int(low[0]), int(high[0])) for low, high in zip(lows, highs, strict=True)]
    one, other = (f"{low}" if low == high else f"{low}-{high}" for low, high in ranges)
    if row["number_same"]:
        return f"The house numbers agree: {one}." if one == other else f"The house numbers overlap: {one} and {other}."
    return f"The house numbers clash: {one} and {other}." if row["number_clash"] else ""


def _postcode(row: _Row) -> str:
    if row["postcode_same"]:
        return f"Both have the postcode {_spaced(row.sides('postcode')[0])}."
    if row["outward_differs"]:
        return "The postcode areas differ: {} and {}.".format(*row.sides("outward"))
    if row["postcode_differs"]:
        return "The postcodes differ: {} and {}.".format(*(_spaced(code) for code in row.sides("postcode")))
    return ""


def _spaced(postcode: str) -> str:
    return postcode if postcode.isdigit() else f"{postcode[:-3]} {postcode[-3:]}"


def _telephone(row: _Row) -> str:
    if row["telephone_same"]:
        return "The telephone numbers agree."
    return "The telephone numbers differ." if row["telephone_differs"] else ""


def _distance(row: _Row) -> str:
    if not row["distance_known"]:
        return ""
    apart_m = float(row.pairs.distance_m[0])
    return f"They are {apart_m:.0f} m apart." if apart_m < 1000 else f"They are {apart_m / 1000:.1f} km apart."


SENTENCES: dict[str, Callable[[_Row], str]] = {
    "name": _name,
    "address": _address,
    "number": _number,
    "postcode": _postcode,
    "telephone": _telephone,
    "distance": _distance,
}


def reasons_for(pairs: Pairing, model: Model | None = None) -> list[list[Reason]]:
    """At most three reasons for each pair, the strongest first; a topic of which nothing is known gives none."""
    model = model or shipped_model()
    features = features_of(pairs)
    parts = _by_topic(model, features)
    answer = []
    for row in range(len(features)):
        one = Pairing(pairs.context, pairs.left[row : row + 1], pairs.right[row : row + 1])
        shown = _Row(dict(zip(FEATURES, features[row].tolist(), strict=True)), one)
        found = [
            Reason(topic, sentence, float(part[row] - model.usual.get(topic, 0.0)))
            for topic, part in parts.items()
            if (sentence := SENTENCES[topic](shown))
        ]
        answer.append(sorted(found, key=lambda reason: -abs(reason.weight))[:MOST])
    return answer


def usual_parts(model: Model, features: Features) -> dict[str, float]:
    """What name, address and distance add to the log-odds of the average pair that knows them."""
    parts = _by_topic(model, features)
    knowing = {
        "name": np.ones(len(features), dtype=bool),
        "address": features[:, COLUMN["address_known"]] > 0,
        "distance": features[:, COLUMN["distance_known"]] > 0,
    }
    return {topic: float(parts[topic][rows].mean()) for topic, rows in knowing.items()}


def _by_topic(model: Model, features: Features) -> dict[str, Numbers]:
    parts = model.parts(features)
    columns = {topic: [COLUMN[name] for name in FEATURES if topic_of(name) == topic] for topic in TOPICS}
    return {topic: parts[:, chosen].sum(axis=1) for topic, chosen in columns.items()}
