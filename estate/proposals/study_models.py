"""Studies: one question asked over many areas, at one or several levels, each area a part of its own."""

import enum
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.gis.models import Area, BoundaryLevel
from estate.people.models import User
from estate.people.programme_models import Programme
from estate.proposals.models import RunStatus


class PartStatus(enum.Enum):
    """How far one area of a study has come."""

    WAITING = "waiting"
    """For smaller areas inside it, whose plans it starts from. It has no job yet."""
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """Stopped: with the best plan so far where it was being solved, else without any."""


TO_DO = (PartStatus.WAITING, PartStatus.QUEUED, PartStatus.RUNNING)


class Study(Base):
    """One question over many areas. Every area is solved from the register as it stood when the study was split."""

    __tablename__ = "study"
    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"), index=True)
    """None: every building of the programme, wherever it stands."""
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    options: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The choices of a proposal, without a level; the time limit is that of one area."""
    status: Mapped[RunStatus] = mapped_column(default=RunStatus.QUEUED)
    message: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[list[str]] = mapped_column(JSONB, default=list)
    """Sentences on what was estimated or left out."""
    assumptions: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    """Name and sentence of each figure and rule that every area was solved by."""
    agency_ids: Mapped[list[int]] = mapped_column(JSONB, default=list)
    """Whose buildings or teams it is about."""
    created_at: Mapped[CreatedAt]
    split_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the register was read, and the parts were made."""
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    programme: Mapped[Programme] = relationship(lazy="joined")
    area: Mapped[Area | None] = relationship(lazy="joined")
    actor: Mapped[User | None] = relationship(lazy="joined")
    levels: Mapped[list["StudyLevel"]] = relationship(order_by="StudyLevel.position", lazy="selectin")

    @property
    def is_at_work(self) -> bool:
        """Some of it is still to be done."""
        return self.status in (RunStatus.QUEUED, RunStatus.RUNNING)

    @property
    def place_name(self) -> str:
        """Where it looks, for a heading."""
        return self.area.name if self.area else "everywhere"


class StudyLevel(Base):
    """One way to draw the boundaries that no move may cross."""

    __tablename__ = "study_level"
    __table_args__ = (
        UniqueConstraint("study_id", "position"),
        CheckConstraint("position >= 0", name="position"),
    )
    id: Mapped[Id]
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"))
    position: Mapped[int]
    """From 0, the smallest areas first."""
    level_code: Mapped[str | None] = mapped_column(ForeignKey("boundary_level.code"))
    """None: without boundaries."""
    nests_in: Mapped[list[int]] = mapped_column(JSONB, default=list)
    """Positions of the larger levels in which it nests by building: no area of it reaches into two of theirs."""

    level: Mapped[BoundaryLevel | None] = relationship(lazy="joined")

    @property
    def name(self) -> str:
        """What it is called beside a figure."""
        return f"By {self.level.name.lower()}" if self.level else "Without boundaries"

    @property
    def boundary_name(self) -> str:
        """What holds the moves, as a noun."""
        return self.level.name.lower() if self.level else "no boundary"


class StudyPart(Base):
    """One area of one level: a problem of its own, a job of its own, and what was found."""

    __tablename__ = "study_part"
    __table_args__ = (
        CheckConstraint("gap >= 0", name="gap"),
        CheckConstraint("attempt >= 0", name="attempt"),
        Index("ix_study_part_study_id_status", "study_id", "status"),
    )
    id: Mapped[Id]
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"))
    level_id: Mapped[int] = mapped_column(ForeignKey("study_level.id"), index=True)
    inside_id: Mapped[int | None] = mapped_column(ForeignKey("study_part.id"), index=True)
    """The part of the next larger level that holds all its buildings, and waits for it; None where there is none."""
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    """None: all buildings together, or those in no area of the level."""
    name: Mapped[str] = mapped_column(Text)
    building_count: Mapped[int]
    team_count: Mapped[int]
    status: Mapped[PartStatus]
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    """The job in the queue that is to do it: any other that still names it is out of date."""
    attempt: Mapped[int] = mapped_column(default=0)
    """How often a worker took it. Only the newest attempt may store a result."""
    worker: Mapped[str | None] = mapped_column(Text)
    """Machine and process that took it last."""
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    message: Mapped[str | None] = mapped_column(Text)
    solver_status: Mapped[str | None] = mapped_column(Text)
    baseline: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    """Running cost a year of today's use."""
    objective: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    """Cost a year of the plan, moves included."""
    bound: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    """Proven: no plan inside this area costs less."""
    gap: Mapped[float | None]
    kept_count: Mapped[int | None]
    emptied_count: Mapped[int | None]
    move_count: Mapped[int | None]
    seconds: Mapped[float | None]
    problem: Mapped[dict[str, Any]] = deferred(mapped_column(JSONB, nullable=False))
    plan: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSONB))
    """`kept` and `host`, by ids: where the larger area starts from."""

    study: Mapped[Study] = relationship()
    level: Mapped[StudyLevel] = relationship(lazy="joined")

    @property
    def saving(self) -> Decimal | None:
        """What the plan saves a year, moves paid; None where there is no plan."""
        return None if self.baseline is None or self.objective is None else self.baseline - self.objective
