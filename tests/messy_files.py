"""Spreadsheets as asset managers keep them, made by code: titles over the header, blanks, units, words of their own."""

import io
from collections.abc import Iterable, Sequence

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
