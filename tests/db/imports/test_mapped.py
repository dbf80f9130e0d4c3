"""Mapped files: no row is lost, counted by an independent reader; a dry run warns as the real one; sheets; years."""

import io
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from estate.cli import main
from estate.db import make_session
from estate.people.accounts import create_agency
from estate.people.models import Agency
from estate.register.imports.check import Options
from estate.register.imports.mapping import drafts
from estate.register.imports.uploads import apply_import, check_import, start_import
from estate.register.models import Building, Import, ImportMapping, ImportStatus, RunningCost, SourceRecord
from tests import factories
from tests.factories import make_area
from tests.messy_files import ROWS, messy_workbook


@pytest.fixture
def agency(session: Session) -> Agency:
    make_area(session, bounds=(-2.5, 53.3, -2.0, 53.6))
    return factories.make_agency(session, name="Test Council")


def bring(session: Session, agency: Agency, content: bytes, name: str = "list.xlsx", **options: str) -> Import:
    """An import that is checked, mapped as it is guessed where it is unknown."""
    brought = start_import(session, content, name, agency=agency, actor=None, options=Options(**options))  # type: ignore[arg-type]
    if check_import(session, brought) is None and brought.status is ImportStatus.MAPPING:
        drafts.use_mapping(session, brought, drafts.draft_of(session, brought), name="List", actor=None)
        check_import(session, brought)
    return brought


def rows_in(content: bytes, sheet: str, header_line: int) -> list[tuple[object, ...]]:
    """The rows below the header that are not blank, by a reader that shares nothing with the import."""
    rows = openpyxl.load_workbook(io.BytesIO(content), data_only=True)[sheet].iter_rows(
        min_row=header_line + 1, values_only=True
    )
    return [row for row in rows if any(cell not in (None, "") for cell in row)]


def assert_balanced(session: Session, brought: Import, content: bytes, sheet: str, header_line: int) -> None:
    """Rows in = inserted + updated + unchanged + rejected, each looked for where it should be."""
    rows = rows_in(content, sheet, header_line)
    parts = (brought.inserted_count, brought.updated_count, brought.unchanged_count, brought.rejected_count)
    assert brought.row_count == len(rows) == sum(part or 0 for part in parts)
    stored = session.scalar(select(func.count()).where(SourceRecord.import_id == brought.id))
    assert stored == (brought.inserted_count or 0) + (brought.updated_count or 0)
    query = text("SELECT count(DISTINCT line) FROM import_problem WHERE is_rejecting AND import_id = :id")
    assert session.scalar(query, {"id": brought.id}) == brought.rejected_count
    keys = {str(row[0]) for row in rows}
    assert set(session.scalars(select(SourceRecord.key).where(SourceRecord.import_id == brought.id))) <= keys


def test_the_row_equation_of_mapped_imports(session: Session, agency: Agency) -> None:
    many = [[f"R{n}", *ROWS[n % len(ROWS)][1:]] for n in range(300)]
    many[7][0] = many[3][0]
    first, second = messy_workbook(many), messy_workbook([[*row] for row in many[:250]])
    brought = bring(session, agency, first)
    apply_import(session, brought, actor=None)
    assert_balanced(session, brought, first, "Buildings", 4)
    assert (brought.inserted_count, brought.rejected_count) == (199, 101)
    many[0][1] = "Renamed"
    second = messy_workbook(many[:250])
    again = bring(session, agency, second)
    apply_import(session, again, actor=None)
    assert_balanced(session, again, second, "Buildings", 4)
    assert (again.inserted_count, again.updated_count) == (0, 1)
    total = session.scalar(select(func.sum(RunningCost.amount)).where(RunningCost.category_code == "rent"))
    expected = sum(12_500 + 13_000 for row in many if row[1] == "Mill Lane Depot" and row[0] != "R3") + sum(
        1000 + 1200.5 for row in many if row[1] == "Park Library"
    )
    assert total == expected


def test_what_the_file_calls_approximate_is_an_estimate(session: Session, agency: Agency) -> None:
    for amount, estimates in (("approx £900", [True]), ("900", [False]), ("c. 900", [True]), ("950", [False])):
        content = f"Ref,Name,Postcode,Gas 2022-23\n1,Hall,M32 0TH,{amount}\n".encode()
        apply_import(session, bring(session, agency, content, "a.csv"), actor=None)
        session.expire_all()
        assert list(session.scalars(select(RunningCost.is_estimate))) == estimates, amount


