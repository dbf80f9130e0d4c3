"""Rows to a report: every problem is a row with a reason, and no row is lost."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.errors import InvalidInput
from estate.register.imports.amounts import YearNeeded, YearUnknown
from estate.register.imports.check import Known, Options, check
from estate.register.imports.layouts import layouts
from estate.register.imports.read import FileContent
from estate.register.imports.readers import NO_VALUE, Sheet
from estate.register.imports.recognise import REASON_COLUMN, RepeatedColumn, UnknownLayout
from estate.register.imports.report import Report
from estate.register.imports.template import template_columns, template_csv, template_xlsx, write_csv
from estate.register.imports.uploads import rejected_rows

USES = {
    "office": "Office",
    "library": "Library",
    "hospital": "Hospital",
    "fire_station": "Fire station",
    "school": "School",
}
KNOWN = Known(
    1,
    "Test Council",
    {"test council": 1, "r0a": 2},
    frozenset({"police"}),
    {"use_class": USES, "service": {"library": "Library", "education": "Education"}},
)
BASE = {
    "Reference": "1",
    "Name": "Town Hall",
    "Postcode": "M32 0TH",
    "Gross internal area m2": "100",
    "Financial year": "",
}


def content(table: list[list[str]], name: str = "file.csv", **sheet: Any) -> FileContent:
    return FileContent(name, "0" * 64, [Sheet("sheet", table, list(range(1, len(table) + 1)), **sheet)], "UTF-8")


def check_rows(*rows: dict[str, str], known: Known = KNOWN, **options: Any) -> Report:
    """A report on rows of Estate's own template."""
    full = [{**BASE, "Reference": str(number), **row} for number, row in enumerate(rows, start=1)]
    columns = list(dict.fromkeys(name for row in full for name in row))
    table = [columns, *([row.get(name, "") for name in columns] for row in full)]
    return check(content(table), known, Options(**options))


def codes(report: Report) -> set[str]:
    return {issue.code for issue in report.issues}


def test_a_good_row() -> None:
    report = check_rows(
        {"Financial year": "2023-24", "Cost: energy": "1,200", "Use": "library", "Tenure": "Ground lease"}
    )
    assert report.accepted_count == 1
    assert not report.issues
    assert report.costs == {"energy": [1200.0]}
    assert report.years == [2023]
    assert report.values["use_class_code"] == ["library"]
    assert report.values["tenure"] == ["ground_lease"]
    assert report.fixes.source[0] == "postcode_centroid"
    assert report.fixes.accuracy_m[0] == 100


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"UPRN": "1.00E+11"}, "uprn_scientific"),
        ({"UPRN": "100000000000"}, "uprn_scientific"),
        ({"UPRN": "1234567890123"}, "uprn_too_long"),
        ({"Longitude": "53.45", "Latitude": "-2.3"}, "looks_swapped"),
        ({"Longitude": "380000", "Latitude": "395000"}, "looks_like_metres"),
        ({"Easting": "-2.3", "Northing": "53.4"}, "looks_like_degrees"),
        ({"Longitude": "-2.3", "Latitude": "153.4"}, "out_of_range"),
        ({"Longitude": "NaN", "Latitude": "53"}, "not_finite"),
        ({"Cost: energy": "-1", "Financial year": "2023-24"}, "cost_negative"),
        ({"Cost: energy": "lots", "Financial year": "2023-24"}, "not_a_number"),
        ({"Cost: energy": "1"}, "year_missing"),
        ({"Financial year": "2023-25"}, "year_unknown"),
        ({"Lease start": "2020-01-01", "Lease end": "2019-01-01"}, "lease_ends_first"),
        ({"Lease start": "01/02/2020"}, "date_ambiguous"),
        ({"Name": ""}, "name_missing"),
        ({"Reference": ""}, "key_missing"),
        ({"Name": "a\x00b"}, "control_character"),
        ({"Name": "a\ud800b"}, "control_character"),
        ({"Gross internal area m2": "-5"}, "area_negative"),
        ({"Average people": "10", "Peak people": "5", "Occupancy date": "2025-01-01"}, "peak_below_average"),
    ],
)
def test_rejecting_problems(row: dict[str, str], code: str) -> None:
    report = check_rows(row, {})
    assert report.is_accepted == [False, True]
    issue = next(issue for issue in report.issues if issue.code == code)
    assert issue.line == 2
    assert issue.is_rejecting
    assert issue.message.endswith(".")


