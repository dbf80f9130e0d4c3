"""Let who takes part in no programme find each of their own records by itself; keep back what parts of others cost."""

from alembic import op

revision = "0090"
down_revision = "0085"
branch_labels = None
depends_on = None

# The viewer's own records that belong to a building, or are a part of one or stand on a site, that others report too.
LEANING_IDS = """
CREATE FUNCTION seen.leaning_ids() RETURNS SETOF bigint LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 100
SET search_path = public, pg_temp AS $$
    SELECT b.id FROM building b
    WHERE b.agency_id = ANY (seen.agency_ids()) AND (
        EXISTS (SELECT 1 FROM building o
            WHERE o.canonical_id = b.canonical_id AND o.agency_id <> ALL (seen.agency_ids()))
        OR EXISTS (SELECT 1 FROM building o
            WHERE o.id = b.parent_id AND o.agency_id <> ALL (seen.agency_ids()))
        OR EXISTS (SELECT 1 FROM building o
            WHERE o.canonical_id = b.parent_id AND o.agency_id <> ALL (seen.agency_ids())))
$$
"""
# Buildings of which another agency's record is a part: their figures hold that part's. Of a past day, in the past too.
# Not plain SQL, which would look for columns of the history that it gets at the end of an upgrade only.
IDS_WITH_PARTS_OF_OTHERS = """
CREATE FUNCTION seen.ids_with_parts_of_others() RETURNS SETOF bigint LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT b.parent_id FROM building b
    WHERE b.parent_id IS NOT NULL AND b.kind = 'part' AND b.agency_id <> ALL (seen.agency_ids());
    IF coalesce(current_setting('estate.as_at', true), '') <> '' THEN
        RETURN QUERY SELECT b.parent_id FROM history.building b
        WHERE b.parent_id IS NOT NULL AND b.kind = 'part' AND b.agency_id <> ALL (seen.agency_ids());
    END IF;
END $$
"""
# A site is seen where something on it is, whoever's record founded it.
HIDDEN_SITE_IDS = """
CREATE OR REPLACE FUNCTION seen.hidden_site_ids() RETURNS SETOF bigint LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
    WITH told AS (
        SELECT site_id FROM building WHERE id IN (SELECT seen.hidden_ids()) AND site_id IS NOT NULL%FOUNDED%)
    SELECT site_id FROM told
    EXCEPT SELECT site_id FROM building
    WHERE id NOT IN (SELECT seen.hidden_ids()) AND site_id IN (SELECT site_id FROM told)
$$
"""
FOUNDED = """
        UNION SELECT id FROM site WHERE founder_id IN (SELECT seen.hidden_ids())"""
CONDITION = """
CREATE OR REPLACE FUNCTION seen.condition(name text, alias text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE found text[] := '{}'; reference record;
BEGIN
    IF name IN ('building', 'building_listed') THEN
        found := found || format('(%1$s.id NOT IN (SELECT seen.hidden_ids()))', alias);
    ELSIF name IN ('proposal', 'decision', 'import', 'site', 'bulk_edit') THEN
        found := found || format('(%1$s.id NOT IN (SELECT seen.hidden_%2$s_ids()))', alias, name);
    ELSIF name = 'event' THEN
        found := found || format(
            '(CASE %1$s.subject_type WHEN ''building'' THEN %1$s.subject_id NOT IN (SELECT seen.hidden_ids())
                AND (%1$s.changes -> ''other_record'' IS NULL
                    OR (%1$s.changes #>> ''{other_record,0}'')::bigint NOT IN (SELECT seen.hidden_ids()))%SOURCES%
            WHEN ''proposal'' THEN %1$s.subject_id NOT IN (SELECT seen.hidden_proposal_ids())
            WHEN ''decision'' THEN %1$s.subject_id NOT IN (SELECT seen.hidden_decision_ids())
            WHEN ''import'' THEN %1$s.subject_id NOT IN (SELECT seen.hidden_import_ids()) ELSE true END)', alias);
    END IF;
    FOR reference IN
        SELECT a.attname AS column_name, f.relname AS target, a.attnotnull AS is_needed
        FROM pg_constraint c JOIN pg_class f ON f.oid = c.confrelid
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.conrelid = format('public.%I', name)::regclass AND array_length(c.conkey, 1) = 1
            AND f.relnamespace = 'public'::regnamespace
            AND f.relname IN ('building', 'proposal', 'decision', 'import', 'bulk_edit') AND name <> 'building'%FOUNDER%
        ORDER BY a.attnum
    LOOP
        found := found || format(
            CASE WHEN reference.is_needed THEN '(%1$s.%2$I NOT IN (SELECT seen.hidden_%3$sids()))'
                ELSE '(%1$s.%2$I IS NULL OR %1$s.%2$I NOT IN (SELECT seen.hidden_%3$sids()))' END,
            alias, reference.column_name,
            CASE reference.target WHEN 'building' THEN '' ELSE reference.target || '_' END);
    END LOOP;
    RETURN nullif(array_to_string(found, ' AND '), '');
END $$
"""
# A chosen value tells what the record says from which it is.
SOURCES = """
                AND (%1$s.changes -> ''from_record'' IS NULL OR NOT EXISTS (
                    SELECT 1 FROM jsonb_array_elements_text(%1$s.changes -> ''from_record'') AS source (id)
                    WHERE source.id::bigint IN (SELECT seen.hidden_ids())))"""
