"""The yearly round in which each agency confirms its records."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.people.models import Agency, User
from estate.register.models.buildings import Building


class AttestationRound(Base):
    """One round: opened with a deadline, closed with its figures."""

    __tablename__ = "attestation_round"
    __table_args__ = (
        CheckConstraint("btrim(name) <> ''", name="has_name"),
        CheckConstraint("(closed_at IS NULL) = (figures IS NULL)", name="closed_has_figures"),
        # One round at a time: only one row has no date of closing.
        UniqueConstraint("closed_at", postgresql_nulls_not_distinct=True),
    )
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text)
    deadline_on: Mapped[date] = mapped_column(Date)
    opened_at: Mapped[CreatedAt]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    opened_event_id: Mapped[int] = mapped_column(BigInteger)
    """The newest event of the register then: what came later was done in the round."""
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    figures: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """Once closed: the progress of each agency on that day. Never changed."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    opened_by: Mapped[User | None] = relationship(foreign_keys=[opened_by_id])
    closed_by: Mapped[User | None] = relationship(foreign_keys=[closed_by_id])


class AttestationVerdict(enum.Enum):
    """What an agency says of one of its records."""

    CONFIRMED = "confirmed"
    """Right as it stood."""
    CORRECTED = "corrected"
    """Right, after it was changed in the round."""
    WRONG = "wrong"
    """Wrong, with what is wrong; somebody has to find out and correct it."""


class Attestation(Base):
    """One answer on one record. A newer answer, or taking it back, supersedes it; nothing is deleted."""

    __tablename__ = "attestation"
    __table_args__ = (
        CheckConstraint("verdict <> 'wrong' OR btrim(note) <> ''", name="wrong_says_what"),
        Index(
            "uq_attestation_live",
            "round_id",
            "building_id",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_attestation_building_id", "building_id"),
    )
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("attestation_round.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    """The record."""
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    """Whose record it was then."""
    verdict: Mapped[AttestationVerdict]
    note: Mapped[str] = mapped_column(Text, server_default="")
    record_version: Mapped[int]
    """Version of the record that was confirmed."""
    event_id: Mapped[int] = mapped_column(BigInteger)
    """The newest event of the register that the person could have seen: a later one of this record makes it stale."""
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[CreatedAt]
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    round: Mapped[AttestationRound] = relationship()
    building: Mapped[Building] = relationship()
    agency: Mapped[Agency] = relationship()
    actor: Mapped[User] = relationship(foreign_keys=[actor_id])


class AttestationReminder(Base):
    """One reminder that was sent by mail: one a person, agency and step of the calendar."""

    __tablename__ = "attestation_reminder"
    __table_args__ = (UniqueConstraint("round_id", "agency_id", "user_id", "step_on"),)
    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("attestation_round.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    step_on: Mapped[date] = mapped_column(Date)
    sent_at: Mapped[CreatedAt]
    sent_to: Mapped[str] = mapped_column(Text)
    open_count: Mapped[int]
