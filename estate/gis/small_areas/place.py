"""Finds the areas that small areas lie in: all that is asked for when boundaries change."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# Of two areas of one level that share a border, a point on it belongs to the one with the lower id, as buildings do.
PLACE = text("""
    INSERT INTO small_area_place (small_area_id, area_id)
    SELECT DISTINCT ON (small_area.id, area.level_code) small_area.id, area.id
    FROM small_area JOIN area ON ST_Covers(area.geometry, small_area.location)
    WHERE area.valid_until IS NULL AND small_area.set_id IN (SELECT id FROM small_area_set WHERE retired_at IS NULL)
    ORDER BY small_area.id, area.level_code, area.id
""")


def place_small_areas(session: Session) -> None:
    """Find anew in which areas in force the small areas lie: after they, or boundaries, were loaded."""
    session.flush()
    session.execute(text("DELETE FROM small_area_place"))
    session.execute(PLACE)
