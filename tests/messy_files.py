"""Spreadsheets as asset managers keep them, made by code: titles over the header, blanks, units, words of their own."""

import io
from collections.abc import Iterable, Sequence
from datetime import date

import openpyxl

HEADER = [
    "Prop Ref", "Property Name", "House No", "Street", "Town", "Post Code", "Size (sq ft)", "Type of tenure",
    "Asset type", "Listed?", "Lease expiry", "Rent 2022-23", "Rent 2023-24", "Electricity 2023/24", "Ask",
]  # fmt: skip
ROWS: list[list[object]] = [
    ["T001", "Town Hall", 1, "High Street", "Testford", "M32 0TH", "12,500", "Freehold - owner occ.", "Town Hall",
     "Grade II", None, None, None, "£18,400", "Jean"],
    ["T002", "Mill Lane Depot", None, "Mill Lane", None, "M32 0TH", "approx 500 sq ft", "L/hold", "Works depot", "No",
     "25/12/2030", "£12,500", "£13k", 900, None],
    ["T003", "Park Library", 3, "Park Road", None, "M31 1AA", "n/k", "Leased from NHS", "Branch library", "N",
     "01/02/2031", 1000, 1200.5, "n/k", None],
    ["T004", "Oldtown Clinic", "12a", "Station Road", "Oldtown", "M31 1AA", 5000, "freehold", "Clinic", "N", None, None,
     None, None, None],
    ["T005", "Weavers Hall", None, "Weaver Street", None, "M31 1AA", "lots", "Peppercorn", "Community centre", "N",
     "holding over", None, None, None, None],
    ["TOTAL", None, None, None, None, None, None, None, None, None, None, 13500, 14200.5, 19300, None],
]  # fmt: skip
SECOND = [["Ref", "Name", "Postcode"], ["Y1", "Youth Centre", "M31 1AA"], ["Y2", "Pavilion", "M32 0TH"]]


def messy_workbook(rows: Iterable[Sequence[object]] = ROWS, header: Sequence[object] = HEADER) -> bytes:
    """Two title rows and a blank one, the header on line 4, totals below; a second sheet; a sheet of notes."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Buildings"
    sheet.append(["Borough of Testford: land and property list"])
    sheet.append(["Printed 3 May. Ask Jean before changing anything!"])
    for place, name in enumerate(header, start=1):
        sheet.cell(4, place, name)
    for line, row in enumerate(rows, start=5):
        for place, value in enumerate(row, start=1):
            sheet.cell(line, place, value)
    other = book.create_sheet("Youth service")
    for line in SECOND:
        other.append(line)
    book.create_sheet("Notes").append(["To do", "check the depot"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


ESTATE_HEADER = [
    "Asset", "Property", "Address", "", "P/Code", "Tenure", "Lease end", "NIA (m2)", "Rates", "Gas & Elec", "Cleaning",
    "Notes", "Notes (JS)",
]  # fmt: skip
ESTATE_ROWS: list[list[object]] = [
    ["ADULT SOCIAL CARE"],
    ["A-001", "Elm House day centre", "1", "Elm Road", "M320TH", "Freehold - owner occ.", None, "1,250", "£18,400",
     "£9,310.50", 4000, "roof!", "see email"],
    ["A-002", "Oak Lodge", "12-14", "Oak Street", "m31 1aa", "L/hold", date(2031, 3, 31), 840, " £ 7,200 ", "£4k", "-",
     None, None],
    [],
    ["A-003", "The Limes", None, "Lime Grove", "M311AA", "Leased from NHS", "31.12.2028", "c. 300", None, 2100.4, "n/a",
     "break in 2027?", None],
    ["Subtotal", None, None, None, None, None, None, 2390, 25600, 15410.9, 4000, None, None],
    [],
    ["LIBRARIES"],
    ["L-001", "Central Library", "2", "High Street", "M32 0TH", "FH", None, 2100, "£31,000", 15000, "£6,250"],
    ["L-001", "Central Library annexe", "2a", "High Street", "M32 0TH", "FH", None, 310, "£2,000"],
    ["L-002", "Park Library", "3", "Park Road", "M311AA", "Peppercorn", "25 Dec 2030", "not known", "£2,100", "£900",
     None, "mobile", "JS"],
    ["Subtotal", None, None, None, None, None, None, 2410, 35100, 15900, 6250, None, None],
    ["TOTAL", None, None, None, None, None, None, 4800, 60700, 31310.9, 10250, None, None],
]  # fmt: skip


def estate_workbook() -> bytes:
    """A list as it is handed round: merged titles, a row of groups over the header on line 4, sections and subtotals.

    Dates are dates or texts, amounts have pound signs, a reference stands twice, postcodes lack their space.
    """
    book = openpyxl.Workbook()
    front = book.active
    front.title = "READ ME"
    front.append(["Please keep the formatting. Costs are 2023-24. JS"])
    sheet = book.create_sheet("Property list")
    sheet["A1"] = "Testford Council - property list 2023/24"
    sheet.merge_cells("A1:M1")
    sheet["A2"] = "Printed 3 May 2024 - OFFICIAL"
    sheet.merge_cells("A2:F2")
    sheet["C3"], sheet["I3"] = "Where", "Costs (£, 2023/24)"
    sheet.merge_cells("C3:E3")
    sheet.merge_cells("I3:K3")
    for place, name in enumerate(ESTATE_HEADER, start=1):
        sheet.cell(4, place, name or None)
    sheet.merge_cells("C4:D4")
    for line, row in enumerate(ESTATE_ROWS, start=5):
        for place, value in enumerate(row, start=1):
            sheet.cell(line, place, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