def test_a_check_of_a_mapped_file_changes_nothing(session: Session, agency: Agency) -> None:
    brought = bring(session, agency, messy_workbook())
    assert brought.status is ImportStatus.CHECKED
    tables = ("building", "source_record", "running_cost", "interest")
    assert {session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables} == {0}


def test_the_year_of_costs_is_asked_each_time(session: Session, agency: Agency) -> None:
    content = b"Ref,Name,Postcode,Energy cost\n1,Hall,M32 0TH,100\n"
    brought = start_import(session, content, "a.csv", agency=agency, actor=None, options=Options(year="2022-23"))
    check_import(session, brought)
    drafts.use_mapping(session, brought, drafts.draft_of(session, brought), name="Costs", actor=None)
    assert check_import(session, brought)
    apply_import(session, brought, actor=None)
    later = start_import(session, content, "b.csv", agency=agency, actor=None, options=Options())
    assert check_import(session, later) is None
    assert later.status is ImportStatus.MAPPING
    assert later.message
    assert "Your mapping “Costs” fits this file, but no column says of which financial year" in later.message
    same = start_import(session, content, "c.csv", agency=agency, actor=None, options=Options(year="2023-24"))
    assert check_import(session, same)
    apply_import(session, same, actor=None)
    assert session.execute(select(RunningCost.year_start).order_by(RunningCost.year_start)).scalars().all() == [
        2022,
        2023,
    ]


def test_a_formula_without_a_value_is_a_warning_of_its_row(session: Session, agency: Agency) -> None:
    book = openpyxl.Workbook()
    for row in (["Ref", "Name", "Postcode", "Rent 2022-23"], [1, "Hall", "M32 0TH", "=A2*100"]):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    brought = bring(session, agency, buffer.getvalue())
    found = session.execute(text("SELECT line, field, code FROM import_problem")).all()
    assert [tuple(row) for row in found] == [(2, "Rent 2022-23", "formula_without_value")]
    assert brought.inserted_count == 1


def test_columns_that_vanish_between_check_and_use_are_named(session: Session, agency: Agency) -> None:
    brought = bring(session, agency, messy_workbook())
    kept = session.scalars(select(ImportMapping)).one()
    kept.spec = {**kept.spec, "columns": [*kept.spec["columns"], {**kept.spec["columns"][0], "name": "Gone"}]}
    session.flush()
    again = start_import(session, messy_workbook(), "x.xlsx", agency=agency, actor=None, options=Options())
    assert check_import(session, again) is None
    assert again.status is ImportStatus.FAILED
    assert again.message
    assert "Gone" in again.message
    assert brought.status is ImportStatus.CHECKED


@pytest.fixture
def folder(committed: Engine, tmp_path: Path) -> Path:
    with make_session.begin() as session:
        make_area(session, bounds=(0, 50, 1, 51))
        create_agency(session, "Test Council", "council", actor=None)
    (tmp_path / "list.xlsx").write_bytes(messy_workbook())
    return tmp_path


def run(*arguments: str | Path) -> str:
    return CliRunner().invoke(main, [str(argument) for argument in arguments]).output


def test_the_command_reads_what_was_mapped_and_its_dry_run_warns_alike(folder: Path) -> None:
    file = folder / "list.xlsx"
    assert "Or say what its columns are" in run("import", file, "--agency", "Test Council", "--dry-run")
    with make_session.begin() as session:
        agency = session.scalars(select(Agency)).one()
        shown = bring(session, agency, file.read_bytes())
        warned = {row[0] for row in session.execute(text("SELECT DISTINCT code FROM import_problem"))}
        assert shown.status is ImportStatus.CHECKED
    dry = run("import", file, "--agency", "Test Council", "--dry-run")
    assert "Mapping: List (remembered from the last file with this header)" in dry
    assert "They would add 4 buildings, change 0 and leave 0 as they are." in dry
    assert "outside_areas" in warned
    assert warned <= {code for code in warned if f"[{code}]" in dry}
    with make_session() as session:
        assert session.scalar(select(func.count()).select_from(Building)) == 0
    real = run("import", file, "--agency", "Test Council", "--yes")
    assert dry.replace("Nothing was stored.\n", "") in real
    assert "6 rows in = 4 inserted + 0 updated + 0 unchanged + 2 rejected" in real
    assert "has no sheet" not in run(
        "import", file, "--agency", "Test Council", "--sheet", "Youth service", "--dry-run"
    )
    assert "It has: Buildings, Youth service" in run("import", file, "--agency", "Test Council", "--sheet", "None")