FOUNDER = """
            AND NOT (name = 'site' AND a.attname = 'founder_id')"""
LISTED_COLUMN = """
CREATE OR REPLACE FUNCTION seen.listed_expression(field text, column_name text, alias text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT format('CASE WHEN (SELECT seen.shows(%1$L)) OR (%2$s.agency_ids <@ (SELECT seen.agency_ids())%5$s)
        THEN %2$s.%3$I ELSE %4$s END AS %3$I', field, alias, column_name,
        CASE column_name WHEN 'has_cost' THEN 'false' WHEN 'cost_years' THEN '''{}''::smallint[]'
            WHEN 'lease_dates' THEN '''{}''::date[]' ELSE 'NULL' END, %PARTS%)
$$
"""
PARTS = """CASE field WHEN 'running_cost'
            THEN format(' AND %s.id NOT IN (SELECT seen.ids_with_parts_of_others())', alias) ELSE '' END"""
# For who takes part in no programme, a record that leans on others' stands alone.
OWN_BUILDINGS = """
CREATE FUNCTION seen.view_own_buildings(schema_name text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE columns text;
BEGIN
    SELECT string_agg(CASE
        WHEN attname IN ('canonical_id', 'parent_id')
            THEN format('CASE WHEN t.id NOT IN (SELECT seen.leaning_ids()) THEN t.%1$I END AS %1$I', attname)
        WHEN attname = 'kind' THEN 'CASE WHEN t.kind = ''part'' AND t.id IN (SELECT seen.leaning_ids())
            THEN ''building'' ELSE t.kind END AS kind'
        ELSE seen.expression('building', attname, 't') END, ', ' ORDER BY attnum) INTO columns FROM pg_attribute
    WHERE attrelid = format('%I.building', source)::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('CREATE VIEW %I.building AS SELECT %s FROM %I.building t WHERE %s', schema_name, columns, source,
        seen.condition('building', 't'));
END $$
"""
# Its row in the list, from the record alone. What a later column of the list says is unknown here, until it is taught.
OWN_LIST = r"""
CREATE FUNCTION seen.own_listed_expression(column_name text, type_name text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE column_name
        WHEN 'name_key' THEN 'lower(b.name)'
        WHEN 'kind' THEN 'CASE WHEN b.kind = ''part'' THEN ''building'' ELSE b.kind END'
        WHEN 'counted_gross_m2' THEN 'b.gross_internal_area_m2'
        WHEN 'counted_net_m2' THEN 'b.net_internal_area_m2'
        WHEN 'annual_cost' THEN 'cost.annual_cost'
        WHEN 'has_cost' THEN 'coalesce(cost.has_cost, false)'
        WHEN 'is_estimate' THEN 'cost.is_estimate'
        WHEN 'cost_years' THEN 'coalesce(cost.cost_years, ''{}'')'
        WHEN 'agency_ids' THEN 'ARRAY[b.agency_id]'
        WHEN 'area_ids' THEN 'coalesce((SELECT array_agg(found.id) FROM (
            SELECT DISTINCT ON (a.level_code) a.id FROM public.area a
            WHERE a.valid_until IS NULL AND public.ST_Covers(a.geometry, b.location)
            ORDER BY a.level_code, a.id) found), ''{}'')'
        WHEN 'tenures' THEN 'coalesce(lease.tenures, ''{}'')'
        WHEN 'lease_end_first' THEN 'lease.lease_end_first'
        WHEN 'lease_dates' THEN 'coalesce(lease.lease_dates, ''{}'')'
        WHEN 'search_text' THEN 'lower(translate(concat_ws('' '', '''', b.name, b.street, b.post_town, b.postcode),
            E''\t\n\r\v\f'', ''     ''))'
        WHEN 'asset_class_code' THEN 'coalesce((SELECT u.asset_class_code FROM public.use_class u
            WHERE u.code = b.use_class_code), ''operational'')'
        WHEN 'is_usual' THEN 'coalesce((SELECT c.is_usual FROM public.use_class u
            JOIN public.asset_class c ON c.code = u.asset_class_code WHERE u.code = b.use_class_code), true)'
        ELSE CASE WHEN EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'public.building'::regclass
                AND attname = column_name AND NOT attisdropped) THEN format('b.%I', column_name)
            WHEN type_name = 'boolean' THEN 'false' WHEN type_name LIKE '%[]' THEN '''{}''' ELSE 'NULL' END
        END || '::' || type_name
$$
"""
VIEW_OWN_LIST = """
CREATE FUNCTION seen.view_own_list(schema_name text, seen_name text, source text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE plain text; columns text;
BEGIN
    SELECT string_agg(format('t.%I', attname), ', ' ORDER BY attnum), string_agg(
        seen.own_listed_expression(attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
    INTO plain, columns FROM pg_attribute
    WHERE attrelid = format('%I.building_listed', source)::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('
        CREATE VIEW %1$I.building_listed AS
        SELECT %2$s FROM %3$I.building_listed t WHERE t.id NOT IN (SELECT seen.leaning_ids())
        UNION ALL
        SELECT %4$s FROM %5$I.building b
        LEFT JOIN LATERAL (
            SELECT sum(c.amount) FILTER (WHERE c.year_start = newest.year) AS annual_cost,
                bool_or(c.year_start = newest.year) AS has_cost,
                bool_or(c.is_estimate) FILTER (WHERE c.year_start = newest.year) AS is_estimate,
                array_agg(DISTINCT c.year_start) AS cost_years
            FROM %5$I.running_cost c CROSS JOIN (
                WITH told AS (SELECT year_start, sum(building_delta) AS buildings FROM %5$I.cost_year_step
                    GROUP BY year_start HAVING sum(building_delta) > 0)
                SELECT max(year_start) AS year FROM told
                WHERE buildings * 2 >= (SELECT max(buildings) FROM told)) newest
            WHERE c.building_id = b.id) cost ON true
        LEFT JOIN LATERAL (
            SELECT array_agg(DISTINCT i.tenure::text) AS tenures, min(i.lease_end_on) AS lease_end_first,
                array_agg(DISTINCT day.day) FILTER (WHERE day.day IS NOT NULL) AS lease_dates
            FROM %5$I.interest i CROSS JOIN LATERAL (VALUES (i.lease_end_on),
                (CASE WHEN i.break_on <= coalesce(i.lease_end_on, i.break_on) THEN i.break_on END)) day (day)
            WHERE i.building_id = b.id AND i.ended_on IS NULL) lease ON true
        WHERE b.id IN (SELECT seen.leaning_ids())', schema_name, plain, seen_name, columns, source);
END $$
"""
REFRESH = """
CREATE OR REPLACE FUNCTION seen.refresh() RETURNS void LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    PERFORM seen.release();
    FOR found IN SELECT tablename AS name FROM pg_tables
        WHERE schemaname = 'public' AND tableowner = current_user AND seen.condition(tablename, 't') IS NOT NULL
        ORDER BY tablename
    LOOP
        PERFORM seen.view('seen', found.name, 'public');
        PERFORM seen.protect('public', found.name);
        IF to_regclass(format('history.%I', found.name)) IS NOT NULL THEN
            PERFORM seen.protect('history', found.name);
        END IF;
        IF to_regclass(format('as_at.%I', found.name)) IS NOT NULL THEN
            EXECUTE format('ALTER VIEW as_at.%I SET (security_invoker = true)', found.name);
            PERFORM seen.view('seen_as_at', found.name, 'as_at');
        END IF;
    END LOOP;
    PERFORM seen.view_whole_list();%OWN%
    -- The web reads history and never writes it: versions are kept by the tables' owner.
    ALTER FUNCTION history.store() SECURITY DEFINER;
    PERFORM seen.grant_to_web();%GRANTS%
END $$
"""
OWN = """
    PERFORM seen.view_own_buildings('seen_own', 'public');
    PERFORM seen.view_own_list('seen_own', 'seen', 'public');
    PERFORM seen.view_own_buildings('seen_own_as_at', 'as_at');
    PERFORM seen.view_own_list('seen_own_as_at', 'seen_as_at', 'as_at');"""
