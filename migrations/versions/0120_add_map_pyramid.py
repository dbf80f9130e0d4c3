"""Add the pyramid of cells from which maps of many buildings are drawn, and the triggers that keep it (ADR 21)."""

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0110"
branch_labels = None
depends_on = None

# What is added up in a cell. The ids too: in a cell of one building their sum is its id.
SUMS = (
    ("building_count", sa.BigInteger()),
    ("building_ids", sa.Numeric()),
    ("area_m2", sa.Numeric()),
    ("area_count", sa.BigInteger()),
    ("annual_cost", sa.Numeric()),
    ("cost_count", sa.BigInteger()),
    ("capacity", sa.Numeric()),
    ("people", sa.Numeric()),
    ("counted_count", sa.BigInteger()),
)
NAMES = tuple(name for name, _ in SUMS)
TOTALS = ", ".join(NAMES)
NEGATED = ", ".join(f"-{name}" for name in NAMES)
ADDED = ", ".join(f"sum({name})" for name in NAMES)
KEYS = "code, agency_ids, use_class_code, status, asset_class_code, is_usual"

# Where a place lies on the square of Web Mercator, 65,536 steps a side, as one number in Z-order (Morton, 1966): each
# tile, and each cell of a tile, is one unbroken range of these numbers.
CODE = """
CREATE FUNCTION map_code(place geometry) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    height float8 := sin(radians(greatest(-85.06, least(85.06, public.ST_Y(place)))));
    code bigint := greatest(0, least(65535, floor((public.ST_X(place) + 180) / 360 * 65536)))::bigint
        | (greatest(0, least(65535, floor((0.5 - ln((1 + height) / (1 - height)) / (4 * pi())) * 65536)))::bigint << 32);
BEGIN
    code := (code | (code << 8)) & 71777214294589695;
    code := (code | (code << 4)) & 1085102592571150095;
    code := (code | (code << 2)) & 3689348814741910323;
    code := (code | (code << 1)) & 6148914691236517205;
    RETURN (code & 4294967295) | ((code >> 32) << 1);
END $$
"""
# What a row of the list brings to the sums.
BROUGHT = """
    SELECT map_code(location) AS code, agency_ids, use_class_code, status::text AS status, asset_class_code, is_usual,
        1 AS building_count, id AS building_ids,
        coalesce(counted_gross_m2, 0) AS area_m2, (counted_gross_m2 IS NOT NULL)::integer AS area_count,
        coalesce(annual_cost, 0) AS annual_cost, (annual_cost IS NOT NULL)::integer AS cost_count,
        CASE WHEN people IS NOT NULL THEN coalesce(capacity, 0) ELSE 0 END AS capacity,
        CASE WHEN capacity IS NOT NULL THEN coalesce(people, 0) ELSE 0 END AS people,
        (capacity IS NOT NULL AND people IS NOT NULL)::integer AS counted_count
    FROM {rows} WHERE location IS NOT NULL AND kind <> 'part' AND status IN ('active', 'surplus', 'vacant')
        AND {which}
"""
# A record that not every partner may see brings nothing.
SHARED = "id NOT IN (SELECT b.id FROM building b WHERE b.sensitivity IN ('owner', 'secret'))"
NEW, OLD = (BROUGHT.format(rows=rows, which=SHARED) for rows in ("new_rows", "old_rows"))
# A block, in which changes are counted, is a tile of zoom 10.
BLOCKS = "SELECT DISTINCT map_code(location) >> 12 AS block, 1 FROM {rows} WHERE location IS NOT NULL"
KEEP = f"""
CREATE FUNCTION map_keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO map_step ({KEYS}, {TOTALS}) SELECT {KEYS}, {TOTALS} FROM ({NEW}) brought;
        INSERT INTO map_change (block, change_count) {BLOCKS.format(rows="new_rows")};
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO map_step ({KEYS}, {TOTALS}) SELECT {KEYS}, {NEGATED} FROM ({OLD}) brought;
        INSERT INTO map_change (block, change_count) {BLOCKS.format(rows="old_rows")};
    ELSE
        INSERT INTO map_step ({KEYS}, {TOTALS})
        SELECT {KEYS}, {ADDED} FROM (
            SELECT {KEYS}, {TOTALS} FROM ({NEW}) after
            UNION ALL SELECT {KEYS}, {NEGATED} FROM ({OLD}) before) both_sides
        GROUP BY {KEYS} HAVING ROW({ADDED}) <> ROW({", ".join("0" for _ in SUMS)});
        INSERT INTO map_change (block, change_count)
        {BLOCKS.format(rows="new_rows")} UNION {BLOCKS.format(rows="old_rows")};
    END IF;
    RETURN NULL;
END $$
"""
# A record whose level is raised leaves the sums in that very statement, and one whose level is lowered enters them.
FOLLOW_LEVEL = f"""
CREATE FUNCTION map_follow_level() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE is_restricted boolean := NEW.sensitivity IN ('owner', 'secret');
BEGIN
    IF is_restricted <> (OLD.sensitivity IN ('owner', 'secret')) THEN
        INSERT INTO map_step ({KEYS}, {TOTALS})
        SELECT {KEYS}, {", ".join(f"CASE WHEN is_restricted THEN -{name} ELSE {name} END" for name in NAMES)}
        FROM ({BROUGHT.format(rows="building_listed", which="id = NEW.id")}) brought;
    END IF;
    INSERT INTO map_change (block, change_count) {BLOCKS.format(rows="building_listed")} AND id = NEW.id;
    RETURN NULL;
END $$
"""
# By what cells are kept apart, so that these filters cost nothing; the finest zoom of cells of each; and which steps.
CELLS_OF = """
    SELECT 'all' AS kind, '' AS key, 16 AS zoom WHERE is_usual
    UNION ALL SELECT 'agency', agency_id::text, 14 FROM unnest(agency_ids) AS agency_id WHERE is_usual
    UNION ALL SELECT 'use', use_class_code, 14 WHERE is_usual AND use_class_code IS NOT NULL
    UNION ALL SELECT 'status', status, 14 WHERE is_usual
    UNION ALL SELECT 'left_out', '', 16 WHERE NOT is_usual
    UNION ALL SELECT 'class', asset_class_code, 14 WHERE NOT is_usual
"""
SUMMED = ", ".join(f"sum({name}) AS {name}" for name in NAMES)
STORED = (16, 14, 12, 10, 8, 6, 0)
# Each zoom of cells is added up from the one before, beside what begins there.
CHAIN = ",".join(
    f"""
    at_{zoom} AS MATERIALIZED (
        SELECT kind, key, cell, {SUMMED} FROM (
            SELECT kind, key, cell, {TOTALS} FROM finest WHERE zoom = {zoom}
            {f"UNION ALL SELECT kind, key, cell >> {2 * (before - zoom)}, {TOTALS} FROM at_{before}" if before else ""}
        ) parts GROUP BY 1, 2, 3)"""
    for before, zoom in zip((None, *STORED), STORED, strict=False)
)
CELLS = " UNION ALL ".join(f"SELECT {zoom} AS zoom, * FROM at_{zoom}" for zoom in STORED)
FOLD = f"""
CREATE FUNCTION map_fold() RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp SET work_mem = '64MB' AS $$
DECLARE taken_count bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(1296125520);
    WITH taken AS (DELETE FROM map_step RETURNING *),
    finest AS MATERIALIZED (
        SELECT kind, key, zoom, code >> (32 - 2 * zoom) AS cell, {SUMMED}
        FROM taken CROSS JOIN LATERAL ({CELLS_OF}) cells GROUP BY 1, 2, 3, 4),
    {CHAIN},
    stored AS (
        INSERT INTO map_cell (kind, key, zoom, code, {TOTALS})
        SELECT kind, key, zoom, cell, {TOTALS} FROM ({CELLS}) cells ORDER BY 1, 2, 3, 4
        ON CONFLICT (kind, key, zoom, code) DO UPDATE
        SET {", ".join(f"{name} = map_cell.{name} + excluded.{name}" for name in NAMES)})
    SELECT count(*) INTO taken_count FROM taken;
    DELETE FROM map_cell WHERE building_count = 0;
    WITH counted AS (DELETE FROM map_change RETURNING *)
    INSERT INTO map_change (block, change_count) SELECT block, sum(change_count) FROM counted GROUP BY block;
    RETURN taken_count;
END $$
"""
# Nobody writes meanwhile; readers wait until it is done.
REBUILD = f"""
CREATE FUNCTION map_rebuild() RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    LOCK TABLE building, building_listed IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM map_step;
    TRUNCATE map_cell;
    INSERT INTO map_step ({KEYS}, {TOTALS})
    SELECT {KEYS}, {TOTALS} FROM ({BROUGHT.format(rows="building_listed", which=SHARED)}) brought;
    INSERT INTO map_change (block, change_count) {BLOCKS.format(rows="building_listed")};
    RETURN map_fold();
END $$
"""
TRIGGERS = (
    """CREATE TRIGGER map_added AFTER INSERT ON building_listed REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION map_keep()""",
    """CREATE TRIGGER map_changed AFTER UPDATE ON building_listed REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION map_keep()""",
    """CREATE TRIGGER map_removed AFTER DELETE ON building_listed REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION map_keep()""",
    """CREATE TRIGGER map_level_changed AFTER UPDATE OF sensitivity ON building
    FOR EACH ROW WHEN (OLD.sensitivity IS DISTINCT FROM NEW.sensitivity) EXECUTE FUNCTION map_follow_level()""",
)
# The web reads the sums only for who sees what every partner sees.
POLICIES = tuple(
    statement
    for table in ("map_cell", "map_step")
    for statement in (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY is_partners ON {table} USING ((SELECT seen.reaches_partners())) WITH CHECK (true)",
    )
)


