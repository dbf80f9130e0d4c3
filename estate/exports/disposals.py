"""Candidate disposals: the buildings that approved proposals would empty, from the evidence the board decided on."""

from calendar import month_name
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from estate.board.facts import facts_of
from estate.board.models import Board, Decision, DecisionStatus
from estate.board.snapshots import changes_since
from estate.board.wording import financial_year
from estate.errors import Conflict, NotFound
from estate.exports.constraints import constraints_of, stepped_back
from estate.exports.disposal_columns import COLUMNS, SYNTHETIC_NOTE, TENURES
from estate.exports.tables import Cell, Table
from estate.proposals.departures import Departure, departures_of
from estate.proposals.models import Proposal
from estate.settings import get_settings


class NoSuchProposal(NotFound):
    """There is no such proposal."""


class NotApproved(Conflict):
    """Only an approved proposal has candidate disposals. Put it to a board first."""


@dataclass(frozen=True)
class Candidate:
    """One building that an approved proposal would empty, as the board saw it; what changed since is in `changed`."""

    decision: Decision
    line: dict[str, Any]
    """The building's own part of the pinned evidence."""
    constraints: list[str]
    changed: list[str]
    """Names of the facts that the register has differently today."""
    status_today: str | None
    departures: tuple[Departure, ...] = ()
    """Agencies whose data the decision rests on and that have stepped back since, or will."""

    @property
    def own_departure(self) -> Departure | None:
        """Of the agency that answers for the building; None while it takes part and has not said that it leaves."""
        own = self.facts["agency"]["id"]
        return next((departure for departure in self.departures if departure.agency_id == own), None)

    @property
    def facts(self) -> dict[str, Any]:
        """What the register said of the building when the proposal was put to the board."""
        facts: dict[str, Any] = self.line["facts"]
        return facts

    @property
    def building_id(self) -> int:
        """The building's id in this register."""
        number: int = self.line["building_id"]
        return number

    @property
    def is_synthetic(self) -> bool:
        """True where the evidence was made up."""
        return bool(self.decision.snapshot["place"]["is_synthetic"])

    @cached_property
    def interest(self) -> dict[str, Any]:
        """What the agency that answers for the building holds in it; empty where that is unknown."""
        held = self.facts["interests"] or []
        own = [row for row in held if row["agency_id"] == self.facts["agency"]["id"]]
        first: dict[str, Any] = (own or held or [{}])[0]
        return first

    @property
    def lease_end_on(self) -> date | None:
        """When that interest ends."""
        return _day(self.interest.get("lease_end_on"))

    @property
    def break_on(self) -> date | None:
        """When that interest may be broken earlier."""
        return _day(self.interest.get("break_on"))

    @property
    def valued_on(self) -> date | None:
        """The date of the latest valuation."""
        return _day((self.facts["valuation"] or {}).get("valued_on"))

    @property
    def floor_area(self) -> tuple[Decimal | None, str | None]:
        """Square metres and their basis: GIA where it is known, else NIA."""
        for name, basis in (("gross_internal_area_m2", "GIA"), ("net_internal_area_m2", "NIA")):
            if self.facts[name] is not None:
                return Decimal(self.facts[name]), basis
        return None, None

    @property
    def running_cost_year(self) -> str | None:
        """Financial year of the running cost; None where none was recorded, so that the cost is from a benchmark."""
        recorded = self.facts["running_cost"]
        return financial_year(recorded["year_start"]) if recorded else None


def list_candidates(
    session: Session,
    *,
    programme_id: int | None = None,
    proposal: Proposal | None = None,
    area_id: int | None = None,
    agency_id: int | None = None,
) -> list[Candidate]:
    """Candidates of one approved proposal, or of all: a building that several empty comes from the latest decision.

    `area_id` is the proposal's area, `agency_id` the agency that answers for the building. Those of agencies that
    stepped back stay, marked.
    """
    query = select(Decision).where(Decision.status == DecisionStatus.APPROVED).options(undefer(Decision.snapshot))
    if programme_id is not None:
        query = query.join(Decision.board).where(Board.programme_id == programme_id)
    approved = session.scalars(query.order_by(Decision.decided_at.desc(), Decision.id.desc())).unique().all()
    hosts, departures = _hosts(approved), departures_of(session, [decision.proposal for decision in approved])
    found: dict[int, Candidate] = {}
    for decision in approved:
        is_of_proposal = proposal is None or decision.proposal_id == proposal.id
        if is_of_proposal and area_id in (None, decision.proposal.area_id):
            for candidate in _candidates(session, decision, hosts, departures.get(decision.proposal_id, [])):
                found.setdefault(candidate.building_id, candidate)
    kept = [one for one in found.values() if agency_id in (None, one.facts["agency"]["id"])]
    return sorted(kept, key=lambda one: (one.facts["agency"]["name"], one.facts["name"], one.building_id))


def candidates_of(session: Session, proposal_id: int) -> list[Candidate]:
    """Candidates of one proposal. Raises `NoSuchProposal`, or `NotApproved` where no board approved it."""
    proposal = session.get(Proposal, proposal_id) if 0 < proposal_id < 2**63 else None
    if proposal is None:
        raise NoSuchProposal(f"There is no proposal {proposal_id}.")
    is_approved = select(Decision.id).where(
        Decision.proposal_id == proposal.id, Decision.status == DecisionStatus.APPROVED
    )
    if session.scalar(is_approved) is None:
        raise NotApproved(
            f"Proposal {proposal.id} is {proposal.status.value}. Only an approved proposal has candidate disposals."
        )
    return list_candidates(session, proposal=proposal)


