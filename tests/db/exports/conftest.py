"""An approved proposal that empties three buildings, of which much, little and nothing is known."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from estate.board.decisions import cast_vote, decide, submit
from estate.board.models import Decision, VoteChoice
from estate.people.models import Agency
from estate.proposals.models import Proposal
from estate.register.models import Building, Tenure
from tests import factories


@dataclass
class Approved:
    """The proposal, the decision on it, and the buildings that it empties."""

    proposal: Proposal
    decision: Decision
    council: Agency
    known: Building
    bare: Building
    lost: Building


def approve(session: Session, proposal: Proposal) -> Decision:
    """The decision of a new board of one that approves `proposal`."""
    board = factories.make_board(session)
    chair = factories.make_seat(session, board, is_chair=True).user
    decision = submit(session, proposal, board, actor=None)
    cast_vote(session, decision, actor=chair.id, choice=VoteChoice.FOR)
    decide(session, decision, actor=chair.id, approve=True, reason="Agreed.")
    return decision


@pytest.fixture
def approved(session: Session) -> Approved:
    """`known` has every fact, `bare` nothing but a name and a position, `lost` no position either."""
    factories.make_place(session)
    council = factories.make_agency(session, code="E08000009", name="Trafford Council")
    known = factories.make_building(
        session,
        name="=Old Town Hall",
        agency=council,
        uprn="000012797623",
        street="Market Street",
        post_town="Altrincham",
        postcode="WA14 1PF",
        gross_internal_area_m2=Decimal("415.05"),
        net_internal_area_m2=Decimal(330),
        is_listed=True,
        lonlat=(-2.3520922, 53.3879587),
    )
    factories.make_interest(
        session,
        known,
        tenure=Tenure.LEASEHOLD,
        lease_end_on=date(2031, 3, 31),
        break_on=date(2027, 4, 1),
        rent_per_year=Decimal(30000),
    )
    factories.make_running_cost(session, known, amount=Decimal(40000), year_start=2023)
    factories.make_valuation(session, known)
    bare = factories.make_building(session, name="Bare House", agency=council)
    lost = factories.make_building(session, name="Lost Lodge", agency=council, lonlat=None)
    proposal = factories.make_finished_proposal(session, emptied=[known, bare, lost], name="Trafford together")
    return Approved(proposal, approve(session, proposal), council, known, bare, lost)