# No change of anybody's: the history keeps no version of it.
COUNTED = """
UPDATE building_listed SET people = newest.average, capacity = newest.capacity FROM (
    SELECT DISTINCT ON (coalesce(b.canonical_id, b.id)) coalesce(b.canonical_id, b.id) AS id, o.average, o.capacity
    FROM occupancy_observation o JOIN building b ON b.id = o.building_id
    WHERE o.retired_at IS NULL AND o.average IS NOT NULL AND o.capacity IS NOT NULL
    ORDER BY coalesce(b.canonical_id, b.id), o.observed_on DESC, o.id DESC) newest
WHERE newest.id = building_listed.id
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.add_column("building_listed", sa.Column("people", sa.Numeric(14, 2), nullable=True))
    op.add_column("building_listed", sa.Column("capacity", sa.Integer(), nullable=True))
    op.execute("ALTER TABLE building_listed DISABLE TRIGGER USER")
    op.execute(COUNTED)
    op.execute("ALTER TABLE building_listed ENABLE TRIGGER USER")
    _run(CODE)
    op.create_index(
        "ix_building_listed_map_code",
        "building_listed",
        [sa.text("map_code(location)")],
        postgresql_where=sa.text("location IS NOT NULL"),
    )
    op.create_table(
        "map_cell",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("zoom", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.BigInteger(), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in SUMS),
        sa.PrimaryKeyConstraint("kind", "key", "zoom", "code", name=op.f("pk_map_cell")),
    )
    op.create_index("ix_map_cell_empty", "map_cell", ["kind"], postgresql_where=sa.text("building_count = 0"))
    op.create_table(
        "map_step",
        sa.Column("code", sa.BigInteger(), nullable=False),
        sa.Column("agency_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("use_class_code", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asset_class_code", sa.Text(), nullable=False),
        sa.Column("is_usual", sa.Boolean(), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in SUMS),
    )
    op.create_table(
        "map_change",
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("change_count", sa.BigInteger(), nullable=False),
    )
    _run(KEEP, FOLLOW_LEVEL, FOLD, REBUILD, *TRIGGERS, *POLICIES)
    op.execute("SELECT map_rebuild()")


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("DROP TRIGGER map_level_changed ON building")
    for name in ("added", "changed", "removed"):
        op.execute(f"DROP TRIGGER map_{name} ON building_listed")
    op.drop_table("map_change")
    op.drop_table("map_step")
    op.drop_table("map_cell")
    op.drop_index("ix_building_listed_map_code", table_name="building_listed")
    op.execute("DROP INDEX IF EXISTS history.ix_building_listed_map_code")
    for name in ("map_rebuild()", "map_fold()", "map_follow_level()", "map_keep()", "map_code(geometry)"):
        op.execute(f"DROP FUNCTION {name}")
    op.drop_column("building_listed", "capacity")
    op.drop_column("building_listed", "people")


def _run(*statements: str) -> None:
    """Not `op.execute`: a colon in the SQL is no parameter."""
    for statement in statements:
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