def _hosts(approved: Iterable[Decision]) -> dict[int, list[Decision]]:
    """The approved decisions by which each building takes teams in."""
    hosts: dict[int, list[Decision]] = {}
    for decision in approved:
        for line in decision.snapshot["buildings"]:
            if line["outcome"] == "host":
                hosts.setdefault(line["building_id"], []).append(decision)
    return hosts


def _candidates(
    session: Session, decision: Decision, hosts: dict[int, list[Decision]], departures: list[Departure]
) -> Iterable[Candidate]:
    lines = [line for line in decision.snapshot["buildings"] if line["outcome"] == "emptied"]
    changed = {change.building_id: change for change in changes_since(session, decision.snapshot)}
    today = facts_of(session, [line["building_id"] for line in lines])
    for line in lines:
        number = line["building_id"]
        facts_today = today.get(number, {})
        yield Candidate(
            decision,
            line,
            [
                *stepped_back(line["facts"], departures),
                *constraints_of(line, decision.snapshot["moves"], facts_today, hosts.get(number, [])),
            ],
            [fact.label for fact in changed[number].facts] if number in changed else [],
            facts_today.get("status"),
            tuple(departures),
        )


def disposals_table(candidates: Sequence[Candidate], *, title: str = "Candidate disposals") -> Table:
    """The candidates as a table of `COLUMNS`."""
    month = month_name[get_settings().financial_year_start_month]
    notes = [
        "Candidates come from approved proposals only. Figures are those the board decided on.",
        f"Financial years start on 1 {month}. An empty cell is unknown, not zero.",
    ]
    events = {departure.event for candidate in candidates for departure in candidate.departures}
    notes += [f"{event} Decisions here rest on its data; its buildings are marked." for event in sorted(events)]
    if any(candidate.is_synthetic for candidate in candidates):
        notes.insert(0, SYNTHETIC_NOTE)
    rows = [_row(candidate) for candidate in candidates]
    return Table("candidate_disposals", title, COLUMNS, rows, "GeoX", "GeoY", notes)


def _row(candidate: Candidate) -> dict[str, Cell]:
    cells = {**_published(candidate), **_reasons(candidate)}
    return {column.name: cells[column.name] for column in COLUMNS}


def _published(candidate: Candidate) -> dict[str, Cell]:
    """The columns of the Transparency Code."""
    facts, held = candidate.facts, candidate.interest
    tenure_type, tenure_detail = TENURES.get(held.get("tenure", ""), (None, None))
    has_position = facts["longitude"] is not None
    return {
        "Organisation": facts["agency"]["code"],
        "OrganisationLabel": facts["agency"]["name"],
        "UPRN": facts["uprn"],
        "AssetCode": facts["asset_code"],
        "PropertyName": facts["name"],
        "StreetName": facts["street"],
        "PostTown": facts["post_town"],
        "PostCode": facts["postcode"],
        "GeoX": facts["longitude"],
        "GeoY": facts["latitude"],
        "TenureType": tenure_type,
        "TenureDetail": held.get("tenure_detail") or tenure_detail,
        "HoldingType": "Land/Buildings",
        "CoordinateReferenceSystem": "WGS84" if has_position else None,
    }


def _reasons(candidate: Candidate) -> dict[str, Cell]:
    """Why it is a candidate, what it is worth, and what binds it."""
    facts, worth = candidate.facts, candidate.facts["valuation"] or {}
    line, decision = candidate.line, candidate.decision
    area, basis = candidate.floor_area
    is_cost_known = line["running_cost_per_year"] is not None
    return {
        "EstateID": candidate.building_id,
        "Use": facts["use"]["name"] if facts["use"] else None,
        "WhyCandidate": line["reason"],
        "FloorAreaM2": area,
        "FloorAreaBasis": basis,
        "RunningCostReleasedPerYear": Decimal(line["running_cost_per_year"]) if is_cost_known else None,
        "RunningCostYear": candidate.running_cost_year,
        "RunningCostIsEstimate": line["is_cost_estimate"] if is_cost_known else None,
        "Valuation": Decimal(worth["amount"]) if worth else None,
        "ValuationDate": candidate.valued_on,
        "ValuationBasis": worth.get("basis"),
        "LeaseEnd": candidate.lease_end_on,
        "LeaseBreak": candidate.break_on,
        "Constraints": "; ".join(candidate.constraints) or None,
        "Proposal": decision.snapshot["proposal"]["name"],
        "ProposalID": decision.proposal_id,
        "Board": decision.board.name,
        "DecisionReference": f"D{decision.id}",
        "DecisionDate": decided_on(decision),
        "StatusToday": candidate.status_today,
        "ChangedSinceSubmission": "; ".join(candidate.changed) or None,
        "AgencySteppedBack": candidate.own_departure.left_on if candidate.own_departure else None,
        "IsSynthetic": candidate.is_synthetic,
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def decided_on(decision: Decision) -> date | None:
    """The date of the decision, in UTC; None while it is open."""
    at: datetime | None = decision.decided_at
    return at.date() if at else None
