"""Writes what the optimiser found into a proposal: figures, buildings, moves and positions of agencies."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from estate.appraise.positions import Position, Release, TeamMove, positions, to_pence, total
from estate.optimise import Problem, Solution
from estate.optimise.explain import Action, BuildingOutcome, Move, explained, list_moves
from estate.proposals.models import AgencyPosition, Outcome, Proposal, ProposalBuilding, ProposalMove, RunStatus
from estate.proposals.told import told_sentences

OCCUPATION = "occupation:"


def problem_sha256(document: dict[str, Any]) -> str:
    """Digest of a problem's JSON, the same however a database orders its keys."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def store(session: Session, proposal: Proposal, problem: Problem, solution: Solution) -> None:
    """Fills the proposal with a solution of its problem. What an earlier try left behind is replaced."""
    outcomes, moves = explained(problem, solution), list_moves(problem, solution)
    agencies = _positions(outcomes, moves)
    document = problem.to_json()
    proposal.problem, proposal.problem_sha256 = document, problem_sha256(document)
    proposal.solver_status = solution.status.value
    proposal.objective = to_pence(solution.objective)
    proposal.bound = to_pence(solution.bound)
    proposal.gap = solution.gap_ratio
    proposal.baseline = to_pence(solution.cost_today_per_year)
    proposal.seed, proposal.seconds = solution.limits.seed, solution.seconds
    proposal.message = solution.sentence
    proposal.summary = _summary(problem, solution, outcomes, moves, total(agencies))
    proposal.run_status, proposal.progress = RunStatus.FINISHED, 1.0
    proposal.finished_at = datetime.now(UTC)
    for table in (ProposalBuilding, ProposalMove, AgencyPosition):
        session.execute(delete(table).where(table.proposal_id == proposal.id))
    session.add_all(_building(proposal, outcome) for outcome in outcomes)
    session.add_all(_move(proposal, move) for move in moves)
    session.add_all(_position(proposal, row) for row in agencies)
    session.flush()


def _positions(outcomes: list[BuildingOutcome], moves: list[Move]) -> list[Position]:
    releases = [
        Release(
            outcome.building.id,
            outcome.building.running_cost_per_year,
            tuple((payer.agency, payer.share_ratio) for payer in outcome.building.payers),
            outcome.building.leaving_cost,
            tuple((payer.agency, payer.share_ratio) for payer in outcome.building.leaving_payers),
        )
        for outcome in outcomes
        if outcome.action is Action.EMPTIED
    ]
    moved = [
        TeamMove(move.team.agency, move.hosting_cost_per_year, move.team.move_cost, move.team.fte or 0.0)
        for move in moves
    ]
    return positions(releases, moved)


def _building(proposal: Proposal, outcome: BuildingOutcome) -> ProposalBuilding:
    building = outcome.building
    return ProposalBuilding(
        proposal_id=proposal.id,
        building_id=int(building.id),
        outcome=Outcome(outcome.action.value),
        reason=outcome.reason,
        capacity_m2=to_pence(building.capacity_m2) if building.capacity_m2 else None,
        used_m2=to_pence(outcome.used_m2),
        running_cost_per_year=to_pence(building.running_cost_per_year),
        is_cost_estimate="running_cost_per_year" in building.estimates,
        is_capacity_estimate="capacity_m2" in building.estimates,
    )


def _move(proposal: Proposal, move: Move) -> ProposalMove:
    team = move.team
    return ProposalMove(
        proposal_id=proposal.id,
        occupation_id=int(team.id.removeprefix(OCCUPATION)) if team.id.startswith(OCCUPATION) else None,
        team=team.name,
        from_building_id=int(team.home),
        to_building_id=int(move.host.id),
        agency_id=int(team.agency),
        need_m2=to_pence(team.need_m2),
        fte=None if team.fte is None else to_pence(team.fte),
        distance_m=Decimal(str(round(move.distance_m, 1))),
        move_cost=to_pence(team.move_cost),
    )


def _position(proposal: Proposal, row: Position) -> AgencyPosition:
    figures = {name: value for name, value in asdict(row).items() if name != "agency"}
    return AgencyPosition(proposal_id=proposal.id, agency_id=int(row.agency), **figures)


def _summary(
    problem: Problem, solution: Solution, outcomes: list[BuildingOutcome], moves: list[Move], together: Position
) -> dict[str, Any]:
    """What the page shows above its tables. Money as text, so that no penny is lost in JSON."""
    actions = Counter(outcome.action.value for outcome in outcomes)
    saving = together.saving_per_year
    value_now = float(saving) / problem.settings.annuity_ratio - float(together.one_off_cost)
    return {
        "sentence": solution.sentence,
        "question": solution.notes[0],
        "team_rule": solution.team_rule.value,
        "status": solution.status.value,
        "stop_reason": solution.stop_reason.value,
        "is_proven": solution.is_proven,
        "is_repeatable": solution.is_repeatable,
        "counts": {
            "buildings": len(outcomes),
            "teams": len(problem.teams),
            **{action.value: actions[action.value] for action in Action},
            "moves": len(moves),
            "moves_without_fte": sum(move.team.fte is None for move in moves),
            "estimated_costs": sum("running_cost_per_year" in outcome.building.estimates for outcome in outcomes),
        },
        "kept_causes": {outcome.building.id: outcome.cause for outcome in outcomes if outcome.cause},
        "leaving": {
            outcome.building.id: f"£{outcome.building.leaving_cost:,.0f} {outcome.building.leaving_reason}"
            for outcome in outcomes
            if outcome.action is Action.EMPTIED and outcome.building.leaving_cost
        },
        "released_per_year": str(together.released_per_year),
        "added_per_year": str(together.added_per_year),
        "saving_per_year": str(saving),
        "one_off_cost": str(together.one_off_cost),
        "net_present_value": str(to_pence(value_now)),
        "payback_years": None if together.payback_years is None else round(float(together.payback_years), 2),
        "horizon_years": problem.settings.horizon_years,
        "discount_rate": problem.settings.discount_rate,
        "discount_rates": [list(step) for step in problem.settings.discount_rates],
        "max_move_m": problem.settings.max_move_m,
        "told": told_sentences(problem),
        "may_be_emptied": [row.building.id for row in outcomes if row.building.may_close],
        "notes": [*problem.notes, *solution.notes[1:]],
        "assumptions": [list(assumption) for assumption in problem.settings.assumptions],
    }
