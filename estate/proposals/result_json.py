"""A finished proposal as plain JSON values: what its page says, for programs."""

from typing import Any

from sqlalchemy.orm import Session

from estate.proposals.models import Proposal
from estate.proposals.queries import list_moves, list_outcomes, list_positions


def proposal_json(session: Session, proposal: Proposal) -> dict[str, Any]:
    """Options, summary, buildings, moves and positions of agencies. Money is text, so that no penny is lost."""
    return {
        "id": proposal.id,
        "name": proposal.name,
        "area": proposal.area.code,
        "message": proposal.message,
        "options": proposal.options,
        "summary": proposal.summary,
        "baseline": _text(proposal.baseline),
        "objective": _text(proposal.objective),
        "bound": _text(proposal.bound),
        "buildings": [
            {"id": row.building_id, "name": row.building.name, "outcome": row.outcome.value, "reason": row.reason}
            for row in list_outcomes(session, proposal)
        ],
        "moves": [
            {
                "occupation": row.occupation_id,
                "team": row.team,
                "from": row.from_building_id,
                "to": row.to_building_id,
                "move_cost": _text(row.move_cost),
            }
            for row in list_moves(session, proposal)
        ],
        "agencies": [
            {
                "agency": row.agency.name,
                "released_per_year": _text(row.released_per_year),
                "added_per_year": _text(row.added_per_year),
                "one_off_cost": _text(row.one_off_cost),
            }
            for row in list_positions(session, proposal)
        ],
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
