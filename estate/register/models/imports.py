"""Imports: the file as it came, what was found wrong with it, and the record it left for each row."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.people.models import Agency, User
from estate.register.models.buildings import Building


class ImportStatus(enum.Enum):
    """A file is checked, then confirmed and applied, or discarded; either step may fail with a sentence.

    One of no known layout waits in between until somebody says what its columns are.

    What was applied can be undone as a whole.
    """

    WAITING = "waiting"
    CHECKING = "checking"
    MAPPING = "mapping"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
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
    """Why it failed, or was cancelled, as a sentence; of a file that waits to be mapped, why it does."""
    progress: Mapped[float] = mapped_column(default=0.0)
    doing: Mapped[str | None] = mapped_column(Text)
    """What the job does just now, as a sentence for people."""
    cancel_asked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """The job looks at it on its way, last of all before it commits."""
    mapping_id: Mapped[int | None] = mapped_column(ForeignKey("import_mapping.id"))
    """The remembered mapping by which the file was read; a copy of what it said then is in `options`."""
    profile: Mapped[dict[str, Any] | None] = deferred(mapped_column(JSONB))
    """What the mapping screen shows of a file of no known layout: its head, samples and guesses."""
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
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    undo_reason: Mapped[str | None] = mapped_column(Text)
    """Asked for with it; None where it was never to be undone, or could not be."""

    agency: Mapped[Agency] = relationship(lazy="joined")
    actor: Mapped[User | None] = relationship(lazy="joined", foreign_keys=[actor_id])
    undone_by: Mapped[User | None] = relationship(foreign_keys=[undone_by_id])
    mapping: Mapped["ImportMapping | None"] = relationship()

    @property
    def change_set(self) -> str:
        """What binds its events and its versions of rows together."""
        return f"import:{self.id}"

    @property
    def undo_change_set(self) -> str:
        """The same, of its undoing."""
        return f"undo:{self.id}"


class ImportMapping(Base):
    """What the columns of one agency's files of one header mean. One of each header is in force; none is deleted."""

    __tablename__ = "import_mapping"
    __table_args__ = (
        Index(
            "uq_import_mapping_live_header",
            "agency_id",
            "fingerprint",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
        CheckConstraint("btrim(name) <> ''", name="has_name"),
        CheckConstraint("(retired_at IS NULL) = (retired_reason IS NULL)", name="retirement_has_reason"),
    )
    id: Mapped[Id]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    name: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Text)
    """Of the header's names, see `mapping.header.fingerprint`."""
    spec: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What `mapping.spec.Mapping.as_json` gives."""
    version: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[CreatedAt]
    changed_at: Mapped[CreatedAt]
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    retired_reason: Mapped[str | None] = mapped_column(Text)

    agency: Mapped[Agency] = relationship(lazy="joined")
    created_by: Mapped[User | None] = relationship(lazy="joined")
    __mapper_args__ = {"version_id_col": version}


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


COUNT_LAYOUT = "occupancy_counts"
"""The layout whose rows tell of counts in a building that is there already, and nothing of the building itself."""
NAMING = f"^({COUNT_LAYOUT}$|own (counts|costs): )"
"""Pattern of all layouts of this kind: an agency's own files of counts and of costs besides."""


def describes_building(layout: Any) -> ColumnElement[bool]:
    """True for layouts whose rows are buildings, and do not only name one."""
    found: ColumnElement[bool] = ~layout.regexp_match(NAMING)
    return found


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