@pytest.mark.parametrize(
    ("row", "code", "source"),
    [
        ({"Longitude": "0", "Latitude": "0"}, "no_fix", "postcode_centroid"),
        ({"Longitude": "-2.3"}, None, "postcode_centroid"),
        ({"Longitude": "-2.3", "Latitude": ""}, "coordinate_half", "postcode_centroid"),
        ({"Postcode": "M31"}, "postcode_partial", "postcode_district"),
        ({"Postcode": "M31 4"}, "postcode_partial", "postcode_sector"),
        ({"Postcode": "TQ5 PHW"}, "postcode_bad", ""),
        ({"Postcode": ""}, "no_position", ""),
        ({"Gross internal area m2": "0"}, "area_zero", "postcode_centroid"),
        ({"UPRN": "N123"}, "uprn_not_digits", "postcode_centroid"),
        ({"Tenure": "Freeold"}, "value_unknown", "postcode_centroid"),
        ({"Use": "castle"}, "value_unknown", "postcode_centroid"),
        ({"Capacity": "5"}, "date_missing", "postcode_centroid"),
    ],
)
def test_warnings_keep_the_row(row: dict[str, str], code: str | None, source: str) -> None:
    report = check_rows(row)
    assert report.accepted_count == 1
    if code:
        assert code in codes(report)
    assert all(not issue.is_rejecting for issue in report.issues)
    assert report.fixes.source[0] == source


def test_a_partial_postcode_is_not_kept_as_one_and_says_how_coarse_it_is() -> None:
    report = check_rows({"Postcode": "M31"})
    assert report.values["postcode"] == [None]
    assert report.fixes.accuracy_m[0] > 500
    assert "within about" in report.issues[0].message


def test_coordinates_come_before_eastings_and_postcodes() -> None:
    report = check_rows(
        {"Longitude": "-2.3", "Latitude": "53.4", "Easting": "380000", "Northing": "390000"},
        {"Longitude": "", "Latitude": "", "Easting": "380000", "Northing": "390000"},
    )
    assert list(report.fixes.source) == ["coordinates", "easting_northing"]


def test_repeated_references_name_the_line_of_the_first() -> None:
    report = check_rows({"Reference": "7"}, {"Reference": "7"}, {"Reference": "7"})
    assert report.is_accepted == [True, False, False]
    assert all("line 2" in issue.message for issue in report.issues)


def test_too_many_cells_and_too_few() -> None:
    columns = list(BASE)
    good = list(BASE.values())
    report = check(content([columns, [*good, "x"], ["2", "Depot"], [*good[:4], "", ""]]), KNOWN, Options())
    assert [issue.code for issue in report.issues if issue.line == 2] == ["too_many_cells"]
    assert report.is_accepted == [False, True, False]
    assert report.values["postcode"][1] is None


def test_repeated_columns() -> None:
    columns, good = list(BASE), list(BASE.values())
    report = check(content([[*columns, "Extra", "Extra"], [*good, "1", "2"]]), KNOWN, Options())
    assert codes(report) == {"repeated_column"}
    with pytest.raises(RepeatedColumn, match="Name"):
        check(content([[*columns, "name"], [*good, "another"]]), KNOWN, Options())


def test_the_header_is_found_below_a_title_and_on_the_right_sheet() -> None:
    columns, good = list(BASE), list(BASE.values())
    file = FileContent(
        "a.xlsx",
        "0" * 64,
        [
            Sheet("notes", [["Read me"]], [1]),
            Sheet("data", [["Our buildings"], columns, good], [1, 3, 4]),
        ],
        None,
    )
    report = check(file, KNOWN, Options())
    assert (report.sheet, report.rows_in, report.lines) == ("data", 1, [4])


