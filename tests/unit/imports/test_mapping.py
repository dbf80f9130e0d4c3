"""Unknown files: header found, columns and words guessed with reasons, loose cells read, nothing silently mended."""

import io
from typing import Any

import openpyxl
import pytest

from estate.register.imports import loose, values
from estate.register.imports.check import Known, Options, check
from estate.register.imports.mapping.header import column_names, find_header, fingerprint
from estate.register.imports.mapping.mapped import mapped_table
from estate.register.imports.mapping.profile import first_mapping, make_profile
from estate.register.imports.mapping.spec import ColumnUse, Mapping, mapping_from, problems_of
from estate.register.imports.mapping.table import choose_sheet, headers_of, raw_table
from estate.register.imports.mapping.words import guess_word
from estate.register.imports.read import FileContent, read_file
from estate.register.imports.readers import Sheet
from estate.register.imports.report import Report
from estate.register.imports.values import Noted, Problem
from tests.messy_files import messy_workbook

VOCABULARIES = {
    "use_class": {"office": "Office", "depot": "Depot or workshop", "library": "Library", "hospital": "Hospital"},
    "service": {"library": "Library"},
    "cost_category": {"rent": "Rent and service charge", "energy": "Energy", "other": "Other running cost"},
}
KNOWN = Known(1, "Test Council", vocabularies=VOCABULARIES)


def content(*table: list[str], encoding: str | None = "UTF-8") -> FileContent:
    rows = [(line, row) for line, row in enumerate(table, start=1) if any(row)]
    sheet = Sheet("sheet", [[*row] for _, row in rows], [line for line, _ in rows])
    return FileContent("list.csv", "0" * 64, [sheet], encoding)


def guesses(*table: list[str]) -> dict[str, dict[str, Any]]:
    profile = make_profile(content(*table), Options(), VOCABULARIES)
    return dict(zip([one["name"] for one in profile["columns"]], profile["guesses"], strict=True))


def uses(*table: list[str]) -> dict[str, str]:
    return {name: guess["use"] for name, guess in guesses(*table).items()}


def report(file: FileContent, *columns: ColumnUse, **said: Any) -> Report:
    year = said.pop("year", None)
    table = raw_table(file, choose_sheet(file, None), None, frozenset())
    return check(file, KNOWN, Options(year=year), table=mapped_table(table, Mapping(columns, **said), "Mine"))


@pytest.mark.parametrize(
    ("above", "header"),
    [
        ([], 0),
        ([["Asset list 2023"]], 1),
        ([["Asset list 2023", "", "Draft"], ["", ""], ["Printed", "3 May", "2023"]], 2),
        ([["Costs", "", "2022-23", "2023-24"]], 1),
    ],
)
def test_the_header_is_found_below_titles(above: list[list[str]], header: int) -> None:
    table = [*above, ["Ref", "Name", "Postcode", "Rent"], ["1", "Hall", "M32 0TH", "100"], ["2", "Shed", "", "5"]]
    sheet = content(*table).sheets[0]
    assert find_header(sheet, frozenset({"ref", "name", "postcode", "rent"})) == header
    assert find_header(sheet, frozenset()) == header


def test_a_file_of_figures_has_no_header() -> None:
    assert find_header(content(["1", "2"], ["3", "4"]).sheets[0], frozenset()) == -1


def test_names_are_unique_and_come_back_the_same() -> None:
    names = column_names(["Cost", "", "cost ", "A|B{x}"], 6)
    assert names == ["Cost", "Column B", "cost (2)", "A/B(x)", "Column E", "Column F"]
    assert column_names(names, 6) == names
    assert fingerprint(names) == fingerprint([*names[::-1], "Rejected because"])
    assert fingerprint(names) != fingerprint(["Cost"])
    assert column_names(["a\x00b"], 1) == ["a\N{REPLACEMENT CHARACTER}b"]


def test_a_header_is_known_again_wherever_it_stands() -> None:
    one = content(["Ref", "Name"], ["1", "Hall"])
    other = content(["A title"], ["", ""], ["name", "REF", ""], ["Hall", "1"])
    (found,) = set(headers_of(one)) & set(headers_of(other))
    assert headers_of(other)[found][1] == 1


