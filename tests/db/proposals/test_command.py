"""`estate propose` on the command line."""

from click.testing import CliRunner

from estate.cli import main
from estate.db import make_session
from tests import factories
from tests.db.proposals.conftest import make_estate


def test_propose_prints_what_it_found(committed):
    with make_session.begin() as session:
        code = make_estate(session).area.code
    result = CliRunner().invoke(main, ["propose", "--level", "district", "--area", code, "--max-distance-m", "1000"])
    assert result.exit_code == 0, result.output
    assert "This is proven to be optimal" in result.output
    assert "1 emptied, 1 hosts, 0 kept as they are, 2 teams move" in result.output
    assert "Testshire NHS" in result.output


def test_an_area_without_buildings_prints_no_costs(committed):
    with make_session.begin() as session:
        code = factories.make_area(session).code
    result = CliRunner().invoke(main, ["propose", "--level", "district", "--area", code])
    assert result.exit_code == 0, result.output
    assert "nothing to propose" in result.output
    assert "Cost today" not in result.output
    assert "Gap" not in result.output


def test_an_unknown_area_is_a_sentence(committed):
    result = CliRunner().invoke(main, ["propose", "--level", "district", "--area", "E99"])
    assert result.exit_code == 1
    assert 'There is no area "E99"' in result.output


def test_a_bad_option_is_a_sentence(committed):
    result = CliRunner().invoke(main, ["propose", "--level", "district", "--area", "E99", "--time-limit", "-3"])
    assert result.exit_code == 1
    assert "The time limit must be between" in result.output