def test_files_without_a_layout_say_which_columns_are_missing() -> None:
    with pytest.raises(UnknownLayout, match="No layout"):
        check(content([["a", "b"], ["1", "2"]]), KNOWN, Options())
    with pytest.raises(UnknownLayout, match="Reference"):
        check(content([["Name", "Gross internal area m2"], ["1", "2"]]), KNOWN, Options(layout="estate_template"))
    with pytest.raises(UnknownLayout, match="There is no layout"):
        check(content([["a"], ["1"]]), KNOWN, Options(layout="nonsense"))
    with pytest.raises(UnknownLayout, match="no rows"):
        check(content([list(BASE)]), KNOWN, Options())


def eric(**cells: str) -> FileContent:
    row = {
        "Trust Code": "R0A",
        "Trust Name": "A Trust",
        "Site Code": "S1",
        "Site Name": "A Hospital",
        "Post Code": "M13 9WL",
        "Rates (£)": "10",
        "Gas costs (£)": "N/A",
        "Oil costs (£)": "5",
        **cells,
    }
    return content([list(row), list(row.values())])


@pytest.mark.parametrize("headings", ["Site,Address,Size,Cost", "Name,Postcode,Gross internal area m2,Spend"])
def test_headings_of_ones_own_are_told_the_way_out(headings: str) -> None:
    with pytest.raises(UnknownLayout) as caught:
        check(content([headings.split(","), ["1", "2", "3", "4"]]), KNOWN, Options())
    assert "download it from the page “Import a file”" in caught.value.message
    assert "choose that layout" in caught.value.message


@pytest.mark.parametrize("word", ["n/a", "N/A", "TBC", "TBA", "tba", "unknown", "-", "?"])
def test_words_for_unknown_in_the_template_are_no_problem(word: str) -> None:
    report = check_rows(
        {"UPRN": word, "Gross internal area m2": word, "Cost: energy": word, "Lease end": word, "Use": word}
    )
    assert (report.accepted_count, report.issues, report.costs) == (1, [], {})
    assert report.values["gross_internal_area_m2"] == report.values["lease_end_on"] == [None]


def test_a_formula_without_a_value_is_a_warning_on_its_cell() -> None:
    report = check_rows({"Gross internal area m2": NO_VALUE}, {"Reference": NO_VALUE}, {"Own column": NO_VALUE})
    found = [(issue.line, issue.field, issue.code, issue.is_rejecting) for issue in report.issues]
    assert found == [
        (2, "Gross internal area m2", "formula_without_value", False),
        (3, "Reference", "formula_without_value", False),
        (3, "Reference", "key_missing", True),
    ]
    assert "open and save the file in a spreadsheet program" in report.issues[0].message
    assert report.values["gross_internal_area_m2"][0] is None


def test_costs_need_a_year() -> None:
    with pytest.raises(YearNeeded):
        check(eric(), KNOWN, Options())
    with pytest.raises(YearUnknown):
        check(eric(), KNOWN, Options(year="soon"))
    report = check(eric(), KNOWN, Options(year="2023-24"))
    assert report.costs == {"rates": [10.0], "energy": [5.0]}
    assert report.values["surveyed_on"] == ["2024-03-31"]


def test_agencies_of_the_file() -> None:
    assert check(eric(), KNOWN, Options(year="2023-24")).agency_ids == [2]
    unknown = eric(**{"Trust Code": "RXX"})
    report = check(unknown, KNOWN, Options(year="2023-24"))
    assert codes(report) == {"agency_unknown"}
    assert report.rejected_count == 1
    created = check(unknown, KNOWN, Options(year="2023-24", create_agencies=True))
    assert created.accepted_count == 1
    assert created.new_agencies == [("RXX", "A Trust", "nhs")]
    assert codes(check(eric(**{"Trust Code": "Police"}), KNOWN, Options(year="2023-24"))) == {"agency_elsewhere"}
    assert codes(check(eric(**{"Trust Code": "", "Trust Name": ""}), KNOWN, Options(year="2023-24"))) == {
        "agency_missing"
    }