def test_columns_are_guessed_by_heading() -> None:
    found = guesses(
        ["Property Ref.", "Site name", "Postal Code", "GIA (sq. ft)", "Electricty 2022/23", "Lease expiry date", "Zzz"],
        ["A1", "Hall", "M32 0TH", "1,000", "£5", "25/12/2030", "x"],
        ["A2", "Shed", "M31 1AA", "500", "£7", "01/02/2031", "y"],
    )
    assert [guess["use"] for guess in found.values()] == [
        "key", "name", "postcode", "gross_internal_area_m2", "cost:energy", "lease_end_on", "",
    ]  # fmt: skip
    assert found["GIA (sq. ft)"]["unit"] == "sqft"
    assert found["Electricty 2022/23"]["year"] == 2022
    assert "like “electricity”" in found["Electricty 2022/23"]["why"]
    assert found["Lease expiry date"]["dates"] == "day_first"
    assert found["Site name"]["confidence"] > found["Electricty 2022/23"]["confidence"]


@pytest.mark.parametrize("heading", ["Rent pa", "Rent (£ p.a.)", "Rent £pa", "RENT PER ANNUM"])
def test_a_yearly_rent_is_what_the_lease_says(heading: str) -> None:
    rows = ["A1", "Hall", "£1,000"], ["A2", "Shed", "£5"]
    assert uses(["Ref", "Name", heading], *rows)[heading] == "rent_per_year"
    assert uses(["Ref", "Name", "Rent"], *rows)["Rent"] == "cost:rent"


def test_a_heading_over_names_or_references_is_what_its_cells_are() -> None:
    headings = ["Prop No.", "Asset", "Addr 1", "Addr 2", "P/code", "What it's used for", "Lease exp."]
    row = ["Jones St", "Horwich", "BL6 7AJ", "Library", "25 March 2026"]
    found = guesses(headings, ["P001", "Horwich Library", *row], ["P002", "Town Hall Annexe", *row])
    assert [guess["use"] for guess in found.values()] == [
        "key", "name", "street", "street", "postcode", "use_class_code", "lease_end_on",
    ]  # fmt: skip
    assert "not codes" in found["Asset"]["why"]
    coded = uses(["Asset", "Site"], ["A 100", "Horwich Library"], ["A 101", "Town Hall Annexe"])
    assert coded == {"Asset": "key", "Site": "name"}


@pytest.mark.parametrize(
    ("title", "headings", "year"),
    [
        ("Assets", ["Rates 23/24", "Gas & Elec"], "2023-24"),
        ("Costs of 2021/22", ["Rates 23/24", "Gas & Elec"], "2021-22"),
        ("Assets", ["Rates 22/23", "Rates 23/24"], None),
        ("Assets", ["Rates", "Gas & Elec"], None),
    ],
)
def test_the_year_of_costs_is_that_of_the_title_or_of_the_only_dated_heading(
    title: str, headings: list[str], year: str | None
) -> None:
    file = content([title], ["Ref", "Name", *headings], ["1", "Hall", "£5", "£7"], ["2", "Shed", "£1", "£2"])
    mapping = first_mapping(make_profile(file, Options(), VOCABULARIES), None, VOCABULARIES)
    assert mapping.constants.get("year") == year


def test_columns_are_guessed_by_content() -> None:
    assert uses(
        ["a", "b", "c", "d", "e", "f"],
        ["100012345678", "M32 0TH", "-2.31", "53.41", "freehold", "Town Hall"],
        ["100012345679", "M31 1AA", "-2.32", "53.42", "leasehold", "Depot"],
    ) == {"a": "uprn", "b": "postcode", "c": "longitude", "d": "latitude", "e": "tenure", "f": "name"}


def test_content_overrules_a_heading_and_half_a_pair_is_nothing() -> None:
    found = guesses(
        ["Ref", "Name", "Postcode", "Easting"],
        ["1", "Hall", "see file", "380000"],
        ["1", "Shed", "see file", "381000"],
    )
    assert [guess["use"] for guess in found.values()] == ["", "name", "", ""]
    assert "One coordinate without the other" in found["Easting"]["why"]


