"""The evidence a board decides on, pinned when a proposal is put to it, and what has changed in the register since."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.audit import canonical_json
from estate.board.facts import Facts, facts_of, plain
from estate.board.models import Decision
from estate.board.wording import LABELS, in_words
from estate.proposals.models import AgencyPosition, Proposal, ProposalBuilding, ProposalMove
from estate.register.models import Place

VERSION = 1
PROPOSAL_FIGURES = (
    "id",
    "name",
    "level_code",
    "options",
    "solver_status",
    "objective",
    "bound",
    "gap",
    "baseline",
    "seed",
    "seconds",
    "summary",
    "problem_sha256",
    "created_at",
    "finished_at",
)
BUILDING_FIGURES = (
    "building_id",
    "outcome",
    "reason",
    "capacity_m2",
    "used_m2",
    "running_cost_per_year",
    "is_cost_estimate",
    "is_capacity_estimate",
)
MOVE_FIGURES = (
    "occupation_id",
    "team",
    "from_building_id",
    "to_building_id",
    "agency_id",
    "need_m2",
    "fte",
    "distance_m",
    "move_cost",
)
POSITION_FIGURES = (
    "agency_id",
    "released_per_year",
    "added_per_year",
    "one_off_cost",
    "emptied_count",
    "moved_fte",
)


@dataclass(frozen=True)
class FactChange:
    """One fact as it was pinned and as the register has it now, both in words."""

    label: str
    then: str
    now: str


@dataclass(frozen=True)
class BuildingChange:
    """A building whose facts differ from the pinned ones."""

    building_id: int
    name: str
    facts: list[FactChange]


def take_snapshot(session: Session, proposal: Proposal) -> Facts:
    """Everything a board needs to judge `proposal`, as JSON: see `VERSION` and the lists of figures."""
    buildings = _rows(session, ProposalBuilding, proposal)
    facts = facts_of(session, [row.building_id for row in buildings])
    place, area = session.get(Place, 1), proposal.area
    place_name = proposal.programme.place_name or (place.name if place else None)
    return {
        "version": VERSION,
        "place": {"name": place_name, "is_synthetic": bool(place and place.is_synthetic)},
        "programme": {"id": proposal.programme_id, "name": proposal.programme.name},
        "proposal": {
            **_figures(proposal, PROPOSAL_FIGURES),
            "area": {"id": area.id, "code": area.code, "name": area.name, "level": area.level.name},
        },
        "buildings": [
            {**_figures(row, BUILDING_FIGURES), "facts": facts[row.building_id]}
            for row in sorted(buildings, key=lambda row: row.building_id)
        ],
        "moves": [
            {
                **_figures(row, MOVE_FIGURES),
                "agency": row.agency.name,
                "team": row.team,
                "from_building": row.from_building.name,
                "to_building": row.to_building.name,
            }
            for row in _rows(session, ProposalMove, proposal)
        ],
        "positions": [
            {**_figures(row, POSITION_FIGURES), "agency": row.agency.name}
            for row in sorted(_rows(session, AgencyPosition, proposal), key=lambda row: row.agency.name)
        ],
    }


def _rows(session: Session, model: type[Any], proposal: Proposal) -> Sequence[Any]:
    return session.scalars(select(model).where(model.proposal_id == proposal.id).order_by(model.id)).unique().all()


def _figures(row: Any, names: Iterable[str]) -> Facts:
    return {name: plain(getattr(row, name)) for name in names}


def fingerprint(snapshot: Facts) -> str:
    """SHA-256 of the snapshot's canonical JSON; the same before and after the database has stored it."""
    return hashlib.sha256(canonical_json(snapshot).encode()).hexdigest()


def is_intact(decision: Decision) -> bool:
    """True when the stored evidence still has the fingerprint it was pinned with."""
    return fingerprint(decision.snapshot) == decision.snapshot_sha256


def changes_since(session: Session, snapshot: Facts) -> list[BuildingChange]:
    """The snapshot's buildings whose facts are different in the register today, in the snapshot's order."""
    pinned = {row["building_id"]: row["facts"] for row in snapshot["buildings"]}
    today = facts_of(session, pinned)
    found = []
    for building_id, then in pinned.items():
        changes = _compare(then, today.get(building_id, {}))
        if changes:
            found.append(BuildingChange(building_id, then["name"], changes))
    return found


def _compare(then: Facts, now: Facts) -> list[FactChange]:
    """Differences in the facts that were pinned: a fact that a later version added is no change."""
    names = [name for name in then if name in LABELS and then[name] != now.get(name)]
    return [FactChange(LABELS[name], in_words(name, then[name]), in_words(name, now.get(name))) for name in names]
