"""The appraisal adds up to the penny, says what is unknown, and names what to survey next."""

import json
from datetime import date
from decimal import Decimal

import pytest
from click.testing import CliRunner

from estate.cli import main
from estate.db import make_session
from estate.optimise.solve import solve
from estate.proposals.appraisal import appraisal_of
from estate.proposals.appraisal_files import document_of, lines_frame
from estate.proposals.build import problem_for
from estate.proposals.cash import cash_of
from estate.proposals.errors import ProblemNotKept
from estate.proposals.options import Options
from estate.proposals.runs import start
from estate.proposals.store import store
from estate.register.areas import assign_areas
from estate.register.models import ConditionSurvey, EnergyKind, EnergyRating, Tenure
from tests import factories
from tests.db.proposals.conftest import make_estate


def finished(session, estate):
    proposal = start(session, actor=None, area=estate.area, is_queued=False)
    problem = problem_for(session, estate.area, Options())
    store(session, proposal, problem, solve(problem))
    session.flush()
    return proposal


def add_energy(session, building, band, gross_m2):
    building.gross_internal_area_m2 = Decimal(gross_m2)
    session.add(
        EnergyRating(
            building_id=building.id, kind=EnergyKind.DEC, band=band, rated_on=date(2024, 5, 1), source="made for a test"
        )
    )
    session.flush()


def test_lines_add_up_to_the_cash_of_all_agencies(session, estate):
    proposal = finished(session, estate)
    found, cash = appraisal_of(session, proposal), cash_of(session, proposal)
    assert found.cash.by_year == cash.whole.by_year, "to the penny"
    assert found.cash.net_present_value == cash.whole.net_present_value
    assert sum((stake.released_per_year for stake in found.stakes), Decimal(0)) == Decimal("60000.01")
    by_name = {line.name: line.by_year for line in found.cash.lines}
    assert by_name["Optimism bias"][0] == Decimal("-9000.00"), "150 m2 x 250 GBP x 0.24"
    assert by_name["Moves and fit-out before optimism bias"][0] == Decimal("-44250.00"), "15 x 450 + 150 x 250"
    frame = lines_frame(found)
    assert frame.iloc[:-1]["year_0"].sum() == frame.iloc[-1]["year_0"]


def test_the_value_as_used_is_the_one_of_the_cash(session, estate):
    """The tornado's middle is the net present value itself."""
    proposal = finished(session, estate)
    found = appraisal_of(session, proposal)
    recorded = next(swing for swing in found.swings if swing.input.field == "running cost")
    middle = (recorded.at_low + recorded.at_high) / 2
    assert middle == pytest.approx(float(found.cash.net_present_value), abs=0.01)
    released = 60_000.01 * sum(1.035**-year for year in range(1, 11))
    assert recorded.width == pytest.approx(0.2 * released, abs=0.01), "0.9 to 1.1 times what is recorded"
    assert recorded.break_even == pytest.approx(1 - middle / released)


def test_an_estimate_has_the_wider_range_and_is_the_first_to_survey(session, estate):
    guessed = factories.make_building(
        session, name="Guessed Office", agency=estate.council, lonlat=(-2.305, 53.4),
        gross_internal_area_m2=Decimal(300), net_internal_area_m2=Decimal(240),
    )  # fmt: skip
    factories.make_occupation(session, guessed, team="Rates", fte=Decimal(4))
    assign_areas(session, [guessed.id])
    found = appraisal_of(session, finished(session, estate))
    ranges = {swing.input.place: (swing.input.low, swing.input.high) for swing in found.swings if swing.input.field}
    assert ranges == {str(estate.old.id): (0.9, 1.1), str(guessed.id): (0.6, 1.5)}
    assert "benchmark" in {swing.input.key for swing in found.swings}
    assert (found.facts[0].input.place, found.facts[0].input.field) == (str(guessed.id), "running cost")


def test_receipts_are_gross_and_net_and_come_in_their_year(session, estate):
    factories.make_interest(session, estate.old, agency_id=estate.council.id, tenure=Tenure.FREEHOLD)
    factories.make_valuation(session, estate.old, amount=Decimal("500000.33"))
    found = appraisal_of(session, finished(session, estate))
    (receipt,) = found.receipts
    assert (receipt.gross, receipt.sale_cost, receipt.net) == (
        Decimal("500000.33"),
        Decimal("15000.01"),
        Decimal("485000.32"),
    )
    gain = found.with_receipts.by_year[2] - found.cash.by_year[2]
    assert gain == receipt.net
    value = float(found.with_receipts.net_present_value - found.cash.net_present_value)
    assert value == pytest.approx(485_000.32 / 1.035**2, abs=0.011)
    assert "valuation" in {fact.input.field for fact in found.facts}


def test_what_nobody_valued_is_unknown_not_nothing(session, estate):
    factories.make_interest(session, estate.old, agency_id=estate.council.id, tenure=Tenure.FREEHOLD)
    found = appraisal_of(session, finished(session, estate))
    assert found.receipts == ()
    assert [(row.name, row.is_unknown, row.reason) for row in found.without_receipt] == [
        ("Old Office", True, "no valuation is recorded")
    ]
    assert found.with_receipts is None
    assert not any("eceipt" in line for line in lines_frame(found)["line"]), "no £0.00 for what nobody knows"
    assert document_of(found)["with_receipts"] is None
    assert found.backlog_avoided is None
    assert found.carbon.saved_per_year is None
    assert found.social is None
    assert found.carbon.buildings[0].reason == "no display energy certificate is recorded"