def test_dates_without_proof_have_no_order() -> None:
    table = [["Ref", "Name", "Lease end"], ["1", "Hall", "01/02/2030"], ["2", "Shed", "03/04/2031"]]
    assert guesses(*table)["Lease end"]["dates"] == ""
    named = [ColumnUse("Ref", "key"), ColumnUse("Name", "name")]
    refused = report(content(*table), *named, ColumnUse("Lease end", "lease_end_on"))
    assert {issue.code for issue in refused.issues if issue.is_rejecting} == {"date_ambiguous"}
    taken = report(content(*table), *named, ColumnUse("Lease end", "lease_end_on", dates="day_first"))
    assert taken.values["lease_end_on"] == ["2030-02-01", "2031-04-03"]


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("tenure", "Freehold - owner occ.", "freehold"),
        ("tenure", "LEASEHOLD", "leasehold"),
        ("tenure", "Long ground lease (999 yrs)", "ground_lease"),
        ("tenure", "Freehould", "freehold"),
        ("tenure", "peppercorn", ""),
        ("tenure", "n/k", ""),
        ("use_class_code", "Branch Library", "library"),
        ("use_class_code", "Police station", ""),
        ("is_listed", "Grade II*", "yes"),
        ("is_public_counter", "N", "no"),
        ("status", "Declared surplus", "surplus"),
    ],
)
def test_words_are_guessed(field: str, cell: str, code: str) -> None:
    assert guess_word(field, cell, VOCABULARIES).code == code


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        ("1,234", "m2", 1234.0),
        ("1,000", "sqft", 92.9),
        ("approx 500 sq ft", "m2", Noted),
        ("500 m²", "sqft", Noted),
        ("c. 500", "m2", Noted),
        ("lots", "m2", Problem),
        ("-5", "m2", Problem),
        ("500-600", "m2", Problem),
    ],
)
def test_areas_as_people_type_them(cell: str, unit: str, value: Any) -> None:
    found = loose.measure_parser(values.area_m2, unit)(cell)
    assert isinstance(found, value) if isinstance(value, type) else found == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("£1,234.50 pa", 1234.5), ("£12.5k", 12_500), ("approx £5,000 p.a.", 5000), ("(500)", None), ("nil", None)],
)
def test_amounts_as_people_type_them(cell: str, value: float | None) -> None:
    found = loose.measure_parser(values.amount, "amount")(cell)
    assert isinstance(found, Problem) if value is None else (found[0] if isinstance(found, Noted) else found) == value


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("3.4.19", "day_first", "2019-04-03"),
        ("03/04/2019", "month_first", "2019-03-04"),
        ("1st March 2019", "plain", "2019-03-01"),
        ("12-Mar-98", "plain", "1998-03-12"),
        ("25/12/30", "plain", "2030-12-25"),
        ("2019-03-04", "month_first", "2019-03-04"),
        ("13/13/2019", "day_first", None),
        ("Mar-19", "day_first", None),
        ("03/04/2019", "plain", None),
    ],
)
def test_dates_as_people_type_them(cell: str, order: str, day: str | None) -> None:
    found = loose.day_parser(order)(cell)
    assert isinstance(found, Problem) if day is None else found == day


def test_costs_by_category_and_by_year_from_one_row() -> None:
    file = content(
        ["Ref", "Name", "Gas", "Power", "Rent 22-23"], ["1", "Hall", "£100", "50", "1k"], ["2", "B", "", "", ""]
    )
    found = report(
        file, ColumnUse("Ref", "key"), ColumnUse("Name", "name"), ColumnUse("Gas", "cost:energy"),
        ColumnUse("Power", "cost:energy"), ColumnUse("Rent 22-23", "cost:rent", year=2022), year="2023-24",
    )  # fmt: skip
    assert {(category, years[0], amounts[0]) for category, years, amounts in found.cost_columns} == {
        ("energy", 2023, 150.0), ("rent", 2022, 1000.0),
    }  # fmt: skip
    assert found.rejected_count == 0


