"""Files of a housing stock for tests: synthetic homes, as landlords send them."""

import csv
import io

from sqlalchemy.orm import Session

from estate.people.models import Agency
from estate.register.imports.check import Options
from estate.register.imports.uploads import apply_import, start_import
from estate.register.models import Import

HEADER = (
    "Landlord", "Management patch", "Block reference", "Block name", "Dwelling reference", "UPRN", "Address", "Town",
    "Postcode", "Latitude", "Longitude", "Bedrooms", "Tenure", "Floor area m2", "Status",
)  # fmt: skip


def home(reference: str = "H1", **cells: str) -> dict[str, str]:
    """One row: a flat in a block, unless `cells` say otherwise, in words with underscores."""
    row = {
        "Landlord": "Tees Homes", "Management patch": "North", "Block reference": "B1", "Block name": "Elm Court",
        "Dwelling reference": reference, "Address": f"Flat {reference}, Elm Court", "Town": "Testham",
        "Latitude": "53.4", "Longitude": "-2.3", "Bedrooms": "2", "Tenure": "Social rent", "Status": "Let",
    }  # fmt: skip
    return {**row, **{name.replace("_", " "): cell for name, cell in cells.items()}}


def house(reference: str, **cells: str) -> dict[str, str]:
    """The same of a house, which stands in no block."""
    return home(reference, **{"Block_reference": "", "Block_name": "", "Address": f"{reference} High Street", **cells})


def housing_csv(*rows: dict[str, str]) -> bytes:
    """The file."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, HEADER)
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def bring_housing(session: Session, agency: Agency, *rows: dict[str, str], name: str = "homes.csv") -> Import:
    """The file in the register, brought by an agency that may create landlords."""
    options = Options(create_agencies=True)
    brought = start_import(session, housing_csv(*rows), name, agency=agency, actor=None, options=options)
    apply_import(session, brought, actor=None)
    return brought
