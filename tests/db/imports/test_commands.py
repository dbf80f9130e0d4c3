"""The command line and the worker, which commit: what they store, and what they leave alone."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, select

from estate.cli import main
from estate.db import make_session
from estate.people.accounts import create_agency
from estate.people.models import Agency
from estate.register.imports import perform, uploads
from estate.register.imports.check import Options
from estate.register.imports.uploads import confirm_import, start_import
from estate.register.models import Building, Import, ImportStatus

HEADER = "Reference,Name,Postcode,Gross internal area m2,Financial year,UPRN\n"
FILE = HEADER + "B1,Town Hall,M32 0TH,100,,\nB2,Depot,M32 0TH,50,,1.00E+11\n"


@pytest.fixture
def folder(committed: Engine, tmp_path: Path) -> Path:
    with make_session.begin() as session:
        create_agency(session, "Test Council", "council", actor=None)
    (tmp_path / "file.csv").write_text(FILE)
    return tmp_path


def run(*arguments: str | Path, **options: str) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)  # type: ignore[arg-type]


def count_buildings() -> int:
    with make_session() as session:
        return session.scalar(select(func.count()).select_from(Building)) or 0


def test_import_shows_problems_asks_and_stores(folder: Path) -> None:
    result = run("import", folder / "file.csv", "--agency", "test council", input="y\n")
    assert result.exit_code == 0, result.output
    assert "1 rejected UPRN [uprn_scientific]" in " ".join(result.output.split())
    assert "2 rows in = 1 inserted + 0 updated + 0 unchanged + 1 rejected" in result.output
    again = run("import", folder / "file.csv", "--agency", "test council", "--yes")
    assert "2 rows in = 0 inserted + 0 updated + 1 unchanged + 1 rejected" in again.output
    assert count_buildings() == 1


@pytest.mark.parametrize(("options", "answer"), [(["--dry-run"], ""), ([], "n\n")])
def test_nothing_is_stored_without_consent(folder: Path, options: list[str], answer: str) -> None:
    run("import", folder / "file.csv", "--agency", "Test Council", *options, input=answer)
    assert count_buildings() == 0
    with make_session() as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 0


def test_rejected_rows_are_written_mended_and_imported(folder: Path) -> None:
    rejected = folder / "rejected.csv"
    run("import", folder / "file.csv", "--agency", "Test Council", "--yes", "--rejected", rejected)
    mended = rejected.read_text("utf-8-sig").replace(",1.00E+11,", ",100012345678,")
    rejected.write_text(mended)
    result = run("import", rejected, "--agency", "Test Council", "--yes")
    assert "1 rows in = 1 inserted" in result.output
    assert count_buildings() == 2


def test_a_folder_of_tables_and_what_it_lacks(folder: Path) -> None:
    empty = folder / "empty"
    empty.mkdir()
    assert "holds no CSV files" in run("import", empty, "--agency", "Test Council").output
    courts = folder / "courts"
    courts.mkdir()
    (courts / "court.csv").write_text("court_id,court_name,court_addr_id,court_type_id\n1,A Court,2,3\n")
    result = run("import", courts, "--agency", "Test Council", "--yes")
    assert result.exit_code == 1
    assert "The ZIP lacks the table" in result.output


def test_unknown_agencies_files_and_years_are_sentences(folder: Path) -> None:
    for arguments in (
        ["--agency", "Nobody"],
        ["--agency", "Test Council", "--as", "eric_sites"],
    ):
        result = run("import", folder / "file.csv", "--yes", *arguments)
        assert result.exit_code == 1
        assert result.output.strip().startswith("estate: ")
        assert "Traceback" not in result.output


def test_the_template_is_written(folder: Path) -> None:
    for kind in ("csv", "xlsx"):
        path = folder / f"template.{kind}"
        assert run("template", "--format", kind, "--output", path).exit_code == 0
        assert path.stat().st_size > 100


def keep(content: str = FILE) -> int:
    with make_session.begin() as session:
        council = session.scalars(select(Agency)).one()
        options = Options()
        return start_import(session, content.encode(), "file.csv", agency=council, actor=None, options=options).id


def status_of(import_id: int) -> tuple[ImportStatus, str | None]:
    with make_session() as session:
        brought = uploads.get_import(session, import_id)
        return brought.status, brought.message


def test_the_worker_checks_then_applies_and_never_twice(folder: Path) -> None:
    number = keep()
    perform.perform_apply(number)
    assert status_of(number)[0] is ImportStatus.WAITING
    perform.perform_check(number)
    assert status_of(number)[0] is ImportStatus.CHECKED
    assert count_buildings() == 0
    with make_session.begin() as session:
        confirm_import(session, uploads.get_import(session, number))
    perform.perform_apply(number)
    perform.perform_apply(number)
    perform.perform_check(number)
    assert status_of(number)[0] is ImportStatus.APPLIED
    assert count_buildings() == 1


def test_a_file_that_fails_in_the_worker_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = keep("a,b\n1,2\n")
    perform.perform_check(number)
    status, message = status_of(number)
    assert status is ImportStatus.MAPPING
    assert message is not None
    assert "No layout" in message
    number = keep('"')
    perform.perform_check(number)
    assert status_of(number)[0] is ImportStatus.FAILED

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    number = keep()
    monkeypatch.setattr(perform, "check_import", break_down)
    with pytest.raises(RuntimeError):
        perform.perform_check(number)
    status, message = status_of(number)
    assert status is ImportStatus.FAILED
    assert message is not None
    assert "secret" not in message
