"""Who may see what: the levels of records, and the fields that have a level of their own."""

import enum
from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.people.models import User


class Sensitivity(enum.Enum):
    """Who may see a record or a field, from the widest to the narrowest."""

    OPEN = "open"
    PARTNER = "partner"
    OWNER = "owner"
    SECRET = "secret"  # noqa: S105  (a level)

    @property
    def is_restricted(self) -> bool:
        """True where other agencies of the partnership don't see it."""
        return self in (Sensitivity.OWNER, Sensitivity.SECRET)


class FieldSensitivity(Base):
    """From a day on, the level of a field. The newest row in force counts; where there is none, it is partner."""

    __tablename__ = "field_sensitivity"
    __table_args__ = (
        CheckConstraint("btrim(reason) <> ''", name="has_reason"),
        Index("ix_field_sensitivity_field_code_valid_from", "field_code", "valid_from"),
    )
    id: Mapped[Id]
    field_code: Mapped[str] = mapped_column(ForeignKey("sensitive_field.code"))
    level: Mapped[Sensitivity]
    valid_from: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[CreatedAt]

    actor: Mapped[User | None] = relationship(lazy="joined")
