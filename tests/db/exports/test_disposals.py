"""Candidate disposals: from approved proposals only, as the board saw them, with what binds each."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from estate.board.decisions import cast_vote, decide, submit, withdraw
from estate.board.models import VoteChoice
from estate.exports.disposals import NoSuchProposal, NotApproved, candidates_of, disposals_table, list_candidates
from estate.proposals.models import Outcome
from estate.register.models import BuildingStatus, Tenure
from tests import factories
from tests.db.exports.conftest import Approved, approve

TRANSPARENCY_CODE = (
    "Organisation,OrganisationLabel,UPRN,AssetCode,PropertyName,StreetName,PostTown,PostCode,"
    "GeoX,GeoY,TenureType,TenureDetail,HoldingType"
)


def test_columns_start_as_the_transparency_code_has_them(session: Session, approved: Approved) -> None:
    table = disposals_table(list_candidates(session))
    assert ",".join(table.names[:13]) == TRANSPARENCY_CODE
    assert len(set(table.names)) == len(table.names)
    assert all(set(row) == set(table.names) for row in table.rows)


def test_a_building_of_which_all_is_known(session: Session, approved: Approved) -> None:
    rows = {row["EstateID"]: row for row in disposals_table(list_candidates(session)).rows}
    assert rows[approved.known.id] == {
        "Organisation": "E08000009",
        "OrganisationLabel": "Trafford Council",
        "UPRN": "000012797623",
        "AssetCode": None,
        "PropertyName": "=Old Town Hall",
        "StreetName": "Market Street",
        "PostTown": "Altrincham",
        "PostCode": "WA14 1PF",
        "GeoX": -2.3520922,
        "GeoY": 53.3879587,
        "TenureType": "Leasehold",
        "TenureDetail": None,
        "HoldingType": "Land/Buildings",
        "CoordinateReferenceSystem": "WGS84",
        "EstateID": approved.known.id,
        "Use": "Office",
        "WhyCandidate": "Its team fits into a cheaper building nearby.",
        "FloorAreaM2": Decimal("415.05"),
        "FloorAreaBasis": "GIA",
        "RunningCostReleasedPerYear": Decimal(40000),
        "RunningCostYear": "2023-24",
        "RunningCostIsEstimate": False,
        "Valuation": Decimal(450000),
        "ValuationDate": date(2024, 3, 31),
        "ValuationBasis": "market value",
        "LeaseEnd": date(2031, 3, 31),
        "LeaseBreak": date(2027, 4, 1),
        "Constraints": ("Listed building; Lease ends on 31 March 2031; Lease may be broken on 1 April 2027"),
        "Proposal": "Trafford together",
        "ProposalID": approved.proposal.id,
        "Board": approved.decision.board.name,
        "DecisionReference": f"D{approved.decision.id}",
        "DecisionDate": datetime.now(UTC).date(),
        "StatusToday": "active",
        "ChangedSinceSubmission": None,
        "AgencySteppedBack": None,
        "IsSynthetic": False,
    }


def test_unknown_stays_empty_and_no_row_is_lost(session: Session, approved: Approved) -> None:
    rows = {row["EstateID"]: row for row in disposals_table(list_candidates(session)).rows}
    assert set(rows) == {approved.known.id, approved.bare.id, approved.lost.id}
    lost = rows[approved.lost.id]
    for name in ("UPRN", "GeoX", "CoordinateReferenceSystem", "TenureType", "FloorAreaM2", "FloorAreaBasis"):
        assert lost[name] is None, name
    for name in ("RunningCostYear", "Valuation", "ValuationDate", "LeaseEnd", "LeaseBreak", "Constraints"):
        assert lost[name] is None, name


@pytest.mark.parametrize("end", ["draft", "submitted", "rejected", "withdrawn"])
def test_only_approved_proposals_have_candidates(session: Session, end: str) -> None:
    proposal = factories.make_finished_proposal(session)
    board = factories.make_board(session)
    chair = factories.make_seat(session, board, is_chair=True).user
    if end != "draft":
        decision = submit(session, proposal, board, actor=None)
        if end == "withdrawn":
            withdraw(session, decision, actor=None, reason="Taken back.")
        if end == "rejected":
            cast_vote(session, decision, actor=chair.id, choice=VoteChoice.AGAINST)
            decide(session, decision, actor=chair.id, approve=False, reason="No.")
    assert list_candidates(session) == []
    with pytest.raises(NotApproved, match=f"is {end}"):
        candidates_of(session, proposal.id)


@pytest.mark.parametrize("number", [0, -5, 10**7, 2**70])
def test_no_such_proposal(session: Session, number: int) -> None:
    with pytest.raises(NoSuchProposal, match=f"no proposal {number}"):
        candidates_of(session, number)


def test_figures_are_those_the_board_saw(session: Session, approved: Approved) -> None:
    approved.known.gross_internal_area_m2 = Decimal(9999)
    approved.known.status = BuildingStatus.SURPLUS
    session.flush()
    (row,) = [row for row in disposals_table(list_candidates(session)).rows if row["EstateID"] == approved.known.id]
    assert row["FloorAreaM2"] == Decimal("415.05")
    assert row["StatusToday"] == "surplus"
    assert row["ChangedSinceSubmission"] == "Status; Floor area, GIA"


def test_filters(session: Session, approved: Approved) -> None:
    other = approve(session, factories.make_finished_proposal(session))
    assert len(list_candidates(session)) == 4
    assert len(list_candidates(session, agency_id=approved.council.id)) == 3
    assert len(list_candidates(session, area_id=other.proposal.area_id)) == 1
    assert len(candidates_of(session, approved.proposal.id)) == 3
    assert list_candidates(session, agency_id=10**9) == []


def test_a_building_that_two_proposals_empty_comes_once_from_the_later(session: Session, approved: Approved) -> None:
    later = approve(session, factories.make_finished_proposal(session, emptied=[approved.known]))
    found = [one.decision.id for one in list_candidates(session) if one.building_id == approved.known.id]
    assert found == [later.id]
    assert approved.known.id in [one.building_id for one in candidates_of(session, approved.proposal.id)]


def test_constraints(session: Session) -> None:
    council, police = factories.make_agency(session), factories.make_agency(session, name="Police")
    building = factories.make_building(session, agency=council)
    factories.make_interest(session, building, tenure=Tenure.PFI)
    factories.make_interest(session, building, agency_id=police.id, tenure=Tenure.LICENCE)
    proposal = factories.make_finished_proposal(session, emptied=[building])
    factories.make_occupation(session, building, agency_id=police.id, team="Custody", fte=None)
    elsewhere = factories.make_finished_proposal(session, name="Elsewhere")
    factories.make_proposal_building(session, elsewhere, building, outcome=Outcome.HOST, reason="It has room.")
    host_decision = approve(session, elsewhere)
    approve(session, proposal)
    building.is_protected, building.protected_reason = True, "A refuge"
    building.status = BuildingStatus.DISPOSED
    session.flush()
    (candidate,) = candidates_of(session, proposal.id)
    assert candidate.constraints == [
        "Protected: A refuge",
        "PFI contract",
        "Police holds an interest too",
        "The register has it as disposed today",
        "No move planned for Custody of Police (100 m²)",
        f"Takes in teams under decision D{host_decision.id}, Elsewhere",
    ]


def test_made_up_data_say_so(session: Session) -> None:
    factories.make_place(session, is_synthetic=True)
    decision = approve(session, factories.make_finished_proposal(session))
    table = disposals_table(candidates_of(session, decision.proposal_id))
    assert [row["IsSynthetic"] for row in table.rows] == [True]
    assert table.notes[0].startswith("SYNTHETIC DATA")