OWN_GRANTS = """
    IF to_regrole('estate_web') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA seen_own, seen_own_as_at TO estate_web;
        GRANT SELECT ON ALL TABLES IN SCHEMA seen_own_as_at TO estate_web;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA seen_own TO estate_web;
    END IF;"""
RELEASE = """
CREATE OR REPLACE FUNCTION seen.release() RETURNS void LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
    FOR found IN SELECT schemaname, viewname FROM pg_views WHERE schemaname IN (%SCHEMAS%)
            ORDER BY schemaname DESC LOOP
        EXECUTE format('DROP VIEW %I.%I', found.schemaname, found.viewname);
    END LOOP;
    FOR found IN SELECT schemaname, tablename FROM pg_policies WHERE policyname = 'is_seen' LOOP
        EXECUTE format('DROP POLICY is_seen ON %I.%I', found.schemaname, found.tablename);
    END LOOP;
END $$
"""
NEW_FUNCTIONS = (
    "seen.leaning_ids()",
    "seen.ids_with_parts_of_others()",
    "seen.view_own_buildings(text, text)",
    "seen.own_listed_expression(text, text)",
    "seen.view_own_list(text, text, text)",
)


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("CREATE SCHEMA seen_own")
    op.execute("CREATE SCHEMA seen_own_as_at")
    _run(
        LEANING_IDS,
        IDS_WITH_PARTS_OF_OTHERS,
        HIDDEN_SITE_IDS.replace("%FOUNDED%", FOUNDED),
        CONDITION.replace("%FOUNDER%", FOUNDER).replace("%SOURCES%", SOURCES),
        LISTED_COLUMN.replace("%PARTS%", PARTS),
        OWN_BUILDINGS,
        OWN_LIST,
        VIEW_OWN_LIST,
        REFRESH.replace("%OWN%", OWN).replace("%GRANTS%", OWN_GRANTS),
        RELEASE.replace("%SCHEMAS%", "'seen_own_as_at', 'seen_own', 'seen_as_at', 'seen_whole', 'seen'"),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.execute("SELECT seen.release()")
    op.execute("DROP SCHEMA seen_own_as_at CASCADE")
    op.execute("DROP SCHEMA seen_own CASCADE")
    _run(
        HIDDEN_SITE_IDS.replace("%FOUNDED%", ""),
        CONDITION.replace("%FOUNDER%", "").replace("%SOURCES%", ""),
        LISTED_COLUMN.replace("%PARTS%", "''"),
        REFRESH.replace("%OWN%", "").replace("%GRANTS%", ""),
        RELEASE.replace("%SCHEMAS%", "'seen_as_at', 'seen_whole', 'seen'"),
        *(f"DROP FUNCTION {name}" for name in NEW_FUNCTIONS),
    )


def _run(*statements: str) -> None:
    """Not `op.execute`: a colon in the SQL is no parameter."""
    for statement in statements:
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
