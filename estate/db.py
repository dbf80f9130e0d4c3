"""SQLAlchemy base, naming convention, engines and sessions. Nothing here knows a table."""

import enum
import re
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    Engine,
    Enum,
    Identity,
    MetaData,
    Numeric,
    create_engine,
    func,
)
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker

from estate.settings import get_settings

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Money = Annotated[Decimal, mapped_column(Numeric(14, 2))]
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]


class Base(DeclarativeBase):
    """Base of every table of Estate."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar = {
        enum.Enum: Enum(
            enum.Enum,
            values_callable=lambda members: [member.value for member in members],
        )
    }


def database_url(url: str | None = None) -> str:
    """The SQLAlchemy URL of `url`, or of the configured database, with psycopg 3 as its driver."""
    plain = url or get_settings().resolved_database_url
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", plain)


def make_engine(url: str | None = None, **options: Any) -> Engine:
    """An engine for `url`, or for the configured database. Its errors don't repeat what a statement was given."""
    return create_engine(database_url(url), pool_pre_ping=True, hide_parameters=True, **options)


@cache
def get_engine() -> Engine:
    """The engine of this process."""
    return make_engine()


make_session: sessionmaker[Session] = sessionmaker(expire_on_commit=False)
"""Makes sessions; `bind_sessions` names the engine. Use `with make_session.begin() as session:` outside the web."""


def bind_sessions(engine: Engine | None = None) -> None:
    """Bind `make_session` to `engine`, or to the configured database."""
    make_session.configure(bind=engine or get_engine())
