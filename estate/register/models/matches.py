"""Which records speak of one building: what was decided, and which pairs wait to be looked at."""

import enum
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Numeric, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.people.models import Agency, User
from estate.register.models.buildings import Building


class MatchVerdict(enum.Enum):
    """What somebody, or the auto band, says of two records."""

    SAME = "same"
    DIFFERENT = "different"
    SAME_SITE = "same_site"
    PART_OF = "part_of"
    UNSURE = "unsure"


class MatchBasis(enum.Enum):
    """On what a decision rests."""

    AUTO = "auto"
    FAST_LANE = "fast_lane"
    PERSON = "person"


class MatchDecision(Base):
    """One verdict on two records. It is live until it is retracted; it is never changed nor deleted."""

    __tablename__ = "match_decision"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="low_before_high"),
        CheckConstraint("(verdict = 'part_of') = (part_id IS NOT NULL)", name="part_is_named"),
        CheckConstraint("part_id IN (low_id, high_id)", name="part_is_of_the_pair"),
        CheckConstraint("(retracted_at IS NULL) = (retracted_reason IS NULL)", name="retraction_has_reason"),
        CheckConstraint("btrim(reason) <> ''", name="has_reason"),
        Index(
            "uq_match_decision_live_pair",
            "low_id",
            "high_id",
            unique=True,
            postgresql_where=text("retracted_at IS NULL"),
        ),
        Index("ix_match_decision_high_id", "high_id"),
        Index("ix_match_decision_low_id_high_id", "low_id", "high_id"),
    )
    id: Mapped[Id]
    low_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    """A record is the building that it made when it first came: its home building."""
    high_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    verdict: Mapped[MatchVerdict]
    part_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    """For "part of": which of the two is the part."""
    basis: Mapped[MatchBasis]
    probability: Mapped[float | None]
    """What the model said at that time; None where the pair was not a candidate."""
    model_version: Mapped[str | None] = mapped_column(Text)
    features: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    retracted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    retracted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retracted_reason: Mapped[str | None] = mapped_column(Text)

    low: Mapped[Building] = relationship(foreign_keys=[low_id])
    high: Mapped[Building] = relationship(foreign_keys=[high_id])
    actor: Mapped[User | None] = relationship(foreign_keys=[actor_id])


class MatchCandidate(Base):
    """A pair that a match found and nothing settles yet: work for a person. Derived; each match writes it anew."""

    __tablename__ = "match_candidate"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="low_before_high"),
        Index("ix_match_candidate_money_at_stake", text("money_at_stake DESC"), text("probability DESC")),
    )
    low_id: Mapped[int] = mapped_column(ForeignKey("building.id"), primary_key=True)
    high_id: Mapped[int] = mapped_column(ForeignKey("building.id"), primary_key=True, index=True)
    probability: Mapped[float]
    band: Mapped[int] = mapped_column(SmallInteger)
    """A `Band` of estate.matching."""
    same_uprn: Mapped[bool]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The strongest reasons first: sentence and weight; a negative weight speaks against."""
    runner_up: Mapped[float]
    """The best probability of any other pair of either record; 0 where there is none."""
    features: Mapped[dict[str, Any]] = mapped_column(JSONB)
    model_version: Mapped[str] = mapped_column(Text)
    money_at_stake: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    """Running cost of both records in the newest year: what is counted of one building or of two."""
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    """Who is asked to look first: the agency of the record that came last."""
    created_at: Mapped[CreatedAt]

    low: Mapped[Building] = relationship(foreign_keys=[low_id])
    high: Mapped[Building] = relationship(foreign_keys=[high_id])
    agency: Mapped[Agency] = relationship(lazy="joined")
