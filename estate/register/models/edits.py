"""Changes of many buildings at once: what was asked for, what each row would do, and what became of it."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.people.models import User
from estate.register.models.buildings import Building


class EditKind(enum.Enum):
    """Where the values come from."""

    SAME_VALUES = "same_values"
    """The same values for every building of a list."""
    PASTED = "pasted"
    """A line of a pasted table for each building."""


class EditStatus(enum.Enum):
    """Prepared, looked at, then confirmed or discarded; what was applied can be undone as a whole."""

    MAPPING = "mapping"
    """A pasted table of which somebody has to say what its columns mean."""
    PREPARING = "preparing"
    READY = "ready"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"
    FAILED = "failed"


class Verdict(enum.Enum):
    """What an edit does with one row."""

    CHANGE = "change"
    SAME = "same"
    """The building is like that already."""
    REFUSED = "refused"
    ELSEWHERE = "elsewhere"
    """Another agency answers for the record: it stays."""
    OVERTAKEN = "overtaken"
    """Somebody changed the building after the preview: it stays as they left it."""


class BulkEdit(Base):
    """One change of many buildings, by one person, for one reason."""

    __tablename__ = "bulk_edit"
    __table_args__ = (CheckConstraint("btrim(reason) <> ''", name="has_reason"),)
    id: Mapped[Id]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[EditKind]
    status: Mapped[EditStatus]
    reason: Mapped[str] = mapped_column(Text)
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What was asked for: the buildings and their values, or the pasted table and what its columns mean."""
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str | None] = mapped_column(Text)
    """Why it failed, as a sentence."""
    created_at: Mapped[CreatedAt]
    applied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    undo_reason: Mapped[str | None] = mapped_column(Text)

    actor: Mapped[User] = relationship(foreign_keys=[actor_id])
    undone_by: Mapped[User | None] = relationship(foreign_keys=[undone_by_id])

    @property
    def change_set(self) -> str:
        """What binds its events and its versions of rows together."""
        return f"bulk:{self.id}"

    @property
    def undo_change_set(self) -> str:
        """The same, of its undoing."""
        return f"undo:bulk:{self.id}"


class BulkEditRow(Base):
    """One building of an edit, or one pasted line, and what becomes of it."""

    __tablename__ = "bulk_edit_row"
    __table_args__ = (
        Index("ix_bulk_edit_row_bulk_edit_id_verdict_place", "bulk_edit_id", "verdict", "place"),
        Index("ix_bulk_edit_row_building_id", "building_id"),
    )
    bulk_edit_id: Mapped[int] = mapped_column(ForeignKey("bulk_edit.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int | None]
    """Of the pasted table; None where nothing was pasted."""
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    """The record; None where the line names none."""
    name: Mapped[str] = mapped_column(Text)
    """Of the building, or what the line calls it."""
    read_version: Mapped[int | None]
    """The version that the preview looked at."""
    verdict: Mapped[Verdict]
    message: Mapped[str] = mapped_column(Text)
    """Why it is refused or stays; what to know of a change. Empty where nothing is to be said."""
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSONB)
    """`[before, after]` by field, as events keep them."""
    position: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Longitude, latitude, source and accuracy in metres where the building moves, else None."""

    building: Mapped[Building | None] = relationship()
