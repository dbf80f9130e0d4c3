"""Pinned evidence stays as it was; what the register says differently today is named building by building."""

from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from estate.board.decisions import submit
from estate.board.facts import facts_of
from estate.board.snapshots import changes_since
from estate.register.models import BuildingStatus, Tenure
from tests import factories


def test_nothing_changed(session: Session) -> None:
    proposal = factories.make_finished_proposal(session)
    decision = submit(session, proposal, factories.make_board(session), actor=None)
    assert changes_since(session, decision.snapshot) == []


def test_each_changed_fact_is_named_with_both_values(session: Session) -> None:
    old, steady = (
        factories.make_building(session, name=name, gross_internal_area_m2=Decimal("500.00"), uprn="000123456789")
        for name in ("Old Office", "Steady House")
    )
    factories.make_running_cost(session, old, amount=Decimal(12000))
    lease = factories.make_interest(session, old, tenure=Tenure.LEASEHOLD, lease_end_on=date(2030, 3, 31))
    proposal = factories.make_finished_proposal(session, emptied=[old, steady])
    decision = submit(session, proposal, factories.make_board(session), actor=None)
    pinned = dict(decision.snapshot)

    old.name, old.gross_internal_area_m2, old.status = "Older Office", Decimal(640), BuildingStatus.VACANT
    old.uprn = None
    lease.lease_end_on = date(2031, 3, 31)
    factories.make_running_cost(session, old, amount=Decimal(15500), year_start=2025)
    factories.make_valuation(session, old)
    session.expire_all()

    (change,) = changes_since(session, decision.snapshot)
    assert (change.building_id, change.name) == (old.id, "Old Office")
    assert {fact.label: (fact.then, fact.now) for fact in change.facts} == {
        "Name": ("Old Office", "Older Office"),
        "UPRN": ("000123456789", "unknown"),
        "Status": ("active", "vacant"),
        "Floor area, GIA": ("500 m²", "640 m²"),
        "Interests": (
            f"Leasehold of {old.agency.name} until 31 March 2030",
            f"Leasehold of {old.agency.name} until 31 March 2031",
        ),
        "Running cost": ("£12,000 in 2024-25", "£15,500 in 2025-26"),
        "Valuation": ("unknown", "£450,000, market value, 31 March 2024"),
    }
    assert decision.snapshot == pinned


def test_a_rewritten_value_that_is_the_same_is_no_change(session: Session) -> None:
    building = factories.make_building(session, gross_internal_area_m2=Decimal("500"))
    proposal = factories.make_finished_proposal(session, emptied=[building])
    decision = submit(session, proposal, factories.make_board(session), actor=None)
    building.gross_internal_area_m2 = Decimal("500.00")
    session.flush()
    assert changes_since(session, decision.snapshot) == []


def test_ended_interests_and_occupations_are_not_facts(session: Session) -> None:
    building = factories.make_building(session)
    ended = {"ended_on": date(2025, 1, 1), "ended_reason": "Moved out"}
    factories.make_interest(session, building, **ended)
    factories.make_occupation(session, building, **ended)
    facts = facts_of(session, [building.id, 10**9])
    assert list(facts) == [building.id]
    assert (facts[building.id]["interests"], facts[building.id]["occupations"]) == (None, None)


def test_a_retired_building_shows_as_changed(session: Session) -> None:
    building = factories.make_building(session)
    proposal = factories.make_finished_proposal(session, emptied=[building])
    decision = submit(session, proposal, factories.make_board(session), actor=None)
    building.status, building.retired_at = BuildingStatus.RETIRED, datetime.now(UTC)
    session.flush()
    (change,) = changes_since(session, decision.snapshot)
    assert [(fact.label, fact.then, fact.now) for fact in change.facts] == [("Status", "active", "retired")]
