"""The register's content as rows, read without the code under test, for comparing it before and after."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

TABLES = (
    "building", "building_area", "interest", "occupation", "running_cost", "occupancy_observation", "condition_survey",
    "energy_rating", "valuation",
)  # fmt: skip
MOVING = "{version,recorded_at,change_set,changed_at}"


def content_of_register(session: Session) -> dict[str, list[Any]]:
    """Every row of every table, without versions and times; retired buildings and what belongs to them left out."""
    found: dict[str, list[Any]] = {}
    for table in TABLES:
        owner = "id" if table == "building" else "building_id"
        query = f"""
            SELECT (to_jsonb(t) - '{MOVING}'::text[])::text FROM {table} t
            WHERE {owner} IN (SELECT id FROM building WHERE status <> 'retired') ORDER BY 1
        """
        found[table] = list(session.scalars(text(query)))
    return found
