"""Proposal runs and what they propose: which buildings are kept or emptied, and which teams move where."""

import enum
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Numeric,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.gis.models import Area
from estate.people.models import Agency, User
from estate.people.programme_models import Programme
from estate.register.models import Building, Occupation


class RunStatus(enum.Enum):
    """How far a run has come."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ProposalStatus(enum.Enum):
    """Where a proposal is on its way to a decision. Only `estate.board` changes it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Outcome(enum.Enum):
    """What a proposal does with a building."""

    HOST = "host"
    """Kept, and takes in teams from elsewhere."""
    KEPT = "kept"
    EMPTIED = "emptied"


class Proposal(Base):
    """One run of the optimiser over one area, with the problem it was asked and the answer it gave."""

    __tablename__ = "proposal"
    __table_args__ = (CheckConstraint("gap >= 0", name="gap"),)
    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    level_code: Mapped[str] = mapped_column(ForeignKey("boundary_level.code"))
    """Moves stay inside one area of this level: the area's own level, or a smaller one."""
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    options: Mapped[dict[str, Any]] = mapped_column(JSONB)
    run_status: Mapped[RunStatus] = mapped_column(default=RunStatus.QUEUED)
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str | None] = mapped_column(Text)
    """Why the run failed, or what it found where there was nothing to do, as a sentence."""
    status: Mapped[ProposalStatus] = mapped_column(default=ProposalStatus.DRAFT)
    solver_status: Mapped[str | None] = mapped_column(Text)
    objective: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    """Annual cost of the plan: running cost of what stays open plus annualised cost of moving."""
    bound: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    """Proven: no plan costs less."""
    gap: Mapped[float | None]
    """(objective - bound) / objective."""
    baseline: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    """Annual running cost of today's use, on the same terms as `objective`."""
    seed: Mapped[int | None]
    seconds: Mapped[float | None]
    problem: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSONB))
    problem_sha256: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """Counts, assumptions used and notes for the page."""
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    programme: Mapped[Programme] = relationship(lazy="joined")
    area: Mapped[Area] = relationship(lazy="joined")
    actor: Mapped[User | None] = relationship(lazy="joined")

    @property
    def is_being_stopped(self) -> bool:
        """Cancelled while it was solved: its best plan is yet to be stored."""
        return self.run_status is RunStatus.CANCELLED and self.finished_at is None

    @property
    def is_at_work(self) -> bool:
        """The worker has something to do for it yet."""
        return self.run_status in (RunStatus.QUEUED, RunStatus.RUNNING) or self.is_being_stopped


class ProposalBuilding(Base):
    """What a proposal does with one building, why, and the figures it used."""

    __tablename__ = "proposal_building"
    __table_args__ = (UniqueConstraint("proposal_id", "building_id"),)
    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    outcome: Mapped[Outcome]
    reason: Mapped[str] = mapped_column(Text)
    capacity_m2: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    used_m2: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    running_cost_per_year: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    is_cost_estimate: Mapped[bool] = mapped_column(default=False)
    is_capacity_estimate: Mapped[bool] = mapped_column(default=False)

    building: Mapped[Building] = relationship(lazy="joined")


class ProposalMove(Base):
    """One team that moves."""

    __tablename__ = "proposal_move"
    __table_args__ = (UniqueConstraint("proposal_id", "occupation_id"),)
    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    occupation_id: Mapped[int | None] = mapped_column(ForeignKey("occupation.id"))
    """None: who works in the building is not recorded, so its use as a whole stands for one team."""
    team: Mapped[str] = mapped_column(Text)
    from_building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    to_building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    need_m2: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    fte: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    distance_m: Mapped[Decimal] = mapped_column(Numeric(10, 1))
    move_cost: Mapped[Decimal] = mapped_column(Numeric(14, 2))

    occupation: Mapped[Occupation | None] = relationship(lazy="joined")
    agency: Mapped[Agency] = relationship(lazy="joined")
    from_building: Mapped[Building] = relationship(foreign_keys=[from_building_id])
    to_building: Mapped[Building] = relationship(foreign_keys=[to_building_id])


class AgencyPosition(Base):
    """What a proposal means for one agency's own cash: lines of all agencies add up to the proposal's totals."""

    __tablename__ = "agency_position"
    __table_args__ = (UniqueConstraint("proposal_id", "agency_id"),)
    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    released_per_year: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    """Running cost that stops in buildings that are emptied."""
    added_per_year: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    """Extra running cost in the buildings that host."""
    one_off_cost: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    emptied_count: Mapped[int]
    moved_fte: Mapped[Decimal] = mapped_column(Numeric(10, 2))

    agency: Mapped[Agency] = relationship(lazy="joined")

    @property
    def saving_per_year(self) -> Decimal:
        """Released less added; negative where the agency pays for others to gain."""
        return self.released_per_year - self.added_per_year
