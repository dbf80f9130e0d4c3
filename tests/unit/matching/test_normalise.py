"""Text, numbers and codes brought to one form."""

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.matching import normalise
from estate.matching.records import joined, normalised


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  The Café & Bar ", "cafe and bar"),
        ("St. Mary's C.of E. Sch", "st marys c of east school"),
        ("WHITE_HSE", "white house"),
        ("The", "the"),
        ("", ""),
        ("Ynys Môn", "ynys mon"),
    ],
)
def test_names(text: str, expected: str) -> None:
    assert normalise.name_text(text) == expected


def test_address_loses_its_postcode_and_short_forms() -> None:
    assert normalise.address_text("12 High St., Sale, M33 7AA") == "12 high street sale"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("12 High Street", (12, 12)),
        ("12A High Street", (12, 12)),
        ("12-14 High Street", (12, 14)),
        ("12 - 14 High Street", (12, 14)),
        ("12 & 14 High Street", (12, 14)),
        ("12, 14 and 16 High Street", (12, 16)),
        ("Unit 3, 7 Mill Lane", (7, 7)),
        ("Flat 2 High Street", (-1, -1)),
        ("5th Avenue", (-1, -1)),
        ("Mill Lane 7", (7, 7)),
        ("12-4 High Street", (12, 12)),
        ("High Street", (-1, -1)),
        ("", (-1, -1)),
    ],
)
def test_house_numbers(address: str, expected: tuple[int, int]) -> None:
    assert normalise.house_numbers(address) == expected


@pytest.mark.parametrize(
    ("text", "whole", "outward"),
    [
        ("m31 4fl", "M314FL", "M31"),
        ("M31", "", "M31"),
        ("TQ5 PHW", "", ""),
        ("M4C 1K1", "M4C1K1", "M4C"),
        ("15260-1234", "15260", "15260"),
        ("N/A", "", ""),
        ("", "", ""),
    ],
)
def test_postcodes(text: str, whole: str, outward: str) -> None:
    code = normalise.postcode_text(text)
    assert (normalise.full_postcode(code), normalise.outward_text(code)) == (whole, outward)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("000010012345", "10012345"),
        ("100012797623.0", "100012797623"),
        (" 77 ", "77"),
        ("1.00E+11", ""),
        ("0", ""),
        ("1234567890123", ""),
        ("n/a", ""),
        ("١٢", ""),
    ],
)
def test_uprns(text: str, expected: str) -> None:
    assert normalise.uprn_text(text) == expected


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_taken_and_plain_text_stays(text: str) -> None:
    once = normalise.plain_text(text)
    assert normalise.plain_text(once) == once
    low, high = normalise.house_numbers(text)
    assert (low, high) == (-1, -1) or 0 <= low <= high
    normalise.address_text(text), normalise.name_text(text), normalise.postcode_text(text), normalise.uprn_text(text)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=60))
def test_ascii_text_is_made_plain_as_any_other(text: str) -> None:
    words = re.sub(r"[\W_]+", " ", re.sub("['`]", "", text.casefold()).replace("&", " and "))
    assert normalise.plain_text(text) == words.strip()


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from(["The Café", "a\nb", "The St. Mary's", "n & s", ""]))))
def test_many_names_are_normalised_as_one_by_one(names: list[str]) -> None:
    assert normalise.name_texts(names) == [normalise.name_text(name) for name in names]


def test_records_fill_what_is_missing() -> None:
    frame = pd.DataFrame(
        {"record_id": [5, 6], "source": ["a", None], "name": ["Town Hall", float("nan")], "uprn": [77.0, None]}
    )
    records = normalised(frame)
    assert records.record_id.tolist() == [5, 6]
    assert records.name.tolist() == ["town hall", ""]
    assert records.source.tolist() == ["a", ""]
    assert records.uprn.tolist() == [77, 0]
    assert not records.has_place.any()
    assert normalised(frame.assign(uprn=[77, 0])).uprn.tolist() == [77, 0]
    assert len(joined([records, records])) == 4


def test_origin_and_text_are_no_place() -> None:
    frame = pd.DataFrame(
        {"record_id": [1, 2, 3], "source": "a", "name": "x", "x_m": [0, "east", "410000.5"], "y_m": [0, 5, 300000]}
    )
    assert normalised(frame).has_place.tolist() == [False, False, True]


def test_number_from_a_name_that_is_an_address() -> None:
    frame = pd.DataFrame({"record_id": [1], "source": "a", "name": ["14-16 High Street"], "address": [""]})
    records = normalised(frame)
    assert (records.number_low[0], records.number_high[0]) == (14, 16)


def test_records_without_a_name_column_are_refused() -> None:
    with pytest.raises(ValueError, match="missing: name"):
        normalised(pd.DataFrame({"record_id": [1], "source": ["a"]}))
