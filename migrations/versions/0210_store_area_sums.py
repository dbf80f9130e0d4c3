"""Store the sums of each area and year, and keep marks of what a change of the register made stale (ADR 40)."""

import sqlalchemy as sa
from alembic import op

revision = "0210"
down_revision = "0196"
branch_labels = None
depends_on = None

COUNTS = ("building_count", "cost_count", "area_count", "energy_count")
SUMS = ("cost", "estimated_cost", "area_cost", "area_m2", "energy_cost", "energy_estimated", "energy_m2")
# So many rows of one statement are one mark of everything: a first load writes a line, not a million.
MANY = 20_000

# What a change of these columns of a row of the list does to a sum; of a record, to which building its costs count for.
OF_LIST = "counted_gross_m2, is_usual, status, kind"
OF_RECORD = "canonical_id, parent_id, kind, agency_id, sensitivity"
OLD_OR_NEW = """
    IF TG_OP = 'INSERT' THEN {new};
    ELSIF TG_OP = 'DELETE' THEN {old};
    ELSE {both};
    END IF;
"""


def _keep(name: str, new: str, old: str, both: str) -> str:
    """A trigger function that marks what the queries `new`, `old` and `both` give: area, building, year."""
    mark = f"""INSERT INTO area_sum_mark (area_id, building_id, year_start)
        WITH changed AS MATERIALIZED ({{rows}}), many AS (SELECT count(*) >= {MANY} AS is_many FROM changed)
        SELECT DISTINCT area_id, building_id, year_start FROM changed, many WHERE NOT is_many
        UNION ALL SELECT DISTINCT NULL::bigint, NULL::bigint, year_start FROM changed, many WHERE is_many"""
    branches = {key: mark.format(rows=rows) for key, rows in (("new", new), ("old", old), ("both", both))}
    return f"""
CREATE FUNCTION area_sum_follow_{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    {OLD_OR_NEW.format(**branches)}
    RETURN NULL;
END $$
"""


def _rows(columns: str, table: str) -> str:
    return f"SELECT {columns} FROM {table}"


def _both(columns: str) -> str:
    return f"{_rows(columns, 'new_rows')} UNION {_rows(columns, 'old_rows')}"


