"""`estate disposals`: what it writes, and what it says when it can't."""

from pathlib import Path

import geopandas
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from estate.cli import main
from estate.db import make_session
from estate.exports.formats import formats
from tests import factories
from tests.db.exports.conftest import approve


@pytest.fixture
def proposal_id(committed: Engine) -> int:
    with make_session.begin() as session:
        lost = factories.make_building(session, name="Lost Lodge", lonlat=None)
        known = factories.make_building(session, uprn="000012797623")
        proposal = factories.make_finished_proposal(session, emptied=[lost, known])
        approve(session, proposal)
        return proposal.id


def run(*words: object) -> tuple[int, str]:
    answer = CliRunner().invoke(main, ["disposals", *map(str, words)])
    return answer.exit_code, answer.output


@pytest.mark.parametrize("suffix", list(formats()))
def test_writes_a_file(proposal_id: int, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"candidates.{suffix}"
    code, output = run("--proposal", proposal_id, "--format", suffix, "--to", path)
    assert (code, output) == (0, f"2 candidate disposals written to {path}\n")
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    if suffix in ("gpkg", "geojson"):
        frame = geopandas.read_file(path)
        assert sorted(frame.UPRN.fillna("")) == ["", "000012797623"]
        assert frame.geometry.isna().sum() == 1


def test_writes_to_the_terminal(proposal_id: int) -> None:
    code, output = run("--proposal", proposal_id, "--to", "-")
    assert code == 0
    assert output.startswith("Organisation,OrganisationLabel,UPRN")
    assert "000012797623" in output


def test_says_what_is_wrong(proposal_id: int, tmp_path: Path) -> None:
    with make_session.begin() as session:
        draft = factories.make_finished_proposal(session).id
    path = tmp_path / "x.csv"
    assert run("--proposal", 10**6, "--to", path) == (1, "estate: There is no proposal 1000000.\n")
    assert run("--proposal", draft, "--to", path)[1].startswith(f"estate: Proposal {draft} is draft.")
    code, output = run("--proposal", proposal_id, "--to", tmp_path / "no" / "such" / "x.csv")
    assert (code, "can't be written: No such file or directory" in output) == (1, True)
    assert run("--proposal", proposal_id, "--format", "pdf", "--to", path)[0] == 2
    assert list(tmp_path.iterdir()) == []
