"""From records to bands, reasons and probabilities."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from estate.matching.bands import Band
from estate.matching.clusters import Verdict, buildings, decisions
from estate.matching.context import Context
from estate.matching.features import FEATURES, Pairing, features_of
from estate.matching.match import Known, matched
from estate.matching.reasons import reasons_for
from estate.matching.records import normalised
from estate.matching.score import COLUMN, SIGNS, TERMS, model_from, shipped_model

HALL = {
    "source": "council", "kind": "building", "uprn": "77", "name": "Altrincham Town Hall",
    "address": "12 Market Street, Altrincham", "postcode": "WA14 1PF", "x_m": 376_000.0, "y_m": 388_000.0,
}  # fmt: skip

LOST = {"x_m": None, "y_m": None, "postcode": ""}


def context_of(*rows: dict[str, Any]) -> Context:
    frame = pd.DataFrame([{**HALL, **row} for row in rows])
    return Context(normalised(frame.assign(record_id=np.arange(1, len(rows) + 1))))


def band_of(**other: Any) -> Band:
    pairs = matched(context_of({}, {"source": "health", **other}))
    return Band(pairs["band"].iloc[0]) if len(pairs) else Band.HIDDEN


def test_same_unique_uprn_is_linked_by_itself_though_names_differ() -> None:
    assert band_of(name="Registrars") is Band.AUTO
    assert band_of(name="Registrars", x_m=None, y_m=None, postcode="", address="") is Band.AUTO
    assert band_of(x_m=376_240.0) is Band.AUTO


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "site"},
        {"kind": ""},
        {"postcode": "M33 7AA"},
        {"x_m": 376_260.0},
        {"address": "14 Market Street"},
        {"name": "Altrincham Town Hall Block 2"},
    ],
)
def test_any_doubt_sends_the_same_uprn_to_a_person(other: dict[str, Any]) -> None:
    mine = {"name": "Altrincham Town Hall Block 3"} if "Block" in str(other.get("name")) else {}
    pairs = matched(context_of(mine, {"source": "health", **other}))
    assert pairs["band"].tolist() == [Band.REVIEW]


def test_a_uprn_that_a_source_repeats_is_no_proof() -> None:
    pairs = matched(context_of({}, {"source": "health"}, {"source": "health", "name": "Clinic"}))
    assert set(pairs["band"]) == {Band.REVIEW}
    assert pairs["same_uprn"].all()


def test_a_sure_pair_without_uprn_goes_on_the_fast_lane_never_further() -> None:
    assert band_of(uprn="") is Band.FAST_LANE
    assert band_of(uprn="78") is Band.FAST_LANE


def test_blocks_of_a_campus_are_not_on_the_fast_lane() -> None:
    pairs = matched(
        context_of({"name": "Block 2, Royal Hospital"}, {"source": "b", "uprn": "", "name": "Block 3, Royal Hospital"})
    )
    assert pairs["band"].tolist() == [Band.REVIEW]


def test_tenants_of_one_address_are_looked_at() -> None:
    pairs = matched(context_of({"name": "Jobcentre Plus"}, {"source": "b", "uprn": "", "name": "Probation Office"}))
    assert pairs["probability"].iloc[0] < 0.05
    assert pairs["band"].tolist() == [Band.REVIEW]


def test_what_is_nothing_alike_is_hidden() -> None:
    other = {"uprn": "", "name": "Sale Depot", "address": "80 Cross Lane", "postcode": "", "x_m": 376_140.0}
    assert band_of(**other) is Band.HIDDEN


def known(context: Context, *rows: tuple[int, int, Verdict]) -> Known:
    ids, live = context.records.record_id, decisions(*rows)
    return Known(buildings(ids, ids, live), live)


def test_decided_pairs_are_not_asked_again_but_unsure_ones_are() -> None:
    context = context_of({}, {"source": "health"})
    for verdict in Verdict:
        pairs = matched(context, known=known(context, (1, 2, verdict)))
        assert len(pairs) == (verdict is Verdict.UNSURE)


def test_a_different_through_others_forbids_the_automatic_link() -> None:
    context = context_of({}, {"source": "health"}, {"source": "police", "uprn": "", "name": "Custody Suite"})
    pairs = matched(context, known=known(context, (2, 3, Verdict.SAME), (1, 3, Verdict.DIFFERENT)))
    assert pairs.loc[pairs["same_uprn"], "band"].tolist() == [Band.REVIEW]


def test_more_than_six_records_need_a_person() -> None:
    six = matched(context_of(*({"source": f"agency {number}"} for number in range(4))))
    assert set(six["band"]) == {Band.AUTO}
    seven = matched(context_of(*({"source": f"agency {number}"} for number in range(7))))
    assert Band.AUTO not in set(seven["band"])


def test_runner_up_is_the_best_other_pair() -> None:
    pairs = matched(
        context_of({"uprn": ""}, {"source": "b", "uprn": ""}, {"source": "c", "uprn": "", "name": "Town Hall Annexe"})
    )
    table = {(row.low_id, row.high_id): (row.probability, row.runner_up) for row in pairs.itertuples()}
    best, second, third = table[1, 2], table[1, 3], table[2, 3]
    assert second[1] == third[1] == best[0]
    assert best[1] == max(second[0], third[0])


def test_no_records_give_an_empty_frame() -> None:
    pairs = matched(Context(normalised(pd.DataFrame({"record_id": [], "source": [], "name": []}))))
    assert pairs.empty
    assert {"low_id", "high_id", "probability", "band", "same_uprn", "runner_up"} == set(pairs.columns)


def test_features_are_symmetric_and_finite() -> None:
    rng = np.random.default_rng(3)
    words = np.array(["town", "hall", "block", "2", "3", "a", "library", ""])
    rows = [
        {
            "source": str(number),
            "name": " ".join(rng.choice(words, rng.integers(0, 4))),
            "address": rng.choice(["", "12 High St", "14 High Street, Sale", "Sale"]),
            "postcode": rng.choice(["", "M33", "M33 7AA", "WA14 1PF"]),
            "telephone": rng.choice(["", "0161 912 2000", "0161 912 2001"]),
            "x_m": rng.choice([np.nan, 1.0, 300.0]),
        }
        for number in range(30)
    ]
    left, right = (side.ravel() for side in np.meshgrid(np.arange(30), np.arange(30)))
    context = context_of(*rows)
    one, other = features_of(Pairing(context, left, right)), features_of(Pairing(context, right, left))
    assert np.isfinite(one).all()
    assert one.shape == (900, len(FEATURES))
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert one[:, COLUMN["name_ratio"]].max() <= 1


def test_plain_facts_move_the_probability_one_way_only() -> None:
    model = shipped_model()
    for term, weight in zip(TERMS, model.weights, strict=True):
        assert weight * SIGNS.get(term.feature, 0) >= 0
    base = np.full((1, len(FEATURES)), 0.8)
    for feature, sign in SIGNS.items():
        more, less = base.copy(), base.copy()
        more[0, COLUMN[feature]], less[0, COLUMN[feature]] = 1.0, 0.0
        assert sign * (model.probability(more)[0] - model.probability(less)[0]) >= 0


def test_a_model_of_other_features_is_refused() -> None:
    term = '[[term]]\nfeature = "colour"\nlow = 0\nhigh = 1\nweight = 1\n'
    text = f'version = "x"\nintercept = 0\nthreshold = 0.5\n[usual]\n{term}'
    with pytest.raises(ValueError, match="matching_fit"):
        model_from(text)


def test_reasons_are_three_sentences_the_strongest_first() -> None:
    context = context_of({}, {"source": "b", "address": "14-16 Market St", "postcode": "WA14 2ZZ", "x_m": 377_500.0})
    (reasons,) = reasons_for(Pairing(context, np.array([0]), np.array([1])))
    assert len(reasons) == 3
    assert [abs(reason.weight) for reason in reasons] == sorted((abs(r.weight) for r in reasons), reverse=True)
    told = {reason.topic: reason for reason in reasons}
    assert told["distance"].sentence == "They are 1.5 km apart."
    assert told["distance"].weight < 0 < told["name"].weight
    assert all(re.fullmatch(r"[A-Z].*\.", reason.sentence) for reason in reasons)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({}, "The names are the same."),
        ({"address": "12-14 Market Street", **LOST}, "The house numbers overlap: 12 and 12-14."),
        ({"address": "20 Market Street", **LOST}, "The house numbers clash: 12 and 20."),
        ({**LOST, "address": "", "postcode": "M1 1AA"}, "The postcode areas differ: WA14 and M1."),
        ({"name": "Zoo"}, "The names are unlike."),
        ({"x_m": 376_040.0}, "They are 40 m apart."),
    ],
)
def test_sentences(other: dict[str, Any], sentence: str) -> None:
    context = context_of({}, {"source": "b", **other})
    found = reasons_for(Pairing(context, np.array([0]), np.array([1])))[0]
    spoken = [reason.sentence for reason in found]
    assert sentence in spoken
