"""Imports: the file as it came, what was found wrong with it, and the record it left for each row."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.people.models import Agency, User
from estate.register.models.buildings import Building


class ImportStatus(enum.Enum):
    """A file is checked, then confirmed and applied, or discarded; either step may fail with a sentence."""

    WAITING = "waiting"
    CHECKING = "checking"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    DISCARDED = "discarded"
    FAILED = "failed"


class Import(Base):
    """One file brought to the register by one agency."""

    __tablename__ = "import"
    id: Mapped[Id]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    file_name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    layout: Mapped[str | None] = mapped_column(Text)
    options: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """What the user chose: layout, year, coordinate system, agencies to create."""
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.WAITING)
    message: Mapped[str | None] = mapped_column(Text)
    """Why it failed, as a sentence."""
    progress: Mapped[float] = mapped_column(default=0.0)
    encoding: Mapped[str | None] = mapped_column(Text)
    rejected_rows: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    """The rejected rows as CSV with a column of reasons: mended, they can be imported again."""
    row_count: Mapped[int | None]
    inserted_count: Mapped[int | None]
    """Once applied. While the file is only checked, this count and the next two are what it would do."""
    updated_count: Mapped[int | None]
    unchanged_count: Mapped[int | None]
    rejected_count: Mapped[int | None]
    created_at: Mapped[CreatedAt]
    applied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    agency: Mapped[Agency] = relationship(lazy="joined")
    actor: Mapped[User | None] = relationship(lazy="joined")


class ImportProblem(Base):
    """One problem of one field of one row. `is_rejecting` problems keep their row out; others are warnings."""

    __tablename__ = "import_problem"
    __table_args__ = (Index("ix_import_problem_import_id_line", "import_id", "line"),)
    id: Mapped[Id]
    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"))
    line: Mapped[int]
    field: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    is_rejecting: Mapped[bool]


class SourceRecord(Base):
    """One row as an agency sent it, immutable, and the building it speaks of. The newest of a key is in force."""

    __tablename__ = "source_record"
    __table_args__ = (
        UniqueConstraint("import_id", "line"),
        Index("ix_source_record_agency_id_layout_key", "agency_id", "layout", "key", "id"),
    )
    id: Mapped[Id]
    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    layout: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    line: Mapped[int]
    content_hash: Mapped[str] = mapped_column(Text)
    raw: Mapped[dict[str, Any]] = mapped_column(JSONB)
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    created_at: Mapped[CreatedAt]

    building: Mapped[Building] = relationship()
