"""Boards, their members, the proposals put to them, votes and decisions."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.gis.models import Area
from estate.people.models import User
from estate.people.programme_models import Programme
from estate.proposals.models import Proposal


class Board(Base):
    """A board of one programme, which decides for one area."""

    __tablename__ = "board"
    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    created_at: Mapped[CreatedAt]

    programme: Mapped[Programme] = relationship(lazy="joined")
    area: Mapped[Area | None] = relationship(lazy="joined")
    members: Mapped[list["BoardMember"]] = relationship(back_populates="board")


class BoardMember(Base):
    """A user's seat on a board."""

    __tablename__ = "board_member"
    __table_args__ = (UniqueConstraint("board_id", "user_id"),)
    id: Mapped[Id]
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    is_chair: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the seat ends; it may be to come."""
    left_reason: Mapped[str] = mapped_column(Text, server_default="")
    left_with_id: Mapped[int | None] = mapped_column(ForeignKey("programme_member.id"), index=True)
    """The stay in the programme with which it ends, where its agency steps back."""

    board: Mapped[Board] = relationship(back_populates="members")
    user: Mapped[User] = relationship(lazy="joined")


class DecisionStatus(enum.Enum):
    """Open for votes, or decided."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Decision(Base):
    """A proposal before a board, with the evidence as it was when it was put there."""

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided_has_date"),
        CheckConstraint("status = 'open' OR reason IS NOT NULL", name="decided_has_reason"),
        Index(
            "uq_decision_proposal_id_open",
            "proposal_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
    )
    id: Mapped[Id]
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    status: Mapped[DecisionStatus] = mapped_column(default=DecisionStatus.OPEN)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    submitted_at: Mapped[CreatedAt]
    note: Mapped[str] = mapped_column(Text, server_default="")
    snapshot: Mapped[dict[str, Any]] = deferred(mapped_column(JSONB))
    """The proposal, its buildings, moves and positions as they stood when submitted."""
    snapshot_sha256: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)

    board: Mapped[Board] = relationship(lazy="joined")
    proposal: Mapped[Proposal] = relationship(lazy="joined")
    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    votes: Mapped[list["Vote"]] = relationship(back_populates="decision", order_by="Vote.id")

    @property
    def programme_id(self) -> int:
        """The programme of its board, and of its proposal."""
        return self.board.programme_id


class VoteChoice(enum.Enum):
    """How a member voted."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class Vote(Base):
    """One member's vote on one decision: one each, by a unique constraint."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("decision_id", "user_id"),)
    id: Mapped[Id]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    choice: Mapped[VoteChoice]
    reason: Mapped[str] = mapped_column(Text, server_default="")
    cast_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    decision: Mapped[Decision] = relationship(back_populates="votes")
    user: Mapped[User] = relationship(lazy="joined")
