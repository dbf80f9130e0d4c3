"""Positions from coordinates and postcodes, without a network."""

import numpy as np
import pytest

from estate.gis import postcodes
from estate.gis.geocode import coordinate_sentence, fix_coordinates, fix_postcodes, normalise_postcode


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        ("m320th", "M32 0TH"),
        (" M32  0TH ", "M32 0TH"),
        ("M32", "M32"),
        ("M32 0", "M32 0"),
        ("SW1A 1AA", "SW1A 1AA"),
        ("TQ5 PHW", ""),
        ("CH65 OEZ", ""),
        ("[Unknown]", ""),
        ("", ""),
        ("ＭM32", ""),
    ],
)
def test_postcodes_in_their_usual_form(written: str, usual: str) -> None:
    assert normalise_postcode(written) == usual


def test_a_postcode_is_fixed_at_its_centroid() -> None:
    fixes = fix_postcodes(["M32 0TH", "", "M32", "M32 0", "ZZ99 9ZZ", "BT1 5GS", "JE2 3AB"])
    assert list(fixes.source) == [
        "postcode_centroid", "", "postcode_district", "postcode_sector", "", "postcode_centroid", "",
    ]  # fmt: skip
    # Trafford Town Hall stands at 53.4587 N, 2.2870 W; Belfast City Hall near 54.597 N, 5.930 W, on the Irish Grid.
    assert (fixes.longitude[0], fixes.latitude[0]) == pytest.approx((-2.287, 53.459), abs=0.003)
    assert (fixes.longitude[5], fixes.latitude[5]) == pytest.approx((-5.930, 54.597), abs=0.003)
    assert fixes.accuracy_m[0] < fixes.accuracy_m[3] < fixes.accuracy_m[2]
    assert np.isnan(fixes.longitude[[1, 4, 6]]).all()


def test_a_sector_is_not_its_longer_namesakes() -> None:
    # "M1" must not take the postcodes of M11 to M19.
    fixes = fix_postcodes(["M1", "M14"])
    assert abs(fixes.latitude[0] - fixes.latitude[1]) > 0.01
    assert fixes.accuracy_m[0] < 2000


def test_coordinates_that_look_wrong_are_said_to() -> None:
    x = np.array([-2.3, 53.4, 388000.0, 0.0, np.nan, np.inf, -80.0, 500.0])
    y = np.array([53.4, -2.3, 399000.0, 0.0, 53.0, 53.0, 40.0, 3.0])
    fixes = fix_coordinates(x, y, 4326)
    assert list(fixes.problem) == [
        "",
        "looks_swapped",
        "looks_like_metres",
        "no_fix",
        "",
        "not_finite",
        "",
        "out_of_range",
    ]
    assert list(fixes.is_fixed) == [True, False, False, False, False, False, True, False]
    for problem in set(fixes.problem) - {""}:
        assert coordinate_sentence(problem, 4326).endswith(".")
    assert "British National Grid" in coordinate_sentence("looks_like_metres", 4326)


def test_eastings_are_transformed_and_judged() -> None:
    x, y = np.array([378000.0, -2.3, 53.4, 9e6]), np.array([396000.0, 53.4, -2.3, 1.0])
    fixes = fix_coordinates(x, y, 27700)
    assert list(fixes.problem) == ["", "looks_like_degrees", "looks_like_degrees", "out_of_range"]
    assert (fixes.longitude[0], fixes.latitude[0]) == pytest.approx((-2.333, 53.460), abs=0.002)
    assert fixes.source[0] == "easting_northing"


def test_the_index_is_made_once_and_sorted() -> None:
    index = postcodes.postcode_index()
    assert index is postcodes.postcode_index()
    assert len(index.codes) > 2_500_000
    assert (index.codes[1:100_000] >= index.codes[: 100_000 - 1]).all()
