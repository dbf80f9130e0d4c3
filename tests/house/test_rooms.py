"""The house keeps its rooms: imports point down, files stay small, migrations equal models."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from estate.settings import ROOT

FILES = [path for folder in ("estate", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")]


def test_imports_point_down() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    answer = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 500


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "misc", "manager"])
def test_no_drawer(word: str) -> None:
    assert not [path for path in FILES if word in path.stem.split("_") or word in path.parts]


def test_models_equal_migrations(database_url: str) -> None:
    command.check(Config(toml_file=str(ROOT / "pyproject.toml")))
