"""Each real register imports, its row equation checked by an independent count; a second time nothing changes."""

import csv
import json
import zipfile
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.register.imports.check import Options
from estate.register.imports.reporting import report_on
from estate.register.imports.uploads import apply_import, start_import
from estate.register.models import Building, RunningCost
from tests.factories import make_agency

# File, layout, rows that must be accepted at least, and what the user chooses.
FILES = [
    ("trafford_land_and_building_assets.csv", "transparency_code", 295, {}),
    ("eric_site_2023_24.csv", "eric_sites", 2850, {"year": "2023-24", "create_agencies": True}),
    ("libraries_england_2023.csv", "libraries", 2900, {"create_agencies": True}),
    ("fire_stations.ods", "fire_stations", 1390, {"create_agencies": True}),
    ("gp_practices_epraccur.csv", "nhs_ods_practices", 6750, {}),
    ("courts", "courts", 548, {}),
    ("gm_jobcentreplus.csv", "open_data_points", 26, {}),
    ("gm_libraries.csv", "open_data_points", 141, {}),
    ("gm_probation_offices.csv", "open_data_points", 12, {}),
    ("trafford_general_practices.csv", "open_data_points", 26, {}),
    ("trafford_schools_and_colleges.csv", "schools", 103, {}),
    ("gm_fire_stations.geojson", "open_data_footprints", 82, {}),
    ("gm_hospitals.geojson", "open_data_footprints", 449, {}),
]


def content_of(path: Path) -> tuple[bytes, str]:
    """The bytes to upload; a folder of tables as a ZIP."""
    if not path.is_dir():
        return path.read_bytes(), path.name
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for table in path.glob("*.csv"):
            archive.write(table, table.name)
    return buffer.getvalue(), f"{path.name}.zip"


def independent_count(path: Path) -> int:
    """Rows by a reader that is not Estate's."""
    if path.is_dir():
        path = path / "court.csv"
    if path.suffix == ".geojson":
        return len(json.loads(path.read_bytes())["features"])
    if path.suffix == ".ods":
        import python_calamine

        return len(python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()) - 1
    rows = [row for row in csv.reader(StringIO(path.read_text("utf-8-sig"))) if any(row)]
    return len(rows) - (0 if "epraccur" in path.name else 1)


@pytest.mark.parametrize(("name", "layout", "least", "chosen"), FILES, ids=[file[0] for file in FILES])
def test_a_real_register_imports(
    session: Session, shared_data: Path, name: str, layout: str, least: int, chosen: dict[str, object]
) -> None:
    path = shared_data / "registers" / name
    content, file_name = content_of(path)
    agency = make_agency(session)
    options = Options(**chosen)  # type: ignore[arg-type]
    brought = start_import(session, content, file_name, agency=agency, actor=None, options=options)
    report = report_on(session, brought)
    counts = apply_import(session, brought, actor=None, report=report)
    assert report.layout == layout
    assert counts.rows_in == independent_count(path)
    assert counts.rows_in == counts.inserted + counts.updated + counts.unchanged + counts.rejected
    assert counts.inserted >= least
    assert session.scalar(select(func.count()).select_from(Building)) == counts.inserted
    rejected_lines = {issue.line for issue in report.issues if issue.is_rejecting}
    assert len(rejected_lines) == counts.rejected
    placed = session.scalar(select(func.count()).where(Building.location.is_not(None)))
    assert placed is not None
    assert placed >= 0.95 * counts.inserted
    events = session.scalar(select(func.count()).select_from(Event).where(Event.subject_type == "building"))
    assert events == counts.inserted
    again = start_import(session, content, file_name, agency=agency, actor=None, options=options)
    second = apply_import(session, again, actor=None)
    assert (second.inserted, second.updated, second.unchanged) == (0, 0, counts.inserted)


def test_real_costs_add_up(session: Session, shared_data: Path) -> None:
    path = shared_data / "registers" / "eric_site_2023_24.csv"
    agency = make_agency(session)
    options = Options(year="2023-24", create_agencies=True)
    brought = start_import(session, path.read_bytes(), path.name, agency=agency, actor=None, options=options)
    report = report_on(session, brought)
    apply_import(session, brought, actor=None, report=report)
    rejected = {issue.line for issue in report.issues if issue.is_rejecting}
    rows = list(csv.DictReader(StringIO(path.read_text("utf-8-sig"))))
    known = [row["Rates (£)"] for line, row in enumerate(rows, start=2) if line not in rejected]
    expected = sum(float(cell) for cell in known if cell not in ("N/A", "Not Applicable", ""))
    stored = session.scalar(select(func.sum(RunningCost.amount)).where(RunningCost.category_code == "rates"))
    assert float(stored or 0) == pytest.approx(expected)
