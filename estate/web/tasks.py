"""What waits for the signed-in user: votes, checked imports, leases near or past their end, gaps in records."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from estate.board.models import Decision, DecisionStatus, Vote
from estate.people.models import Agency, Role
from estate.people.permissions import Identity
from estate.register.attestation.progress import agency_progress
from estate.register.attestation.rounds import find_open_round
from estate.register.filters import Attention, BuildingFilters
from estate.register.models import Import, ImportStatus
from estate.register.queries import count_buildings
from estate.web.as_at import today
from estate.web.filters import day

GAPS = {
    Attention.LEASE_ENDED: "with a lease that has ended: renew it or end it in the register",
    Attention.LEASE_ENDING: "with a lease that ends or breaks within a year",
    Attention.NO_COST: "without a running cost of the year",
    Attention.NO_AREA: "without a net internal area",
    Attention.NO_LOCATION: "not on the map",
}


@dataclass(frozen=True)
class Task:
    """One thing to do, and where."""

    text: str
    count: int
    address: str
    agency: str = ""
    """Whose buildings it is about; empty where it is about none."""


def open_tasks(session: Session, identity: Identity) -> list[Task]:
    """The user's tasks, the most urgent first; those with nothing to do are left out."""
    tasks = [*_votes(session, identity), *_imports(session, identity)]
    managed = identity.roles.get(Role.ASSET_MANAGER, frozenset())
    tasks += _to_confirm(session, managed)
    for agency in session.scalars(select(Agency).where(Agency.id.in_(managed)).order_by(Agency.name)).unique():
        tasks += _of_agency(session, agency.id, agency.name)
    return [task for task in tasks if task.count and task.address]


def _votes(session: Session, identity: Identity) -> list[Task]:
    voted = select(Vote.decision_id).where(Vote.user_id == identity.user_id)
    waiting = select(func.count()).where(
        Decision.status == DecisionStatus.OPEN, Decision.board_id.in_(identity.board_ids), Decision.id.not_in(voted)
    )
    count = session.scalar(waiting) or 0
    text = "proposal waits for your vote" if count == 1 else "proposals wait for your vote"
    return [Task(text, count, _address("boards.index"))]


def _imports(session: Session, identity: Identity) -> list[Task]:
    managed = identity.roles.get(Role.ASSET_MANAGER, frozenset())
    is_theirs: ColumnElement[bool] = Import.agency_id.in_(managed)
    if identity.roles.get(Role.ADMINISTRATOR):
        # An administrator may confirm every file; those that they brought wait for them.
        is_theirs |= Import.actor_id == identity.user_id
    waiting = select(func.count()).where(Import.status == ImportStatus.CHECKED, is_theirs)
    count = session.scalar(waiting) or 0
    text = "checked file waits for you to confirm it" if count == 1 else "checked files wait for you to confirm them"
    return [Task(text, count, _address("imports.index"))]


def _to_confirm(session: Session, managed: frozenset[int]) -> list[Task]:
    """Records of the user's agencies that wait in the open round."""
    found = find_open_round(session) if managed else None
    if found is None:
        return []
    late = found.deadline_on < today()
    text = f"to confirm by {day(found.deadline_on)}" + (": overdue" if late else "")
    return [
        Task(
            text,
            row.open,
            _address("attestation.records.index", round_id=found.id, agency_id=row.agency_id),
            row.name,
        )
        for row in agency_progress(session, found)
        if row.agency_id in managed
    ]


def _of_agency(session: Session, agency_id: int, name: str) -> list[Task]:
    tasks = []
    for attention, words in GAPS.items():
        count = count_buildings(session, BuildingFilters(agency_id=agency_id, attention=attention))
        address = _address("buildings.index", agency=agency_id, attention=attention.value)
        tasks.append(Task(words, count, address, name))
    return tasks


def _address(endpoint: str, **arguments: Any) -> str:
    return url_for(endpoint, **arguments) if endpoint in current_app.view_functions else ""
