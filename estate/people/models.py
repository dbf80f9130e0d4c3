"""Agencies (a tree), users, memberships, and the sessions by which users are signed in."""

import enum
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
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


class LoginMethod(enum.Enum):
    """How somebody showed who they are."""

    PASSWORD = "password"  # noqa: S105  (a name)
    PROVIDER = "provider"


class AttemptKind(enum.Enum):
    """What somebody tried to get right. Each kind is counted by itself, so that one can't forgive the other."""

    PASSWORD = "password"  # noqa: S105  (a name)
    SECOND_FACTOR = "second_factor"
    TOKEN = "token"  # noqa: S105  (a name)


class AgencyKind(Base):
    """A kind of public body, such as a council or a police force. Users extend the list."""

    __tablename__ = "agency_kind"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class Agency(Base):
    """A public body that holds or uses buildings. A trust may stand below a board: agencies are a tree.

    From when to when it takes part in a partnership is a `ProgrammeMember`.
    """

    __tablename__ = "agency"
    __table_args__ = (
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="parent_is_another"),
        CheckConstraint("financial_year_start_month BETWEEN 1 AND 12", name="financial_year_start_month"),
    )
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    kind_code: Mapped[str] = mapped_column(ForeignKey("agency_kind.code"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    financial_year_start_month: Mapped[int | None] = mapped_column(SmallInteger)
    """1 to 12; None: the month of the setting `financial_year_start_month`."""
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(server_default="1")

    kind: Mapped[AgencyKind] = relationship()
    parent: Mapped["Agency | None"] = relationship(remote_side="Agency.id")

    __mapper_args__ = {"version_id_col": version}


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

    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="user",
        lazy="selectin",
        primaryjoin="and_(User.id == Membership.user_id, Membership.ended_at.is_(None))",
    )
    """The roles held today."""


class Membership(Base):
    """One role of one user for one agency. A role ends, it is not deleted; given again, it is a new row."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_held",
            "user_id",
            "agency_id",
            "role",
            unique=True,
            postgresql_where=column("ended_at").is_(None),
        ),
    )
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    role: Mapped[Role]
    granted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), server_default=func.now())
    """None: before Estate kept this date."""
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

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
    method: Mapped[LoginMethod] = mapped_column(server_default=LoginMethod.PASSWORD.value)
    is_waiting: Mapped[bool] = mapped_column(server_default="false")
    """True between the first step and the second factor: such a row opens nothing but the second factor's page."""

    user: Mapped[User] = relationship(lazy="joined")


class SecondFactor(Base):
    """An authenticator app of one user: a secret shared with a phone, from which both compute a code every 30 s."""

    __tablename__ = "second_factor"
    __table_args__ = (
        Index(
            "uq_second_factor_confirmed",
            "user_id",
            unique=True,
            postgresql_where=column("confirmed_at").is_not(None) & column("ended_at").is_(None),
        ),
        Index(
            "uq_second_factor_unconfirmed",
            "user_id",
            unique=True,
            postgresql_where=column("confirmed_at").is_(None) & column("ended_at").is_(None),
        ),
    )
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted with a key made from the setting `secret_key`, so that a copy of the database gives no codes."""
    created_at: Mapped[CreatedAt]
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the user first entered a right code; before that nothing is asked for."""
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_step: Mapped[int | None]
    """The 30 seconds, counted from 1970, of the last code used: it and earlier ones are refused."""


class RecoveryCode(Base):
    """One code to use instead of the phone, once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("second_factor_id", "code_hash"),)
    id: Mapped[Id]
    second_factor_id: Mapped[int] = mapped_column(ForeignKey("second_factor.id"))
    code_hash: Mapped[str] = mapped_column(Text)
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PasswordLink(Base):
    """A link by which a user sets a password, once. The link holds a random token, this row its SHA-256."""

    __tablename__ = "password_link"
    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it was used, or when a newer link took its place."""

    user: Mapped[User] = relationship(lazy="joined")


class CalendarFeed(Base):
    """A secret address at which one user's calendar reads lease dates. It holds a random token, this row its SHA-256.

    A feed that was renewed or revoked has an end; a user has at most one living feed.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        Index("uq_calendar_feed_living", "user_id", unique=True, postgresql_where=column("ended_at").is_(None)),
    )
    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    user: Mapped[User] = relationship(lazy="joined")


class AccessToken(Base):
    """What a program shows to read the register as its user: a random token, of which this row keeps the SHA-256."""

    __tablename__ = "access_token"
    __table_args__ = (
        CheckConstraint("btrim(name) <> ''", name="has_name"),
        Index("ix_access_token_living", "user_id", postgresql_where=column("ended_at").is_(None)),
    )
    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str] = mapped_column(Text)
    """As its user calls it, such as the program that holds it."""
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it was revoked, by its user or because their account or last role ended."""
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """To the hour: a program may use it a hundred times a second."""

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
    kind: Mapped[AttemptKind] = mapped_column(server_default=AttemptKind.PASSWORD.value)
