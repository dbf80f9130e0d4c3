"""How a proposal's saving is shared fairly: asked for, worked out by the worker, and kept with the proposal."""

import logging
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, undefer

from estate import audit, jobs
from estate.appraise.cash import Schedule, shared_cash
from estate.db import make_session
from estate.errors import EstateError
from estate.optimise import Problem
from estate.people.models import Agency
from estate.proposals.cash import ProposalCash
from estate.proposals.coalitions import AgencyShare, Shares, shares_of
from estate.proposals.errors import NothingToShare, SharingAtWork
from estate.proposals.models import Proposal, RunStatus
from estate.proposals.options import Options
from estate.proposals.queries import get_proposal
from estate.proposals.runs import QUEUE

SHARE_TASK = "proposals.share"
KEY = "fairness"
SECONDS = 60.0
"""For all groups of agencies together."""
WENT_WRONG = "The shares could not be worked out, by an error of ours. Try again; if that fails too, tell the operator."
STOPPED = "The work on the shares was stopped before it was done. Start it again."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fairness:
    """What is known of a proposal's shares."""

    state: str
    """`queued`, `done` or `failed`."""
    sentence: str
    method: str = ""
    rows: tuple[AgencyShare, ...] = ()
    names: tuple[str, ...] = ()
    groups: int = 0
    unproven: int = 0
    seconds: float = 0.0


def start(session: Session, proposal: Proposal, *, actor: int | None, is_queued: bool = True) -> None:
    """Puts the job in the queue. A proposal whose shares are known already is worked out once more."""
    session.refresh(proposal, with_for_update={"of": Proposal})
    if proposal.run_status is not RunStatus.FINISHED or not can_share(proposal):
        raise NothingToShare
    before = proposal.summary.get(KEY, {})
    if before.get("state") == "queued" and is_queued:
        raise SharingAtWork
    _keep(proposal, state="queued", sentence="It waits for its turn.")
    session.flush()
    audit.record(session, actor=actor, action="share_proposal", subject_type="proposal", subject_id=proposal.id)
    if is_queued:
        jobs.defer(session, SHARE_TASK, queue=QUEUE, run_id=proposal.id)


def can_share(proposal: Proposal) -> bool:
    """True where the plan saves something, moves paid."""
    return proposal.baseline is not None and proposal.objective is not None and proposal.baseline > proposal.objective


def perform(run_id: int) -> None:
    """Solves the groups and keeps the shares; an error ends in a sentence, and whatever ends it, nobody waits for ever.

    A database that went away is the queue's: it starts the job once more.
    """
    try:
        _share(run_id)
    except OperationalError:
        raise
    except EstateError as error:
        _fail(run_id, error.message)
    except Exception:
        log.exception("Sharing proposal %s failed", run_id)
        _fail(run_id, WENT_WRONG)
    except BaseException:
        _fail(run_id, STOPPED)
        raise


def _share(run_id: int) -> None:
    with make_session() as session:
        query = select(Proposal).where(Proposal.id == run_id).options(undefer(Proposal.problem))
        proposal = session.scalars(query).one()
        problem, options = Problem.from_json(proposal.problem or {}), Options.from_json(proposal.options)
        whole = float((proposal.baseline or 0) - (proposal.objective or 0))
        names = {str(agency_id): name for agency_id, name in session.execute(select(Agency.id, Agency.name))}
    started = time.monotonic()
    found = shares_of(problem, whole, options.limits, SECONDS, names)
    if found is None:
        raise NothingToShare
    with make_session.begin() as session:
        keep(get_proposal(session, run_id), found, seconds=time.monotonic() - started)


def _fail(run_id: int, sentence: str) -> None:
    with make_session.begin() as session:
        _keep(get_proposal(session, run_id), state="failed", sentence=sentence)


def keep(proposal: Proposal, found: Shares, *, seconds: float) -> None:
    """Keeps the shares with their proposal; `seconds` were needed to solve the groups."""
    _keep(proposal, state="done", **asdict(found), seconds=round(seconds, 1))


def fairness_of(session: Session, proposal: Proposal) -> Fairness | None:
    """The shares as they were kept, the largest first; None where nobody asked for them."""
    kept = dict(proposal.summary.get(KEY, {}))
    if not kept:
        return None
    rows = sorted((AgencyShare(**row) for row in kept.get("rows", ())), key=lambda row: (-row.share, row.agency))
    ids = [int(row.agency) for row in rows]
    known = {agency.id: agency.name for agency in session.scalars(select(Agency).where(Agency.id.in_(ids)))}
    kept.pop("at", None)
    return Fairness(**{**kept, "rows": tuple(rows), "names": tuple(known[each] for each in ids)})


def schedule_of(cash: ProposalCash, fairness: Fairness) -> Schedule | None:
    """Transfers by year by the shares; None where a share is below 0, which no yearly part of the cash can give."""
    shares = {row.agency: row.share for row in fairness.rows}
    if not shares or min(shares.values()) < 0 or max(shares.values()) <= 0 or not set(cash.curves) <= set(shares):
        return None
    return shared_cash(list(cash.curves.values()), shares, cash.rates)


def _keep(proposal: Proposal, **kept: Any) -> None:
    proposal.summary = {**proposal.summary, KEY: {**kept, "at": datetime.now(UTC).isoformat()}}
