"""Keep every value as it was: a history table beside each register table, and views of the register on any date."""

from alembic import op

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    "building",
    "interest",
    "occupation",
    "running_cost",
    "occupancy_observation",
    "condition_survey",
    "energy_rating",
    "valuation",
)

# A version of a row holds from `recorded_at` until the next one. Within one change set, or one transaction by hand, all
# changes of a row are one version. The next version is always later than the one before, whichever transaction began
# first, so that no version is lost.
STAMP = """
CREATE FUNCTION history.stamp() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE own text := nullif(current_setting('estate.change_set', true), '');
BEGIN
    NEW.change_set := own;
    IF OLD.change_set = own OR (OLD.recorded_at = now() AND OLD.change_set IS NULL AND own IS NULL) THEN
        NEW.recorded_at := OLD.recorded_at;
    ELSE
        NEW.recorded_at := greatest(now(), OLD.recorded_at + interval '1 microsecond');
    END IF;
    RETURN NEW;
END $$
"""
STORE = """
CREATE FUNCTION history.store() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own text := nullif(current_setting('estate.change_set', true), '');
    columns text;
BEGIN
    SELECT string_agg(quote_ident(a.attname), ', ') INTO columns
    FROM pg_attribute a JOIN pg_attribute h ON h.attname = a.attname
    WHERE a.attrelid = TG_RELID AND h.attrelid = format('history.%I', TG_TABLE_NAME)::regclass
        AND a.attnum > 0 AND h.attnum > 0 AND NOT a.attisdropped AND NOT h.attisdropped;
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format(
            'INSERT INTO history.%I (%s, superseded_at, superseded_by)
            SELECT o.*, n.recorded_at, n.change_set FROM (SELECT %s FROM old_rows) o
            JOIN (SELECT id, recorded_at, change_set FROM new_rows) n USING (id)
            WHERE n.recorded_at <> o.recorded_at', TG_TABLE_NAME, columns, columns);
    ELSE
        EXECUTE format(
            'INSERT INTO history.%I (%s, superseded_at, superseded_by)
            SELECT o.*, greatest(now(), o.recorded_at + interval ''1 microsecond''), $1
            FROM (SELECT %s FROM old_rows) o
            WHERE (o.change_set = $1) IS NOT TRUE
                AND (o.recorded_at <> now() OR o.change_set IS NOT NULL OR $1 IS NOT NULL)',
            TG_TABLE_NAME, columns, columns) USING own;
    END IF;
    RETURN NULL;
END $$
"""
REFUSE = """
CREATE FUNCTION history.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'history is append-only'; END $$
"""
# Makes a register table keep history, or brings its history and view up to the columns and indexes it has by now.
KEEP = """
CREATE FUNCTION history.keep(name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    is_new boolean := to_regclass(format('history.%I', name)) IS NULL;
    columns text;
    found record;
BEGIN
    IF is_new THEN
        EXECUTE format('ALTER TABLE public.%I ADD COLUMN IF NOT EXISTS recorded_at timestamptz NOT NULL DEFAULT now(),
            ADD COLUMN IF NOT EXISTS change_set text DEFAULT nullif(current_setting(''estate.change_set'', true), '''')',
            name);
        EXECUTE format('CREATE TABLE history.%I (LIKE public.%I, superseded_at timestamptz NOT NULL,
            superseded_by text)', name, name);
        EXECUTE format('CREATE INDEX ON history.%I (superseded_at)', name);
        EXECUTE format('CREATE INDEX ON history.%I (superseded_by) WHERE superseded_by IS NOT NULL', name);
        EXECUTE format('CREATE INDEX ON history.%I (change_set) WHERE change_set IS NOT NULL', name);
        EXECUTE format('CREATE TRIGGER stamp_version BEFORE UPDATE ON public.%I
            FOR EACH ROW EXECUTE FUNCTION history.stamp()', name);
        EXECUTE format('CREATE TRIGGER store_changed AFTER UPDATE ON public.%I
            REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION history.store()', name);
        EXECUTE format('CREATE TRIGGER store_removed AFTER DELETE ON public.%I
            REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION history.store()', name);
        EXECUTE format('CREATE TRIGGER is_append_only BEFORE UPDATE OR DELETE ON history.%I
            FOR EACH ROW EXECUTE FUNCTION history.refuse_change()', name);
    END IF;
    FOR found IN
        SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS kind, h.attname IS NULL AS is_missing
        FROM pg_attribute a LEFT JOIN pg_attribute h ON h.attname = a.attname AND NOT h.attisdropped
            AND h.attrelid = format('history.%I', name)::regclass
        WHERE a.attrelid = format('public.%I', name)::regclass AND a.attnum > 0 AND NOT a.attisdropped
            AND (h.attname IS NULL OR (h.atttypid, h.atttypmod) <> (a.atttypid, a.atttypmod))
    LOOP
        EXECUTE format(CASE WHEN found.is_missing THEN 'ALTER TABLE history.%I ADD COLUMN %I %s'
            ELSE 'ALTER TABLE history.%I ALTER COLUMN %I TYPE %s' END, name, found.attname, found.kind);
    END LOOP;
    FOR found IN
        SELECT h.attname FROM pg_attribute h LEFT JOIN pg_attribute a ON a.attname = h.attname AND a.attnotnull
            AND NOT a.attisdropped AND a.attrelid = format('public.%I', name)::regclass
        WHERE h.attrelid = format('history.%I', name)::regclass AND h.attnum > 0 AND h.attnotnull
            AND a.attname IS NULL AND h.attname <> 'superseded_at'
    LOOP
        EXECUTE format('ALTER TABLE history.%I ALTER COLUMN %I DROP NOT NULL', name, found.attname);
    END LOOP;
    FOR found IN
        SELECT c.relname, regexp_replace(pg_get_indexdef(i.indexrelid), '^.*? USING ', '') AS rest
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = format('public.%I', name)::regclass
    LOOP
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON history.%I USING %s', found.relname, name, found.rest);
    END LOOP;
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
    WHERE attrelid = format('public.%I', name)::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('DROP VIEW IF EXISTS as_at.%I', name);
    EXECUTE format('CREATE VIEW as_at.%1$I AS SELECT %2$s FROM (
            SELECT %2$s, timestamptz ''infinity'' AS superseded_at FROM public.%1$I
            UNION ALL SELECT %2$s, superseded_at FROM history.%1$I) versions
        WHERE recorded_at <= (SELECT as_at.moment()) AND superseded_at > (SELECT as_at.moment())', name, columns);
END $$
"""
# What is not versioned row by row: events and source records are only ever added, and areas follow from locations.
REFRESH = """
CREATE FUNCTION history.refresh() RETURNS void LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    PERFORM history.release();
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'history' ORDER BY tablename LOOP
        IF to_regclass(format('public.%I', found.tablename)) IS NOT NULL THEN
            PERFORM history.keep(found.tablename);
        END IF;
    END LOOP;
    CREATE VIEW as_at.event AS SELECT * FROM public.event WHERE at <= (SELECT as_at.moment());
    CREATE VIEW as_at.source_record AS
        SELECT * FROM public.source_record WHERE created_at <= (SELECT as_at.moment());
    CREATE VIEW as_at.building_area AS
        SELECT a.building_id, a.area_id FROM public.building_area a
        WHERE NOT EXISTS (
            SELECT 1 FROM history.building h JOIN public.building b USING (id)
            WHERE h.id = a.building_id AND h.location IS DISTINCT FROM b.location
                AND h.recorded_at <= (SELECT as_at.moment()) AND h.superseded_at > (SELECT as_at.moment()))
        UNION ALL
        SELECT moved.building_id, moved.area_id FROM (
            SELECT DISTINCT ON (h.id, area.level_code) h.id AS building_id, area.id AS area_id
            FROM history.building h JOIN public.building b USING (id)
            JOIN public.area ON ST_Covers(area.geometry, h.location)
            WHERE area.valid_until IS NULL AND h.location IS DISTINCT FROM b.location
                AND h.recorded_at <= (SELECT as_at.moment()) AND h.superseded_at > (SELECT as_at.moment())
            ORDER BY h.id, area.level_code, area.id) moved;
END $$
"""
RELEASE = """
CREATE FUNCTION history.release() RETURNS void LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    FOR found IN SELECT viewname FROM pg_views WHERE schemaname = 'as_at' LOOP
        EXECUTE format('DROP VIEW as_at.%I', found.viewname);
    END LOOP;
END $$
"""
MOMENT = """
CREATE FUNCTION as_at.moment() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT current_setting('estate.as_at')::timestamptz $$
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("CREATE SCHEMA history")
    op.execute("CREATE SCHEMA as_at")
    for statement in (MOMENT, STAMP, STORE, REFUSE, RELEASE, KEEP, REFRESH):
        # Not `op.execute`: a colon in the SQL is no parameter.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
    for table in TABLES:
        op.execute(f"SELECT history.keep('{table}')")
    # So that the buildings of a day are counted from the index alone, as those of today are.
    op.drop_index("ix_building_status", table_name="building")
    op.create_index("ix_building_status_recorded_at", "building", ["status", "recorded_at"])
    # What is there already was recorded when its building was: nothing better is known.
    op.execute("ALTER TABLE building DISABLE TRIGGER USER")
    op.execute("UPDATE building SET recorded_at = created_at")
    op.execute("ALTER TABLE building ENABLE TRIGGER USER")
    for table in TABLES[1:]:
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        op.execute(f"UPDATE {table} t SET recorded_at = b.created_at FROM building b WHERE b.id = t.building_id")
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    op.execute("SELECT history.refresh()")


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("DROP SCHEMA as_at CASCADE")
    op.drop_index("ix_building_status_recorded_at", table_name="building")
    op.create_index("ix_building_status", "building", ["status"])
    for table in TABLES:
        for trigger in ("stamp_version", "store_changed", "store_removed"):
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.drop_column(table, "change_set")
        op.drop_column(table, "recorded_at")
    op.execute("DROP SCHEMA history CASCADE")
