"""What a row said at one of its versions, read from its history: what somebody saw who changes it later."""

from typing import Any

from sqlalchemy import column, select, table
from sqlalchemy.orm import Session


def values_at(session: Session, row: Any, version: int) -> dict[str, Any] | None:
    """The columns of `row`, a versioned one, as they were at `version`; None where there never was such a version."""
    columns = row.__table__.columns
    if version == row.version:
        return {name: getattr(row, name) for name in columns.keys()}  # noqa: SIM118 - a collection of columns
    if not 0 < version < row.version:
        return None
    kept = table(row.__tablename__, *(column(one.name, one.type) for one in columns), schema="history")
    query = select(kept).where(kept.c.id == row.id, kept.c.version == version).order_by(kept.c.recorded_at.desc())
    found = session.execute(query.limit(1)).mappings().one_or_none()
    return dict(found) if found is not None else None
