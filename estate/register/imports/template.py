"""Estate's own empty templates, as CSV and XLSX, made from their layouts; and rejected rows, to be mended."""

import csv
import io
from collections.abc import Iterable, Mapping

from estate.register.imports.fields import FIELDS
from estate.register.imports.layouts import layouts
from estate.register.models import COUNT_LAYOUT

LAYOUT, HOUSING = "estate_template", "housing"
FORMULA_STARTS = tuple("=+-@\t\r\uff1d")
MEANINGS = {
    "Reference": "Your own number or code of the building. It must stay the same for good.",
    "Financial year": "The year of the costs in this row, such as 2023-24.",
    "Tenure": "freehold, ground lease, leasehold, sub lease, licence, moto, pfi, vacant or other",
    "Status": "active, vacant, surplus or disposed",
    "Landlord": "Name of the landlord, always written in the same way",
    "Landlord code": "May be empty: the code of the landlord in this register",
    "Management patch": "The landlord's name of the patch in which the home is managed",
    "Block reference": "The landlord's reference of the block. All homes with it stand in one block; empty: a house",
    "Block name": "Such as: Elm Court, 1 to 24",
    "Dwelling reference": "The landlord's reference of the home. It must stay the same for good.",
    "Address": "The home's own address, without town and postcode. No names of tenants.",
    "Bedrooms": "A whole number, or bedsit",
    "UPRN": "Up to 12 digits. Format the column as text, or a spreadsheet rounds it.",
    "Postcode": "Places the building where coordinates are missing.",
    "Earliest break": "Where the break is rolling: its first day, written as 2026-02-01",
    "Last break": "Where the break is rolling: its last day, written as 2026-02-01",
    "Break notice months": "Whole months between the notice and the break",
    "Break penalty": "What using the break costs, in pounds",
    "Rent review every months": "Whole months between two reviews, such as 60",
    "Repair liability": "tenant full, tenant internal, shared (by a service charge) or landlord",
    "Occupancy method": "survey, passes, log ins, bookings or head count",
    "Energy certificate": "dec (display) or epc (performance)",
    "Condition": "A good, B satisfactory, C poor, D life expired",
    "Listed": "yes or no",
    "Who may see it": "open, partner, owner (only your agency) or secret; empty: partner, or as it is",
    "Public counter": "yes or no",
}


MEANINGS_OF = {
    HOUSING: {
        "Tenure": "As the home is let or sold, such as Social rent, Affordable rent, Shared ownership",
        "Status": "let, void, surplus, sold or demolished; empty: let",
    }
}
"""What columns of one layout mean that mean something else in Estate's own."""


def template_columns(name: str = LAYOUT) -> list[str]:
    """The headings, in the layout's order."""
    layout = layouts()[name]
    agency = [column for column in (layout.agency.name, layout.agency.code) if column] if layout.agency else []
    names = [*agency, *layout.key, *(source.columns[0] for source in layout.fields.values() if source.columns)]
    return [*names, *(column for cost in (*layout.costs, *layout.budgets) for column in cost.columns)]


def template_csv(name: str = LAYOUT) -> bytes:
    """The empty template as CSV, with a byte order mark so that spreadsheets read it as UTF-8."""
    return write_csv([template_columns(name)])


def counts_csv() -> bytes:
    """The empty file for counts of people, as CSV."""
    layout = layouts()[COUNT_LAYOUT]
    building = [layout.building.reference, layout.building.uprn] if layout.building else []
    return write_csv([[*building, *(source.columns[0] for source in layout.fields.values())]])


def template_xlsx(vocabularies: Mapping[str, Mapping[str, str]] | None = None, name: str = LAYOUT) -> bytes:
    """The empty template as a workbook: all cells are text, and a second sheet explains the columns.

    `vocabularies` names the known uses and services, as in `check.Known`.
    """
    buffer = io.BytesIO()
    # Imported here: the web server would wait for it at every start.
    import xlsxwriter

    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    text, bold = workbook.add_format({"num_format": "@"}), workbook.add_format({"bold": True, "text_wrap": True})
    sheet, guide = workbook.add_worksheet("Homes" if name == HOUSING else "Buildings"), workbook.add_worksheet("Guide")
    columns = template_columns(name)
    sheet.set_column(0, len(columns) - 1, 18, text)
    sheet.freeze_panes(1, 2)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, bold)
    guide.set_column(0, 0, 32)
    guide.set_column(1, 1, 90)
    for line, (column, meaning) in enumerate(_guide(name, columns, vocabularies or {})):
        guide.write_string(line, 0, column)
        guide.write_string(line, 1, meaning)
    workbook.close()
    return buffer.getvalue()


def _guide(layout: str, columns: list[str], vocabularies: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    lines = [("How to fill it in", layouts()[layout].description)]
    listed = {
        field.title: ", ".join(vocabularies.get(field.vocabulary or "", {}).values()) for field in FIELDS.values()
    }
    for name in columns:
        meaning = MEANINGS_OF.get(layout, {}).get(name) or MEANINGS.get(name) or listed.get(name) or ""
        if name.startswith("Cost: "):
            meaning = "The whole year's amount in pounds, without VAT that is recovered."
        if name.startswith("Budget: "):
            meaning = "What is budgeted for the financial year of this row, in pounds."
        if name.endswith(("date", "start", "end", "break", "review", "given")):
            meaning = "A date, written as 2026-02-01"
        lines.append((name, meaning))
    return lines


def write_csv(rows: Iterable[list[str]]) -> bytes:
    """CSV in UTF-8 with a byte order mark. A cell that a spreadsheet would take for a formula gets an apostrophe,
    which Estate takes off again when it reads the file.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow(
            [f"'{cell}" if cell.startswith(FORMULA_STARTS) and not _is_number(cell) else cell for cell in row]
        )
    return buffer.getvalue().encode("utf-8-sig", "replace")


def _is_number(cell: str) -> bool:
    """Signed numbers are no formulas."""
    return cell[1:].replace(".", "", 1).isdigit() and cell[0] in "+-"
