"""Which proposals use given buildings or teams: what the register can't know when it takes something back."""

from collections.abc import Collection

from sqlalchemy import ARRAY, BigInteger, all_, any_, cast, false, or_, select, true
from sqlalchemy.orm import Session

from estate.proposals.models import Proposal, ProposalBuilding, ProposalMove, ProposalStatus, RunStatus
from estate.register.imports.obstacles import Obstacle
from estate.register.models import Building

OVER = (ProposalStatus.REJECTED, ProposalStatus.WITHDRAWN)
WITHOUT_PLAN = (RunStatus.FAILED, RunStatus.CANCELLED)


def proposal_uses(session: Session, building_ids: Collection[int], occupation_ids: Collection[int]) -> list[Obstacle]:
    """Proposals that use one of these buildings or teams; not rejected or withdrawn ones, nor runs without a plan."""
    # Arrays instead of a parameter each: an import may have added a hundred thousand.
    buildings, teams = (cast(list(ids), ARRAY(BigInteger)) for ids in (building_ids, occupation_ids))
    by_building = select(ProposalBuilding.proposal_id, ProposalBuilding.building_id, false().label("is_team")).where(
        ProposalBuilding.building_id == any_(buildings)
    )
    # A team that a move names can't be taken out at all, whatever became of the proposal.
    by_team = select(ProposalMove.proposal_id, ProposalMove.from_building_id, true()).where(
        ProposalMove.occupation_id == any_(teams), ProposalMove.from_building_id != all_(buildings)
    )
    rows = by_building.union(by_team).subquery()
    query = (
        select(Proposal, Building.id, Building.name)
        .join(rows, rows.c.proposal_id == Proposal.id)
        .join(Building, Building.id == rows.c.building_id)
        .where(or_(rows.c.is_team, Proposal.status.not_in(OVER) & Proposal.run_status.not_in(WITHOUT_PLAN)))
        .order_by(Building.name, Building.id, Proposal.id)
    )
    return [
        Obstacle(
            building_id,
            name,
            f"is used by the proposal “{proposal.name}” ({proposal.status.value})",
            proposal.finished_at or proposal.created_at,
            proposal.actor.name if proposal.actor else None,
            proposal_id=proposal.id,
        )
        for proposal, building_id, name in session.execute(query).unique()
    ]
