"""How people look at the list of buildings: views that they keep, and the columns that they chose."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.people.models import Agency, User


class SavedView(Base):
    """Filters, sort and columns of the list under a name: its owner's, or shared with an agency."""

    __tablename__ = "saved_view"
    __table_args__ = (CheckConstraint("btrim(name) <> ''", name="has_name"),)
    id: Mapped[Id]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    """Whose people see it besides its owner; None: nobody."""
    name: Mapped[str] = mapped_column(Text)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The arguments of the list's address: filters, `sort` and `columns`."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Since when nobody is shown it; its owner can have it back."""

    __mapper_args__ = {"version_id_col": version}

    owner: Mapped[User] = relationship()
    agency: Mapped[Agency | None] = relationship()


class ListPreference(Base):
    """How one person sees the list where its address does not say."""

    __tablename__ = "list_preference"
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    columns: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """In their order; None: the usual ones."""
    default_view_id: Mapped[int | None] = mapped_column(ForeignKey("saved_view.id"))

    default_view: Mapped[SavedView | None] = relationship()
