"""What each emptied building brings and costs, to the penny: the lines of a plan, taken apart by building.

Added up over all buildings they are the lines of the proposal's cash. They come from the problem that was kept with
it, so the figures are those of the day on which it was made.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from estate.appraise.positions import to_pence
from estate.optimise import Problem
from estate.proposals.errors import ProblemNotKept
from estate.proposals.models import Outcome, Proposal, ProposalBuilding, ProposalMove
from estate.proposals.queries import list_moves, list_outcomes
from estate.proposals.reference import Reference
from estate.proposals.store import OCCUPATION

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Stake:
    """The part of a plan that begins in one building: emptying it, or moving teams out of it."""

    building_id: int
    name: str
    is_emptied: bool
    is_cost_estimate: bool
    released_per_year: Decimal
    added_per_year: Decimal
    """Extra running cost in the hosts of its teams."""
    move_cost: Decimal
    """Moves and fit-out, optimism bias among them."""
    optimism_bias: Decimal
    leaving_cost: Decimal
    need_by_host: tuple[tuple[int, float], ...]
    """Area in m2 that its teams take up, by the building that they move to."""
    moves: tuple[ProposalMove, ...] = ()


def stakes_of(session: Session, proposal: Proposal, reference: Reference) -> list[Stake]:
    """The stakes of a finished proposal, by building. Raises `ProblemNotKept` for one whose problem is not kept."""
    problem = problem_of(proposal)
    rows = {row.building_id: row for row in list_outcomes(session, proposal)}
    moves: dict[int, list[ProposalMove]] = defaultdict(list)
    for move in list_moves(session, proposal):
        moves[move.from_building_id].append(move)
    emptied = {building_id for building_id, row in rows.items() if row.outcome is Outcome.EMPTIED}
    found = [_stake(problem, rows[key], moves.get(key, []), reference) for key in emptied | set(moves) if key in rows]
    return sorted(found, key=lambda stake: stake.building_id)


def problem_of(proposal: Proposal) -> Problem:
    """The problem that was kept with a proposal. Raises `ProblemNotKept` where there is none that can be read."""
    document = proposal.problem
    if not document or not document.get("settings"):
        raise ProblemNotKept
    return Problem.from_json(document)


def _stake(problem: Problem, row: ProposalBuilding, moves: Sequence[ProposalMove], reference: Reference) -> Stake:
    is_emptied = row.outcome is Outcome.EMPTIED
    building = problem.buildings[problem.building_index[str(row.building_id)]]
    return Stake(
        building_id=row.building_id,
        name=row.building.name,
        is_emptied=is_emptied,
        is_cost_estimate=row.is_cost_estimate,
        released_per_year=to_pence(building.running_cost_per_year) if is_emptied else NOTHING,
        added_per_year=sum((hosting_of(problem, move) for move in moves), NOTHING),
        move_cost=sum((move.move_cost for move in moves), NOTHING),
        optimism_bias=sum((_bias(move, reference) for move in moves), NOTHING),
        leaving_cost=to_pence(building.leaving_cost) if is_emptied else NOTHING,
        need_by_host=tuple((move.to_building_id, float(move.need_m2)) for move in moves),
        moves=tuple(moves),
    )


def hosting_of(problem: Problem, move: ProposalMove) -> Decimal:
    """What the team adds to its host, as the plan counted it: by the need in the problem, not the one in pence."""
    host = problem.buildings[problem.building_index[str(move.to_building_id)]]
    key = f"{OCCUPATION}{move.occupation_id}" if move.occupation_id else f"building:{move.from_building_id}"
    need = next(team.need_m2 for team in problem.teams_at[str(move.from_building_id)] if team.id == key)
    return to_pence(host.hosting_cost_per_m2_per_year * need)


def _bias(move: ProposalMove, reference: Reference) -> Decimal:
    """The optimism bias within the cost of a move; never more than the cost itself."""
    ratio = reference.figure("fit_out_cost_per_m2") * reference.figure("move_cost_optimism_bias")
    return min(move.move_cost, to_pence(float(move.need_m2) * ratio))