def test_rows_out_of_scope_have_that_reason_alone() -> None:
    header = ["UPRN", "AssetCode", "PropertyName", "PostCode", "GeoX", "GeoY", "TenureType", "HoldingType"]
    rows = [
        ["1.00E+11", "A1", "Field", "", "", "", "Freehold", "Land"],
        ["1", "A2", "Hall", "M32 0TH", "380000", "395000", "Freehold", "Buildings"],
        ["2", "A3", "Hall", "M32 0TH", "-2.3", "53.4", "Freehold", "Buildings"],
    ]
    report = check(content([header, *rows]), KNOWN, Options())
    assert [(issue.line, issue.code) for issue in report.issues] == [(2, "out_of_scope"), (4, "looks_like_degrees")]
    assert check(content([header, rows[2]]), KNOWN, Options(srid=4326)).accepted_count == 1


def test_a_footprint_is_kept_and_names_are_made() -> None:
    square = shapely.to_wkb(shapely.MultiPolygon([shapely.box(-2.31, 53.4, -2.3, 53.41)]), hex=True)
    header = ["ID", "DISTNAME", "CLASSIFICA", "area_name", "@x", "@y", "@outline", "@problem"]
    rows = [
        ["1", "Unknown", "Fire Station", "Bolton", "-2.305", "53.405", square, ""],
        ["2", "X", "Hospital", "Bury", "", "", "", "broken"],
    ]
    report = check(content([header, *rows], srid=4326), KNOWN, Options())
    assert report.values["name"] == ["Fire Station in Bolton", "X"]
    assert report.fixes.source[0] == "surveyed_polygon"
    assert report.values["footprint"][0] == square
    assert report.is_accepted == [True, False]
    assert "geometry_broken" in codes(report)


def test_every_layout_loads_and_is_found_by_its_own_header() -> None:
    assert len(layouts()) >= 10
    for name, layout in layouts().items():
        header = list(layout.needs)
        report_needs = [["x"] * len(header)]
        if layout.joins:
            continue
        try:
            report = check(content([header, *report_needs]), KNOWN, Options(layout=name, year="2023-24"))
        except InvalidInput as error:
            pytest.fail(f"{name}: {error.message}")
        assert report.rows_in == 1


def test_rejected_rows_come_back_mended() -> None:
    report = check_rows({"UPRN": "1.00E+11", "Name": "=SUM(A1)"}, {"UPRN": "7"})
    given_back = list(rejected_rows(report))
    assert given_back[0][-1] == REASON_COLUMN
    assert len(given_back) == 2
    assert "1.00E+11" in given_back[1][-1]
    mended = [given_back[0], [cell.replace("1.00E+11", "100012345678") for cell in given_back[1]]]
    again = check(content(mended), KNOWN, Options())
    assert again.accepted_count == 1
    assert not again.issues
    assert b"'=SUM" in write_csv(given_back)


def test_the_template_is_its_own_layout() -> None:
    columns = template_columns()
    assert len(columns) == len(set(columns))
    row = ["1" if name in ("Reference", "Name") else "" for name in columns]
    report = check(content([columns, row]), KNOWN, Options())
    assert report.layout == "estate_template"
    assert report.accepted_count == 1
    assert template_csv().startswith(b"\xef\xbb\xbfReference,Name")
    assert template_xlsx().startswith(b"PK")


CELLS = st.text(max_size=12) | st.sampled_from(
    ["0", "-1", "1e5", "NaN", "2023-24", "M32 0TH", "01/02/2020", "yes", "=1", "1,5"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(template_columns()), CELLS, max_size=12), min_size=1, max_size=6))
def test_no_cell_breaks_the_check(rows: list[dict[str, str]]) -> None:
    columns = template_columns()
    table = [
        columns,
        *([str(number), "x", *[row.get(name, "") for name in columns[2:]]] for number, row in enumerate(rows)),
    ]
    report = check(content(table), KNOWN, Options())
    assert report.rows_in == len(rows) == report.accepted_count + report.rejected_count
    rejected_lines = {issue.line for issue in report.issues if issue.is_rejecting}
    assert rejected_lines == {line for line, ok in zip(report.lines, report.is_accepted, strict=True) if not ok}
    assert not np.isinf(report.fixes.longitude).any()