def test_a_cost_that_two_columns_give_for_one_year_is_refused() -> None:
    file = content(
        ["Ref", "Name", "Rent", "Rent 22-23"], ["1", "A", "5", "6"], ["2", "B", "5", ""], ["3", "C", "", "6"]
    )
    columns = [ColumnUse("Ref", "key"), ColumnUse("Name", "name"), ColumnUse("Rent", "cost:rent"),
               ColumnUse("Rent 22-23", "cost:rent", year=2022)]  # fmt: skip
    assert report(file, *columns, year="2022-23").is_accepted == [False, True, True]
    assert report(file, *columns, year="2023-24").is_accepted == [True, True, True]


def test_several_columns_make_one_address_and_one_reference() -> None:
    file = content(["No", "Road", "Area", "Name"], ["12a", "High St", "Old Town", "Hall"], ["", "Mill Ln", "", "Shed"])
    found = report(
        file, ColumnUse("No", "street"), ColumnUse("Road", "street"), ColumnUse("Area", "street"),
        ColumnUse("Name", "name"), ColumnUse("Road (2)"), ColumnUse("x", ""),
    )  # fmt: skip
    assert found.values["street"] == ["12a High St, Old Town", "Mill Ln"]
    assert found.rejected_count == 2
    assert {issue.code for issue in found.issues if issue.is_rejecting} == {"key_missing"}


def test_empty_cells_below_a_merged_one_are_filled_only_where_said() -> None:
    file = content(["Ref", "Name", "Town"], ["1", "A", "Oldtown"], ["2", "B", ""], ["3", "C"])
    columns = [ColumnUse("Ref", "key"), ColumnUse("Name", "name")]
    assert report(file, *columns, ColumnUse("Town", "post_town")).values["post_town"] == ["Oldtown", None, None]
    filled = report(file, *columns, ColumnUse("Town", "post_town", is_filled_down=True))
    assert filled.values["post_town"] == ["Oldtown"] * 3
    assert file.sheets[0].rows[2] == ["2", "B", ""]


def test_words_and_what_holds_for_all_rows() -> None:
    file = content(
        ["Ref", "Name", "Held"], ["1", "A", "FH - own"], ["2", "B", ""], ["3", "C", "Odd"], ["4", "D", "pfi"]
    )
    columns = [ColumnUse("Ref", "key"), ColumnUse("Name", "name"), ColumnUse("Held", "tenure")]
    said = {"words": {"Held": {"fh - own": "freehold"}}, "constants": {"status": "vacant"}}
    found = report(file, *columns, **said)
    assert found.values["tenure"] == ["freehold", None, None, "pfi"]
    assert found.values["status"] == ["vacant"] * 4
    assert [issue.value for issue in found.issues if issue.code == "value_unknown"] == ["Odd"]


def test_a_lenient_mapping_keeps_rows_but_never_a_wrong_uprn() -> None:
    file = content(["Ref", "Name", "Size", "UPRN"], ["1", "A", "lots", ""], ["2", "B", "5", "1.00E+11"])
    columns = [ColumnUse("Ref", "key"), ColumnUse("Name", "name"), ColumnUse("Size", "gross_internal_area_m2"),
               ColumnUse("UPRN", "uprn")]  # fmt: skip
    assert report(file, *columns).is_accepted == [False, False]
    assert report(file, *columns, is_lenient=True).is_accepted == [True, False]


@pytest.mark.parametrize(
    ("columns", "where"),
    [
        ([("a", "name")], {""}),
        ([("a", "key")], {""}),
        ([("a", "key"), ("b", "name"), ("c", "uprn"), ("d", "uprn")], {"3"}),
        ([("a", "key"), ("b", "name"), ("c", "latitude")], {"2"}),
        ([("a", "key"), ("b", "name"), ("c", "cost:gone")], {"2"}),
        ([("a", "key"), ("b", "key"), ("c", "name"), ("d", "cost:rent"), ("e", "cost:rent")], set()),
    ],
)
def test_what_a_mapping_lacks(columns: list[tuple[str, str]], where: set[str]) -> None:
    mapping = Mapping(tuple(ColumnUse(*one) for one in columns))
    assert set(problems_of(mapping, VOCABULARIES["cost_category"])) == where
    assert mapping_from(mapping.as_json()) == mapping


