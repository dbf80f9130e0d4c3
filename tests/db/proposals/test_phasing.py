"""The order of a proposal's moves: its cash adds up to the penny, and leases, delivery and failures are heard."""

import json
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner

from estate.appraise import phasing as solver
from estate.appraise.phasing import PhasingLimits
from estate.cli import main
from estate.db import make_session
from estate.optimise.solve import solve
from estate.proposals import phasing, queries
from estate.proposals.build import problem_for
from estate.proposals.cash import cash_of
from estate.proposals.errors import PhasingAtWork, ProblemNotKept
from estate.proposals.options import Options
from estate.proposals.runs import start
from estate.proposals.store import store
from estate.register.areas import assign_areas
from estate.register.models import Tenure
from tests import factories
from tests.db.proposals.conftest import make_estate

TODAY = datetime.now(UTC).date()


@pytest.fixture
def run_id(committed):
    """A result that empties two offices; the lease of the second has a break in 18 months."""
    with make_session.begin() as session:
        estate = make_estate(session)
        rented = factories.make_building(
            session, name="Rented Office", agency=estate.council, lonlat=(-2.305, 53.4),
            net_internal_area_m2=Decimal(200),
        )  # fmt: skip
        factories.make_occupation(session, rented, team="Rates", fte=Decimal(8))
        factories.make_running_cost(session, rented, amount=Decimal("30000.00"))
        factories.make_interest(
            session, rented, agency_id=estate.health.id, tenure=Tenure.LEASEHOLD,
            break_on=TODAY + timedelta(days=548), lease_end_on=TODAY + timedelta(days=365 * 6),
            rent_per_year=Decimal("20000.00"),
        )  # fmt: skip
        assign_areas(session, [rented.id])
        proposal = start(session, actor=None, area=estate.area, is_queued=False)
        problem = problem_for(session, estate.area, Options())
        store(session, proposal, problem, solve(problem))
        session.flush()
        return proposal.id


def ordered(run_id, **limits):
    with make_session.begin() as session:
        proposal = queries.get_proposal(session, run_id)
        phasing.start(session, proposal, PhasingLimits(**limits), actor=None, is_queued=False)
    phasing.perform(run_id)
    with make_session() as session:
        proposal = queries.get_proposal(session, run_id)
        return phasing.phasing_of(session, proposal), cash_of(session, proposal)


def test_all_at_once_is_the_cash_of_the_proposal(run_id):
    """Years are chosen freely; where all are year 0, the cash is the proposal's own, to the penny."""
    found, cash = ordered(run_id)
    years = {phase.name: phase.year for phase in found.phases}
    assert found.is_proven
    assert years["Old Office"] == 0
    assert sum((each.by_year[5] for _, each in found.curves), Decimal(0)) == found.whole.by_year[5]
    assert found.whole.by_year[10] == cash.whole.by_year[10], "in the end everything is saved"
    assert found.value == pytest.approx(float(found.whole.net_present_value), abs=0.02)
    assert found.value >= float(cash.whole.net_present_value) - 0.02, "no worse than all at once"


def test_each_phase_adds_up_over_agencies(run_id):
    found, _ = ordered(run_id)
    paid = sum((line.by_year[year] for _, each in found.curves for line in each.lines[:1] for year in range(11)), 0)
    assert -paid == sum(phase.capital + phase.leaving_cost for phase in found.phases if phase.year is not None)


def test_delivery_spreads_the_moves_over_years(run_id):
    found, _ = ordered(run_id, moves_per_year=2)
    assert sorted(phase.year for phase in found.phases) == [0, 1]
    assert {phase.name: phase.moves for phase in found.phases} == {"Old Office": 2, "Rented Office": 1}


def test_waiting_for_a_break_costs_less_rent(run_id):
    at_once = {phase.name: phase for phase in ordered(run_id)[0].phases}["Rented Office"]
    later = {phase.name: phase for phase in ordered(run_id, moves_per_year=2)[0].phases}["Rented Office"]
    assert at_once.year == 0
    assert later.year == 1
    assert later.leaving_cost == pytest.approx(Decimal("10000"), rel=Decimal("0.05")), "half a year is left"
    assert at_once.leaving_cost > 2 * later.leaving_cost


def test_limits_too_tight_leave_buildings_out(run_id):
    found, _ = ordered(run_id, capital_per_year=100.0)
    assert {phase.year for phase in found.phases} == {None}
    assert found.whole is None


def test_a_dead_solver_leaves_an_order_with_its_gap(run_id, monkeypatch):
    monkeypatch.setattr(solver, "SOLVER_COMMAND", (sys.executable, "-c", "raise SystemExit(1)"))
    found, _ = ordered(run_id, moves_per_year=2)
    assert sorted(phase.year for phase in found.phases) == [0, 1]
    assert not found.is_proven
    assert found.gap > 0


def test_an_error_ends_in_a_sentence(run_id, monkeypatch):
    monkeypatch.setattr(phasing, "phased", lambda *_: 1 / 0)
    found, _ = ordered(run_id)
    assert (found.state, found.sentence) == ("failed", phasing.WENT_WRONG)


def test_it_is_queued_once_and_needs_the_problem(run_id):
    with make_session.begin() as session:
        proposal = queries.get_proposal(session, run_id)
        phasing.start(session, proposal, PhasingLimits(), actor=None)
        with pytest.raises(PhasingAtWork):
            phasing.start(session, proposal, PhasingLimits(), actor=None)
        other = factories.make_finished_proposal(session)
        with pytest.raises(ProblemNotKept):
            phasing.start(session, other, PhasingLimits(), actor=None)


def test_the_command_prints_json(run_id):
    result = CliRunner().invoke(main, ["phase", str(run_id), "--moves-per-year", "2"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.output)
    assert {phase["name"]: phase["year"] for phase in document["phases"]} == {"Old Office": 0, "Rented Office": 1}
