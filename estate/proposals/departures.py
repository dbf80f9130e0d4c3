"""Agencies that stepped back, or will, after a proposal was made with their data: what others must know of it.

Nothing is stored: what a proposal uses and who takes part say it, so a flag comes and goes with the day.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Date, Select, and_, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from estate.people.models import Agency
from estate.people.programme_models import ProgrammeMember
from estate.proposals.models import (
    AgencyPosition,
    Proposal,
    ProposalBuilding,
    ProposalMove,
    ProposalStatus,
    RunStatus,
)
from estate.register.models import Building, BuildingArea
from estate.register.shown import canonical_id

LIVE = (ProposalStatus.DRAFT, ProposalStatus.SUBMITTED, ProposalStatus.APPROVED)
AT_WORK = (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True)
class Departure:
    """An agency that steps back from the programme of a proposal that uses its data."""

    agency_id: int
    agency_name: str
    left_on: date
    """The first day on which it takes no part."""
    is_past: bool
    """The day has come."""
    building_count: int
    team_count: int
    """Teams of the agency that the proposal moves."""

    @property
    def did(self) -> str:
        """What it does, to go before the day."""
        return "stepped back on" if self.is_past else "will step back on"

    @property
    def event(self) -> str:
        """What the agency does, as a sentence."""
        verb = "stepped back" if self.is_past else "will step back"
        return f"{self.agency_name} {verb} from this programme on {self.left_on:%-d %B %Y}."

    @property
    def uses(self) -> str:
        """What of the agency's the proposal rests on, as a noun; empty where only figures of cost."""
        buildings = f"{self.building_count:,} of its buildings" if self.building_count else ""
        teams = f"{self.team_count:,} of its teams" if self.team_count else ""
        return " and ".join(text for text in (buildings, teams) if text)


def departures_of(session: Session, proposals: Iterable[Proposal]) -> dict[int, list[Departure]]:
    """Who steps back of those whose data these proposals use, by the proposal's id; proposals without any are left out.

    Only of proposals that live: neither rejected or withdrawn, nor of a run that ended without a plan. An agency that
    came back is left out.
    """
    ids = [proposal.id for proposal in proposals]
    found: dict[int, list[Departure]] = defaultdict(list)
    if ids:
        for proposal_id, departure in _departures(session, Proposal.id.in_(ids)):
            found[proposal_id].append(departure)
    return dict(found)


def list_touched(session: Session, stay: ProgrammeMember) -> Sequence[Proposal]:
    """The living proposals of the programme that use the data of the stay's agency, the newest first."""
    used = _used(_lives() & (Proposal.programme_id == stay.programme_id)).subquery()
    ids = select(used.c.proposal_id).where(used.c.agency_id == stay.agency_id)
    return session.scalars(select(Proposal).where(Proposal.id.in_(ids)).order_by(Proposal.id.desc())).unique().all()


def _departures(session: Session, condition: ColumnElement[bool]) -> list[tuple[int, Departure]]:
    stay, later = ProgrammeMember, aliased(ProgrammeMember)
    came_back = (
        select(later.id)
        .where(later.programme_id == stay.programme_id, later.agency_id == stay.agency_id)
        .where(later.joined_on >= stay.left_on, later.joined_on <= func.current_date())
    )
    used = _used(_lives() & condition).subquery()
    query = (
        select(
            used.c.proposal_id,
            Agency.id,
            Agency.name,
            stay.left_on,
            stay.left_on <= func.current_date(),
            func.sum(used.c.building_count),
            func.sum(used.c.team_count),
        )
        .join(Proposal, Proposal.id == used.c.proposal_id)
        .join(stay, and_(stay.programme_id == Proposal.programme_id, stay.agency_id == used.c.agency_id))
        .join(Agency, Agency.id == stay.agency_id)
        .where(stay.left_on.is_not(None), ~came_back.exists(), stay.left_on >= cast(Proposal.created_at, Date))
        .group_by(used.c.proposal_id, Agency.id, stay.left_on)
        .order_by(stay.left_on, Agency.name)
    )
    return [
        (proposal_id, Departure(agency_id, name, left_on, is_past, int(buildings), int(teams)))
        for proposal_id, agency_id, name, left_on, is_past, buildings, teams in session.execute(query)
    ]


def _lives() -> ColumnElement[bool]:
    without_plan = Proposal.run_status.in_((RunStatus.FAILED, RunStatus.CANCELLED)) & Proposal.objective.is_(None)
    return Proposal.status.in_(LIVE) & ~without_plan


def _used(condition: ColumnElement[bool]) -> "Select[tuple[int, int, int, int]]":
    """`proposal_id`, `agency_id` and how many of its buildings and teams, each source a row.

    While a run is at work nothing is stored yet: then it is the agencies with a building in its area.
    """
    record, pays = aliased(Building, name="used_record"), aliased(AgencyPosition, name="used_position")
    nothing, chosen = literal(0), [condition]
    whole = aliased(Building, name="used_building")
    buildings = (
        select(Proposal.id.label("proposal_id"), record.agency_id.label("agency_id"))
        .add_columns(func.count(ProposalBuilding.id.distinct()).label("building_count"), nothing.label("team_count"))
        .join(ProposalBuilding, ProposalBuilding.proposal_id == Proposal.id)
        .join(whole, whole.id == ProposalBuilding.building_id)
        .join(record, or_(record.id == whole.id, record.canonical_id == canonical_id(whole)))
        .where(*chosen)
        .group_by(Proposal.id, record.agency_id)
    )
    teams = (
        select(Proposal.id, ProposalMove.agency_id, nothing, func.count(ProposalMove.id))
        .join(ProposalMove, ProposalMove.proposal_id == Proposal.id)
        .where(*chosen)
        .group_by(Proposal.id, ProposalMove.agency_id)
    )
    figures = (
        select(Proposal.id, pays.agency_id, nothing, nothing).join(pays, pays.proposal_id == Proposal.id).where(*chosen)
    )
    reading = (
        select(Proposal.id, Building.agency_id, func.count(Building.id), nothing)
        .join(BuildingArea, BuildingArea.area_id == Proposal.area_id)
        .join(Building, Building.id == BuildingArea.building_id)
        .where(Proposal.run_status.in_(AT_WORK), *chosen)
        .group_by(Proposal.id, Building.agency_id)
    )
    parts = union_all(buildings, teams, figures, reading).subquery("used")
    return select(parts.c.proposal_id, parts.c.agency_id, parts.c.building_count, parts.c.team_count)