@pytest.mark.parametrize("tenure", [None, Tenure.VACANT])
def test_a_building_of_unknown_tenure_may_be_owned(session, estate, tenure):
    if tenure:
        factories.make_interest(session, estate.old, agency_id=estate.council.id, tenure=tenure)
    factories.make_valuation(session, estate.old, amount=Decimal(500_000))
    found = appraisal_of(session, finished(session, estate))
    assert [(row.is_unknown, row.reason) for row in found.without_receipt] == [(True, "no tenure is recorded")]
    assert found.with_receipts is None


def test_a_leased_building_brings_no_receipt_and_that_is_known(session, estate):
    factories.make_interest(
        session, estate.old, agency_id=estate.council.id, tenure=Tenure.LEASEHOLD, lease_end_on=date(2020, 1, 1)
    )
    found = appraisal_of(session, finished(session, estate))
    assert [(row.is_unknown, row.reason) for row in found.without_receipt] == [(False, "no freehold or ground lease")]
    assert found.with_receipts.by_year == found.cash.by_year, "nothing to sell"


def test_receipts_that_are_known_count_beside_one_that_is_not(session, estate):
    guessed = factories.make_building(
        session, name="Guessed Office", agency=estate.council, lonlat=(-2.305, 53.4),
        gross_internal_area_m2=Decimal(300), net_internal_area_m2=Decimal(240),
    )  # fmt: skip
    factories.make_occupation(session, guessed, team="Rates", fte=Decimal(4))
    assign_areas(session, [guessed.id])
    factories.make_interest(session, estate.old, agency_id=estate.council.id, tenure=Tenure.FREEHOLD)
    factories.make_valuation(session, estate.old, amount=Decimal(100_000))
    found = appraisal_of(session, finished(session, estate))
    assert [receipt.net for receipt in found.receipts] == [Decimal("97000.00")]
    assert [row.name for row in found.unknown_receipts] == ["Guessed Office"]
    assert found.with_receipts.by_year[2] - found.cash.by_year[2] == Decimal("97000.00")


def test_every_figure_that_the_plan_used_is_among_the_assumptions(session, estate):
    proposal = finished(session, estate)
    named = dict(appraisal_of(session, proposal).assumptions)
    assert set(dict(proposal.summary["assumptions"])) <= set(named)
    assert "Green Book" in named["discount_rate"]
    assert {"move_cost_per_fte", "fit_out_cost_per_m2", "range_discount_rate_low", "sale_delay_years"} <= set(named)


def test_carbon_by_hand(session, estate):
    """Old: band E, 500 m2. Hall: band D, 1,250 m2 gross and 1,000 m2 of capacity. Both offices by TM46."""
    add_energy(session, estate.old, "E", 500)
    assert appraisal_of(session, finished(session, estate)).carbon.buildings[0].reason == (
        "of a host, no display energy certificate is recorded"
    )
    add_energy(session, estate.hall, "D", 1250)
    found = appraisal_of(session, finished(session, estate))
    per_m2 = (95 * 0.177 + 120 * 0.18296) / 1000
    stops = per_m2 * 1.13 * 500
    adds = per_m2 * 0.88 * 1250 / 1000 * 150 * 0.3
    (row,) = found.carbon.buildings
    assert row.stops == pytest.approx(stops, rel=1e-6)
    assert row.adds == pytest.approx(adds, rel=1e-6)
    carbon = {line.name: line.by_year for line in found.social.lines}["Value of carbon avoided"]
    assert float(carbon[1]) == pytest.approx(row.saved * found.carbon.value_per_tonne, abs=0.005)
    assert any("DESNZ" in sentence for _, sentence in found.assumptions)


def test_backlog_is_shown_and_not_counted(session, estate):
    before = appraisal_of(session, finished(session, estate))
    survey = {"surveyed_on": date(2024, 1, 1), "grade": "C", "backlog_cost": Decimal("80000.50"), "source": "test"}
    session.add(ConditionSurvey(building_id=estate.old.id, **survey))
    session.flush()
    found = appraisal_of(session, finished(session, estate))
    assert found.backlog_avoided == Decimal("80000.50")
    assert found.whole.by_year == before.whole.by_year


def test_the_same_question_has_the_same_answer(session, estate):
    proposal = finished(session, estate)
    assert document_of(appraisal_of(session, proposal)) == document_of(appraisal_of(session, proposal))


def test_a_proposal_without_its_problem_says_so(session):
    with pytest.raises(ProblemNotKept):
        appraisal_of(session, factories.make_finished_proposal(session))


def test_the_command_prints_json(committed):
    with make_session.begin() as session:
        proposal_id = finished(session, make_estate(session)).id
    result = CliRunner().invoke(main, ["appraise", str(proposal_id)])
    assert result.exit_code == 0, result.output
    document = json.loads(result.output)
    assert document["cash"]["by_year"][0] == "-53250.00"
    assert document["facts_worth_surveying"][0]["input"]["field"] == "running cost"
