"""A column read at once says what its cells say one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.register.imports import values
from estate.register.imports.columns import READERS, read_plain
from estate.register.imports.values import Parse

NUMERAL = st.text("0123456789,.+-£ ()eE\u0663", max_size=8)
GROUPED = st.integers(0, 10**12).map("{:,}".format) | st.floats(-10, 10**7).map("{:,.2f}".format)
PROSE = st.text("ab  \t\n\u00a0\u2028Éß", max_size=8)
DIGITS = st.text("01", max_size=13) | st.text("0123456789", max_size=13)
CELLS = (
    st.lists((NUMERAL | GROUPED).map(str.strip)) | st.lists(PROSE.map(str.strip)) | st.lists(GROUPED) | st.lists(DIGITS)
)


@pytest.mark.parametrize("parse", READERS)
@given(cells=CELLS)
def test_the_same_as_cell_by_cell(parse: Parse, cells: list[str]) -> None:
    found = read_plain(parse, cells)
    if found is not None:
        assert found == [parse(cell) if cell else None for cell in cells]


@pytest.mark.parametrize(
    ("parse", "cells", "expected"),
    [
        (values.text, ["Town Hall", "", "Depot"], ["Town Hall", None, "Depot"]),
        (values.coordinate, ["-2.31", "53.", ""], [-2.31, 53.0, None]),
        (values.area_m2, ["12", "1,200.5"], [12.0, 1200.5]),
        (values.amount, ["0", "", "1,234"], [0.0, None, 1234.0]),
        (values.uprn, ["100012345678", "", "0010"], ["100012345678", None, "0010"]),
    ],
)
def test_plain_columns(parse: Parse, cells: list[str], expected: list[object]) -> None:
    assert read_plain(parse, cells) == expected


@pytest.mark.parametrize(
    ("parse", "cells"),
    [
        (values.text, ["Town  Hall"]),
        (values.text, ["Town\u00a0Hall"]),
        (values.text, ["a" * (values.LONGEST_TEXT + 1)]),
        (values.coordinate, ["nan"]),
        (values.coordinate, ["1-2"]),
        (values.area_m2, ["0"]),
        (values.area_m2, ["1" * 400]),
        (values.amount, ["-1"]),
        (values.amount, ["1,23"]),
        (values.uprn, ["1000123456789"]),
        (values.uprn, ["12", "0"]),
        (values.uprn, ["00", "12"]),
        (values.uprn, ["100012345000", "12"]),
        (values.uprn, ["12.0"]),
        (values.uprn, ["\u0663"]),
        (values.postcode, ["M32 0TH"]),
    ],
)
def test_other_columns_are_left_to_the_parser_of_a_cell(parse: Parse, cells: list[str]) -> None:
    assert read_plain(parse, cells) is None