_AREA = "area_id, NULL::bigint AS building_id, NULL::smallint AS year_start"
_LISTED = "NULL::bigint AS area_id, id AS building_id, NULL::smallint AS year_start"
_COST = "NULL::bigint AS area_id, building_id, year_start"
# A record is marked with the building and the whole that it belonged to and belongs to.
_RECORD = f"""
    SELECT NULL::bigint AS area_id, related.id AS building_id, NULL::smallint AS year_start
    FROM new_rows n JOIN old_rows o USING (id)
    CROSS JOIN LATERAL (VALUES (n.id), (o.canonical_id), (o.parent_id), (n.canonical_id), (n.parent_id)) related (id)
    WHERE related.id IS NOT NULL
        AND ({", ".join(f"n.{name}" for name in OF_RECORD.split(", "))})
            IS DISTINCT FROM ({", ".join(f"o.{name}" for name in OF_RECORD.split(", "))})
"""
_LIST_CHANGED = f"""
    SELECT NULL::bigint AS area_id, id AS building_id, NULL::smallint AS year_start
    FROM new_rows n JOIN old_rows o USING (id)
    WHERE ({", ".join(f"n.{name}" for name in OF_LIST.split(", "))})
        IS DISTINCT FROM ({", ".join(f"o.{name}" for name in OF_LIST.split(", "))})
"""
FOLLOW = {
    "building_area": _keep("building_area", _rows(_AREA, "new_rows"), _rows(_AREA, "old_rows"), _both(_AREA)),
    "building_listed": _keep("building_listed", _rows(_LISTED, "new_rows"), _rows(_LISTED, "old_rows"), _LIST_CHANGED),
    "running_cost": _keep("running_cost", _rows(_COST, "new_rows"), _rows(_COST, "old_rows"), _both(_COST)),
    "building": _keep("building", _rows(_LISTED, "new_rows"), _rows(_LISTED, "old_rows"), _RECORD),
}
# A new record has no costs yet, and no row of the list.
EVENTS = {"building": ("update", "delete")}
REFERENCES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
TRUNCATED = """
CREATE FUNCTION area_sum_follow_emptied() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO area_sum_mark (area_id) VALUES (NULL);
    RETURN NULL;
END $$
"""
# The areas whose stored sums may not be used: what is marked, resolved by where it lies and to what it belongs now, so
# that a change that is stored beside a move still reaches the new area. A restricted record marks its areas for good:
# who sees it and who does not read different sums there. A record's costs also decide about those of its parts.
MARKED = """
CREATE FUNCTION area_sum_marked(for_year integer, with_restricted boolean) RETURNS SETOF bigint LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM area_sum_mark WHERE area_id IS NULL AND building_id IS NULL
            AND (year_start IS NULL OR year_start = for_year)) THEN
        RETURN QUERY SELECT id FROM area;
        RETURN;
    END IF;
    RETURN QUERY
    WITH marked AS MATERIALIZED (
        SELECT building_id AS id FROM area_sum_mark
        WHERE building_id IS NOT NULL AND (year_start IS NULL OR year_start = for_year)
        UNION SELECT b.id FROM building b WHERE with_restricted AND b.sensitivity IN ('owner', 'secret')),
    heads AS MATERIALIZED (
        SELECT id FROM marked
        UNION SELECT b.canonical_id FROM marked JOIN building b ON b.id = marked.id WHERE b.canonical_id IS NOT NULL),
    records AS MATERIALIZED (
        SELECT id FROM heads
        UNION SELECT b.id FROM heads JOIN building b ON b.canonical_id = heads.id),
    parts AS MATERIALIZED (SELECT b.id FROM records JOIN building b ON b.parent_id = records.id),
    every AS (
        SELECT id FROM records UNION SELECT id FROM parts
        UNION SELECT b.id FROM parts JOIN building b ON b.parent_id = parts.id),
    counted AS (
        SELECT id FROM records
        UNION SELECT CASE WHEN b.kind = 'part' THEN b.parent_id ELSE coalesce(b.canonical_id, b.id) END
        FROM every JOIN building b ON b.id = every.id)
    SELECT ba.area_id FROM counted JOIN building_area ba ON ba.building_id = counted.id
    UNION SELECT m.area_id FROM area_sum_mark m
    WHERE m.area_id IS NOT NULL AND (m.year_start IS NULL OR m.year_start = for_year);
END $$
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.create_table(
        "area_sum",
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("year_start", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTS),
        *(sa.Column(name, sa.Numeric(), nullable=True) for name in SUMS),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_sum_area_id_area"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("area_id", "year_start", name=op.f("pk_area_sum")),
    )
    op.create_table(
        "area_sum_mark",
        sa.Column("area_id", sa.BigInteger(), nullable=True),
        sa.Column("building_id", sa.BigInteger(), nullable=True),
        sa.Column("year_start", sa.SmallInteger(), nullable=True),
        sa.Column("is_taken", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    statements = [MARKED, *FOLLOW.values()]
    for table in FOLLOW:
        statements += [
            f"CREATE TRIGGER area_sum_{event} AFTER {event.upper()} ON {table} REFERENCING {REFERENCES[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION area_sum_follow_{table}()"
            for event in EVENTS.get(table, tuple(REFERENCES))
        ]
    statements += [TRUNCATED]
    statements += [
        f"CREATE TRIGGER area_sum_emptied AFTER TRUNCATE ON {table} FOR EACH STATEMENT "
        "EXECUTE FUNCTION area_sum_follow_emptied()"
        for table in FOLLOW
    ]
    # The web reads the sums only for who sees what every partner sees, and of the marks only what the function gives.
    statements += [
        "ALTER TABLE area_sum ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY is_partners ON area_sum USING ((SELECT seen.reaches_partners())) WITH CHECK (true)",
        "ALTER TABLE area_sum_mark ENABLE ROW LEVEL SECURITY",
    ]
    for statement in statements:
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    for table in FOLLOW:
        for event in EVENTS.get(table, tuple(REFERENCES)):
            op.execute(f"DROP TRIGGER area_sum_{event} ON {table}")
        op.execute(f"DROP TRIGGER area_sum_emptied ON {table}")
        op.execute(f"DROP FUNCTION area_sum_follow_{table}()")
    op.execute("DROP FUNCTION area_sum_follow_emptied()")
    op.execute("DROP FUNCTION area_sum_marked(integer, boolean)")
    op.drop_table("area_sum_mark")
    op.drop_table("area_sum")
