"""Alembic's environment: the whole metadata, PostGIS's and the job queue's own tables left alone."""

from typing import Any

import alembic_postgresql_enum
from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, NullPool, text

import estate.audit
import estate.board.models
import estate.gis.access.models
import estate.gis.small_areas.models
import estate.people.models
import estate.proposals.study_models  # noqa: F401
from estate.db import Base, make_engine

QUEUE_PREFIX = "procrastinate_"

alembic_postgresql_enum.set_configuration(
    alembic_postgresql_enum.Config(include_name=lambda name: not name.startswith(QUEUE_PREFIX))
)


def include_name(name: str | None, kind: str, parents: dict[str, Any]) -> bool:
    """Leave the job queue's own tables alone."""
    table = name if kind == "table" else parents.get("table_name")
    return not (table or "").startswith(QUEUE_PREFIX)


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave PostGIS's tables alone, and `include_name`'s."""
    if kind == "table" and (name or "").startswith(QUEUE_PREFIX):
        return False
    return bool(alembic_helpers.include_object(thing, name, kind, reflected, compare_to))


def run(connection: Connection) -> None:
    """Run the migrations on `connection`, each in its own transaction, waiting at most 10 s for a lock."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        include_name=include_name,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        is_moving = _is_moving()
        if is_moving:
            _call(connection, "seen.release")
            _call(connection, "history.release")
        context.run_migrations()
        if is_moving:
            _call(connection, "history.refresh")
            _call(connection, "seen.refresh")


def _is_moving() -> bool:
    """True when this command changes the schema; commands that only look have no destination."""
    try:
        destination = context.get_revision_argument()
    except KeyError:
        return False
    return context.get_context().get_current_revision() != destination


def _call(connection: Connection, function: str) -> None:
    """Take views and policies away before tables change; bring them and the history tables up to date after."""
    if connection.scalar(text("SELECT to_regproc(:name)"), {"name": function}):
        connection.execute(text(f"SELECT {function}()"))


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(poolclass=NullPool).connect() as connection:
        run(connection)
        connection.commit()
