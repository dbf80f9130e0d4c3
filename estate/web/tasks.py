"""What waits for the signed-in user: votes, checked imports, leases near or past their end, gaps in records."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.board.models import Decision, DecisionStatus, Vote
from estate.people.models import Agency, Role
from estate.people.permissions import Identity
from estate.register.filters import Attention, BuildingFilters
from estate.register.models import Import, ImportStatus
from estate.register.queries import count_buildings

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
    is_theirs = Import.agency_id.in_(managed)
    if identity.roles.get(Role.ADMINISTRATOR):
        # An administrator may confirm every file; those that they brought wait for them.
        is_theirs |= Import.actor_id == identity.user_id
    waiting = select(func.count()).where(Import.status == ImportStatus.CHECKED, is_theirs)
    count = session.scalar(waiting) or 0
    text = "checked file waits for you to confirm it" if count == 1 else "checked files wait for you to confirm them"
    return [Task(text, count, _address("imports.index"))]


def _of_agency(session: Session, agency_id: int, name: str) -> list[Task]:
    tasks = []
    for attention, words in GAPS.items():
        count = count_buildings(session, BuildingFilters(agency_id=agency_id, attention=attention))
        address = _address("buildings.index", agency=agency_id, attention=attention.value)
        tasks.append(Task(words, count, address, name))
    return tasks


def _address(endpoint: str, **arguments: Any) -> str:
    return url_for(endpoint, **arguments) if endpoint in current_app.view_functions else ""
