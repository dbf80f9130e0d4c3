"""Agencies (a tree), users, memberships, and the sessions by which users are signed in."""

import enum
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    column,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base, CreatedAt, Id


class Role(enum.Enum):
    """What a user may do for one agency."""

    ADMINISTRATOR = "administrator"
    ASSET_MANAGER = "asset_manager"
    BOARD_MEMBER = "board_member"
    VIEWER = "viewer"


class AgencyKind(Base):
    """A kind of public body, such as a council or a police force. Users extend the list."""

    __tablename__ = "agency_kind"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class Agency(Base):
    """A public body that holds or uses buildings. A trust may stand below a board: agencies are a tree."""

    __tablename__ = "agency"
    __table_args__ = (
        CheckConstraint("member_until IS NULL OR member_until > member_from", name="member_dates"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="parent_is_another"),
    )
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    kind_code: Mapped[str] = mapped_column(ForeignKey("agency_kind.code"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    member_from: Mapped[date | None] = mapped_column(Date)
    member_until: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[CreatedAt]

    kind: Mapped[AgencyKind] = relationship()
    parent: Mapped["Agency | None"] = relationship(remote_side="Agency.id")


class User(Base):
    """A person who signs in. Users are never deleted: they are deactivated."""

    __tablename__ = "user_account"
    __table_args__ = (Index("uq_user_account_email_lower", func.lower(column("email")), unique=True),)
    id: Mapped[Id]
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[CreatedAt]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", lazy="selectin")


class Membership(Base):
    """One role of one user for one agency."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "agency_id", "role"),)
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    role: Mapped[Role]

    user: Mapped[User] = relationship(back_populates="memberships")
    agency: Mapped[Agency] = relationship(lazy="joined")


class LoginSession(Base):
    """A signed-in browser. The browser holds a random token, this row its SHA-256: logging out ends every copy."""

    __tablename__ = "login_session"
    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    user: Mapped[User] = relationship(lazy="joined")


class LoginAttempt(Base):
    """One try to sign in. Limits are counted here, so that they hold across processes and restarts."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_email_at", "email", "at"),
        Index("ix_login_attempt_address_at", "address", "at"),
    )
    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    email: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    was_successful: Mapped[bool]
