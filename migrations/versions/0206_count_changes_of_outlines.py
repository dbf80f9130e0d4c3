"""Count a change of a building's outline as a change of the map's tiles, which show it."""

from alembic import op

revision = "0206"
down_revision = "0205"
branch_labels = None
depends_on = None

FOLLOW = """
CREATE FUNCTION map_follow_outline() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO map_change (block, change_count)
    SELECT map_code(location) >> 12, 1 FROM building_listed
    WHERE id = coalesce(NEW.canonical_id, NEW.id) AND location IS NOT NULL;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER map_outline_changed AFTER UPDATE OF footprint ON building
FOR EACH ROW WHEN (OLD.footprint IS DISTINCT FROM NEW.footprint) EXECUTE FUNCTION map_follow_outline()
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute(FOLLOW)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("DROP TRIGGER map_outline_changed ON building")
    op.execute("DROP FUNCTION map_follow_outline()")
