"""Programmes: partnerships on one register, each with the agencies that take part in it and from when to when."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, Text, column, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id
from estate.people.models import Agency


class Programme(Base):
    """A partnership: a county, a city region, a health system. Its boards and proposals are its own."""

    __tablename__ = "programme"
    __table_args__ = (
        Index("uq_programme_name_lower", func.lower(column("name")), unique=True),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug"),
        CheckConstraint("horizon_years BETWEEN 1 AND 60", name="horizon_years"),
    )
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    """Stands for it in addresses; it never changes, so that links live."""
    description: Mapped[str] = mapped_column(Text, server_default="")
    place_name: Mapped[str | None] = mapped_column(Text)
    """What the place is called on its pages and maps. None: as the installation's own."""
    default_level_code: Mapped[str | None] = mapped_column(Text)
    """Code of the boundary level at which its maps open. None: the largest with more than one area."""
    horizon_years: Mapped[int | None] = mapped_column(SmallInteger)
    """Years over which its proposals spread the cost of moving. None: the dated assumption."""
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy reads it from the class)


class ProgrammeMember(Base):
    """One stay of an agency in a programme. It may leave and come back: each stay is a row, and none overlap."""

    __tablename__ = "programme_member"
    __table_args__ = (
        CheckConstraint("left_on > joined_on", name="dates"),
        CheckConstraint("left_on IS NULL OR btrim(reason) <> ''", name="end_has_reason"),
        ExcludeConstraint(
            (text("int8range(programme_id, programme_id, '[]')"), "="),
            (text("int8range(agency_id, agency_id, '[]')"), "="),
            (text("daterange(joined_on, left_on)"), "&&"),
            name="ex_programme_member_stays",
            using="gist",
        ),
    )
    id: Mapped[Id]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    joined_on: Mapped[date | None] = mapped_column(Date)
    """None: from the beginning."""
    left_on: Mapped[date | None] = mapped_column(Date)
    """The first day on which it no longer takes part, in the past or to come. None: no end known."""
    reason: Mapped[str] = mapped_column(Text, server_default="")
    """Why it stepped back."""
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(server_default="1")

    programme: Mapped[Programme] = relationship(lazy="joined")
    agency: Mapped[Agency] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy reads it from the class)