def test_a_messy_workbook_is_understood() -> None:
    profile = make_profile(read_file(messy_workbook(), "list.xlsx"), Options(), VOCABULARIES)
    assert (profile["sheet"], profile["header_line"], profile["row_count"]) == ("Buildings", 4, 6)
    mapping = first_mapping(profile, None, VOCABULARIES)
    assert {column.name: column.use for column in mapping.columns if column.use} == {
        "Prop Ref": "key", "Property Name": "name", "House No": "street", "Street": "street", "Town": "post_town",
        "Post Code": "postcode", "Size (sq ft)": "gross_internal_area_m2", "Type of tenure": "tenure",
        "Asset type": "use_class_code", "Listed?": "is_listed", "Lease expiry": "lease_end_on",
        "Rent 2022-23": "cost:rent", "Rent 2023-24": "cost:rent", "Electricity 2023/24": "cost:energy",
    }  # fmt: skip
    assert [column.name for column in mapping.columns if column.is_filled_down] == ["Town"]
    assert mapping.words["Type of tenure"] == {
        "freehold - owner occ.": "freehold", "l/hold": "leasehold", "leased from nhs": "leasehold",
        "freehold": "freehold", "peppercorn": "",
    }  # fmt: skip


def test_typed_dates_and_long_numbers_of_a_workbook_are_what_they_were() -> None:
    import datetime

    book = openpyxl.Workbook()
    book.active.append(["Ref", "Name", "UPRN", "Lease end"])
    book.active.append([1, "Hall", 100012345678, datetime.date(2030, 2, 1)])
    buffer = io.BytesIO()
    book.save(buffer)
    file = read_file(buffer.getvalue(), "a.xlsx")
    mapping = first_mapping(make_profile(file, Options(), VOCABULARIES), None, VOCABULARIES)
    found = report(file, *mapping.columns)
    assert (found.keys, found.values["uprn"], found.values["lease_end_on"]) == (["1"], ["100012345678"], ["2030-02-01"])


def rows_of(*table: list[str]) -> str:
    return str(make_profile(content(*table), Options(), VOCABULARIES)["rows"])


def test_what_one_row_is_is_guessed() -> None:
    assert (
        rows_of(["Ref", "Date", "Average people"], ["A1", "2025-03-01", "20"], ["A1", "2025-04-01", "21"]) == "counts"
    )
    assert rows_of(["Ref", "Category", "Value"], ["A1", "Electricity", "20"], ["A1", "Rent", "21"]) == "costs"
    assert rows_of(["Ref", "Category", "Value"], ["A1", "Depot", "20"], ["A2", "Library", "21"]) == "buildings"
    is_list = ["Ref", "Name", "Postcode", "Average people", "Count date"], ["A1", "Hall", "M32 0TH", "20", "2025-03-01"]
    assert rows_of(*is_list) == "buildings"


@pytest.mark.parametrize(
    ("rows", "columns", "said", "where"),
    [
        ("counts", ["observed_on", "average"], {"method": "survey"}, {""}),
        ("counts", ["key", "observed_on", "average"], {}, {""}),
        ("counts", ["key", "observed_on", "average"], {"method": "survey"}, set()),
        ("counts", ["uprn", "key", "key", "observed_on", "method"], {}, {"2"}),
        ("counts", ["key", "observed_on", "method", "postcode"], {}, {"3"}),
        ("costs", ["uprn", "amount"], {}, {""}),
        ("costs", ["uprn", "amount"], {"category_code": "rent"}, set()),
        ("stars", ["key", "name"], {}, {"rows"}),
    ],
)
def test_what_rows_that_name_a_building_lack(
    rows: str, columns: list[str], said: dict[str, str], where: set[str]
) -> None:
    mapping = Mapping(tuple(ColumnUse(str(n), use) for n, use in enumerate(columns)), constants=said, rows=rows)
    assert set(problems_of(mapping, VOCABULARIES["cost_category"])) == where


def test_a_mapping_of_before_is_one_of_buildings() -> None:
    kept = Mapping((ColumnUse("Ref", "key"),)).as_json()
    del kept["rows"]
    assert mapping_from(kept).rows == "buildings"
