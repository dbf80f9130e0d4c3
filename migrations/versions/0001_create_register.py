"""Create the register: agencies, areas, buildings, proposals, boards and events."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

REFUSE_EVENT_CHANGES = """
    CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'events are append-only'; END $$;
    CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON event
        FOR EACH ROW EXECUTE FUNCTION refuse_event_change();
    CREATE TRIGGER event_is_never_truncated BEFORE TRUNCATE ON event
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change()
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    sa.Enum("for", "against", "abstain", name="votechoice").create(op.get_bind())
    sa.Enum("open", "approved", "rejected", "withdrawn", name="decisionstatus").create(op.get_bind())
    sa.Enum("host", "kept", "emptied", name="outcome").create(op.get_bind())
    sa.Enum("draft", "submitted", "approved", "rejected", "withdrawn", name="proposalstatus").create(op.get_bind())
    sa.Enum("queued", "running", "finished", "failed", "cancelled", name="runstatus").create(op.get_bind())
    sa.Enum(
        "waiting",
        "checking",
        "checked",
        "applying",
        "applied",
        "discarded",
        "failed",
        name="importstatus",
    ).create(op.get_bind())
    sa.Enum("dec", "epc", name="energykind").create(op.get_bind())
    sa.Enum("survey", "passes", "log_ins", "bookings", "head_count", name="occupancymethod").create(op.get_bind())
    sa.Enum(
        "freehold",
        "ground_lease",
        "leasehold",
        "sub_lease",
        "licence",
        "moto",
        "pfi",
        "vacant",
        "other",
        name="tenure",
    ).create(op.get_bind())
    sa.Enum("active", "vacant", "surplus", "disposed", "retired", name="buildingstatus").create(op.get_bind())
    sa.Enum(
        "surveyed_polygon",
        "coordinates",
        "easting_northing",
        "postcode_centroid",
        "postcode_sector",
        "postcode_district",
        "synthetic",
        name="fixsource",
    ).create(op.get_bind())
    sa.Enum("administrator", "asset_manager", "board_member", "viewer", name="role").create(op.get_bind())
    op.create_table(
        "agency_kind",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_agency_kind")),
    )
    op.create_table(
        "boundary_level",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plural", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_boundary_level")),
        sa.UniqueConstraint("rank", name=op.f("uq_boundary_level_rank")),
    )
    op.create_table(
        "cost_category",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_cost_category")),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("was_successful", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    op.create_index("ix_login_attempt_address_at", "login_attempt", ["address", "at"], unique=False)
    op.create_index("ix_login_attempt_email_at", "login_attempt", ["email", "at"], unique=False)
    op.create_table(
        "place",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("attribution", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_place_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    op.create_table(
        "service",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_service")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_table(
        "use_class",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("may_host", sa.Boolean(), nullable=False),
        sa.Column("may_close", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_use_class")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
    )
    op.create_index(
        "uq_user_account_email_lower",
        "user_account",
        [sa.literal_column("lower(email)")],
        unique=True,
    )
    op.create_table(
        "agency",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind_code", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("member_from", sa.Date(), nullable=True),
        sa.Column("member_until", sa.Date(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "member_until IS NULL OR member_until > member_from",
            name=op.f("ck_agency_member_dates"),
        ),
        sa.CheckConstraint(
            "parent_id IS NULL OR parent_id <> id",
            name=op.f("ck_agency_parent_is_another"),
        ),
        sa.ForeignKeyConstraint(
            ["kind_code"],
            ["agency_kind.code"],
            name=op.f("fk_agency_kind_code_agency_kind"),
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["agency.id"], name=op.f("fk_agency_parent_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("code", name=op.f("uq_agency_code")),
        sa.UniqueConstraint("name", name=op.f("uq_agency_name")),
    )
    op.create_index(op.f("ix_agency_parent_id"), "agency", ["parent_id"], unique=False)
    op.create_geospatial_table(
        "area",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("level_code", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_source", sa.Text(), nullable=True),
        sa.Column("population_on", sa.Date(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("population >= 0", name=op.f("ck_area_population")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from",
            name=op.f("ck_area_dates"),
        ),
        sa.ForeignKeyConstraint(
            ["level_code"],
            ["boundary_level.code"],
            name=op.f("fk_area_level_code_boundary_level"),
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("fk_area_parent_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint(
            "level_code",
            "code",
            "valid_from",
            name=op.f("uq_area_level_code_code_valid_from"),
        ),
    )
    op.create_geospatial_index(
        "ix_area_geometry",
        "area",
        ["geometry"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_area_parent_id"), "area", ["parent_id"], unique=False)
    op.create_index(
        "uq_area_level_code_code_current",
        "area",
        ["level_code", "code"],
        unique=True,
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.create_table(
        "assumption",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("use_class_code", sa.Text(), nullable=True),
        sa.Column("value", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "value > '-Infinity' AND value < 'Infinity'",
            name=op.f("ck_assumption_value"),
        ),
        sa.ForeignKeyConstraint(
            ["use_class_code"],
            ["use_class.code"],
            name=op.f("fk_assumption_use_class_code_use_class"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assumption")),
        sa.UniqueConstraint(
            "code",
            "use_class_code",
            "valid_from",
            name=op.f("uq_assumption_code_use_class_code_valid_from"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["user_account.id"],
            name=op.f("fk_event_actor_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_group", "event", ["group_id"], unique=False)
    op.create_index("ix_event_subject", "event", ["subject_type", "subject_id", "id"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_login_session_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )
    op.create_index(op.f("ix_login_session_user_id"), "login_session", ["user_id"], unique=False)
    op.create_table(
        "space_standard",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("use_class_code", sa.Text(), nullable=False),
        sa.Column("m2_per_fte", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "m2_per_fte > 0 AND m2_per_fte < 'Infinity'",
            name=op.f("ck_space_standard_m2_per_fte"),
        ),
        sa.ForeignKeyConstraint(
            ["use_class_code"],
            ["use_class.code"],
            name=op.f("fk_space_standard_use_class_code_use_class"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space_standard")),
        sa.UniqueConstraint(
            "use_class_code",
            "valid_from",
            name=op.f("uq_space_standard_use_class_code_valid_from"),
        ),
    )
    op.create_table(
        "board",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_board_area_id_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board")),
        sa.UniqueConstraint("name", name=op.f("uq_board_name")),
    )
    op.create_geospatial_table(
        "building",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uprn", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("post_town", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column(
            "location",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "footprint",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "fix_source",
            postgresql.ENUM(
                "surveyed_polygon",
                "coordinates",
                "easting_northing",
                "postcode_centroid",
                "postcode_sector",
                "postcode_district",
                "synthetic",
                name="fixsource",
                create_type=False,
            ),
            nullable=True,
        ),
        sa.Column("fix_accuracy_m", sa.Integer(), nullable=True),
        sa.Column("use_class_code", sa.Text(), nullable=True),
        sa.Column(
            "status",
            postgresql.ENUM(
                "active",
                "vacant",
                "surplus",
                "disposed",
                "retired",
                name="buildingstatus",
                create_type=False,
            ),
            nullable=False,
        ),
        sa.Column("gross_internal_area_m2", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("net_internal_area_m2", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("built_year", sa.SmallInteger(), nullable=True),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("is_protected", sa.Boolean(), nullable=False),
        sa.Column("protected_reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(status = 'retired') = (retired_at IS NOT NULL)",
            name=op.f("ck_building_retired_has_date"),
        ),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_building_has_name")),
        sa.CheckConstraint(
            "gross_internal_area_m2 > 0 AND gross_internal_area_m2 < 'Infinity'",
            name=op.f("ck_building_gia_is_positive"),
        ),
        sa.CheckConstraint(
            "net_internal_area_m2 > 0 AND net_internal_area_m2 < 'Infinity'",
            name=op.f("ck_building_nia_is_positive"),
        ),
        sa.CheckConstraint("uprn ~ '^[0-9]{1,12}$'", name=op.f("ck_building_uprn_is_digits")),
        sa.CheckConstraint(
            "(location IS NULL) = (fix_source IS NULL)",
            name=op.f("ck_building_location_says_its_source"),
        ),
        sa.CheckConstraint(
            "NOT is_protected OR protected_reason IS NOT NULL",
            name=op.f("ck_building_protection_has_reason"),
        ),
        sa.CheckConstraint(
            "location IS NULL OR (ST_X(location) BETWEEN -180 AND 180 AND ST_Y(location) BETWEEN -90 AND 90)",
            name=op.f("ck_building_location_is_on_earth"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_building_agency_id_agency")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_building_site_id_site")),
        sa.ForeignKeyConstraint(
            ["use_class_code"],
            ["use_class.code"],
            name=op.f("fk_building_use_class_code_use_class"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
    )
    op.create_index(op.f("ix_building_agency_id"), "building", ["agency_id"], unique=False)
    op.create_geospatial_index(
        "ix_building_location",
        "building",
        ["location"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_building_name_trgm",
        "building",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_building_postcode"), "building", ["postcode"], unique=False)
    op.create_index(op.f("ix_building_site_id"), "building", ["site_id"], unique=False)
    op.create_index(op.f("ix_building_status"), "building", ["status"], unique=False)
    op.create_index(op.f("ix_building_uprn"), "building", ["uprn"], unique=False)
    op.create_index(op.f("ix_building_use_class_code"), "building", ["use_class_code"], unique=False)
    op.create_table(
        "import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("layout", sa.Text(), nullable=True),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            postgresql.ENUM(
                "waiting",
                "checking",
                "checked",
                "applying",
                "applied",
                "discarded",
                "failed",
                name="importstatus",
                create_type=False,
            ),
            nullable=False,
        ),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=True),
        sa.Column("inserted_count", sa.Integer(), nullable=True),
        sa.Column("updated_count", sa.Integer(), nullable=True),
        sa.Column("unchanged_count", sa.Integer(), nullable=True),
        sa.Column("rejected_count", sa.Integer(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["user_account.id"],
            name=op.f("fk_import_actor_id_user_account"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_import_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    op.create_index(op.f("ix_import_agency_id"), "import", ["agency_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            postgresql.ENUM(
                "administrator",
                "asset_manager",
                "board_member",
                "viewer",
                name="role",
                create_type=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_membership_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_membership_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint(
            "user_id",
            "agency_id",
            "role",
            name=op.f("uq_membership_user_id_agency_id_role"),
        ),
    )
    op.create_index(op.f("ix_membership_agency_id"), "membership", ["agency_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("level_code", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "run_status",
            postgresql.ENUM(
                "queued",
                "running",
                "finished",
                "failed",
                "cancelled",
                name="runstatus",
                create_type=False,
            ),
            nullable=False,
        ),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column(
            "status",
            postgresql.ENUM(
                "draft",
                "submitted",
                "approved",
                "rejected",
                "withdrawn",
                name="proposalstatus",
                create_type=False,
            ),
            nullable=False,
        ),
        sa.Column("solver_status", sa.Text(), nullable=True),
        sa.Column("objective", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("bound", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("gap", sa.Double(), nullable=True),
        sa.Column("baseline", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("seed", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("problem_sha256", sa.Text(), nullable=True),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("gap >= 0", name=op.f("ck_proposal_gap")),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["user_account.id"],
            name=op.f("fk_proposal_actor_id_user_account"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_proposal_area_id_area")),
        sa.ForeignKeyConstraint(
            ["level_code"],
            ["boundary_level.code"],
            name=op.f("fk_proposal_level_code_boundary_level"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_area_id"), "proposal", ["area_id"], unique=False)
    op.create_table(
        "agency_position",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("released_per_year", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("added_per_year", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("one_off_cost", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("emptied_count", sa.Integer(), nullable=False),
        sa.Column("moved_fte", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["agency.id"],
            name=op.f("fk_agency_position_agency_id_agency"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposal.id"],
            name=op.f("fk_agency_position_proposal_id_proposal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_position")),
        sa.UniqueConstraint(
            "proposal_id",
            "agency_id",
            name=op.f("uq_agency_position_proposal_id_agency_id"),
        ),
    )
    op.create_index(
        op.f("ix_agency_position_proposal_id"),
        "agency_position",
        ["proposal_id"],
        unique=False,
    )
    op.create_table(
        "board_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("board_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("is_chair", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_board_member_board_id_board")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_board_member_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_member")),
        sa.UniqueConstraint("board_id", "user_id", name=op.f("uq_board_member_board_id_user_id")),
    )
    op.create_index(op.f("ix_board_member_user_id"), "board_member", ["user_id"], unique=False)
    op.create_table(
        "building_area",
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_building_area_area_id_area")),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["building.id"],
            name=op.f("fk_building_area_building_id_building"),
        ),
        sa.PrimaryKeyConstraint("building_id", "area_id", name=op.f("pk_building_area")),
    )
    op.create_index(op.f("ix_building_area_area_id"), "building_area", ["area_id"], unique=False)
    op.create_table(
        "condition_survey",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("surveyed_on", sa.Date(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("backlog_cost", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "backlog_cost >= 0 AND backlog_cost < 'Infinity'",
            name=op.f("ck_condition_survey_backlog_cost"),
        ),
        sa.CheckConstraint("grade IN ('A', 'B', 'C', 'D')", name=op.f("ck_condition_survey_grade")),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["building.id"],
            name=op.f("fk_condition_survey_building_id_building"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_survey")),
        sa.UniqueConstraint(
            "building_id",
            "surveyed_on",
            name=op.f("uq_condition_survey_building_id_surveyed_on"),
        ),
    )
    op.create_index(
        op.f("ix_condition_survey_building_id"),
        "condition_survey",
        ["building_id"],
        unique=False,
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("board_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            postgresql.ENUM(
                "open",
                "approved",
                "rejected",
                "withdrawn",
                name="decisionstatus",
                create_type=False,
            ),
            nullable=False,
        ),
        sa.Column("submitted_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "submitted_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("snapshot_sha256", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (decided_at IS NULL)",
            name=op.f("ck_decision_decided_has_date"),
        ),
        sa.CheckConstraint(
            "status = 'open' OR reason IS NOT NULL",
            name=op.f("ck_decision_decided_has_reason"),
        ),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_decision_board_id_board")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_decision_decided_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposal.id"],
            name=op.f("fk_decision_proposal_id_proposal"),
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"],
            ["user_account.id"],
            name=op.f("fk_decision_submitted_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_board_id"), "decision", ["board_id"], unique=False)
    op.create_index(op.f("ix_decision_proposal_id"), "decision", ["proposal_id"], unique=False)
    op.create_index(
        "uq_decision_proposal_id_open",
        "decision",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "energy_rating",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            postgresql.ENUM("dec", "epc", name="energykind", create_type=False),
            nullable=False,
        ),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("rated_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "band IN ('A+', 'A', 'B', 'C', 'D', 'E', 'F', 'G')",
            name=op.f("ck_energy_rating_band"),
        ),
        sa.CheckConstraint(
            "expires_on IS NULL OR expires_on > rated_on",
            name=op.f("ck_energy_rating_dates"),
        ),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["building.id"],
            name=op.f("fk_energy_rating_building_id_building"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_energy_rating")),
        sa.UniqueConstraint(
            "building_id",
            "kind",
            "rated_on",
            name=op.f("uq_energy_rating_building_id_kind_rated_on"),
        ),
    )
    op.create_index(
        op.f("ix_energy_rating_building_id"),
        "energy_rating",
        ["building_id"],
        unique=False,
    )
    op.create_table(
        "import_problem",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("is_rejecting", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["import.id"],
            name=op.f("fk_import_problem_import_id_import"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problem")),
    )
    op.create_index(
        "ix_import_problem_import_id_line",
        "import_problem",
        ["import_id", "line"],
        unique=False,
    )
    op.create_table(
        "interest",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "tenure",
            postgresql.ENUM(
                "freehold",
                "ground_lease",
                "leasehold",
                "sub_lease",
                "licence",
                "moto",
                "pfi",
                "vacant",
                "other",
                name="tenure",
                create_type=False,
            ),
            nullable=False,
        ),
        sa.Column("tenure_detail", sa.Text(), nullable=True),
        sa.Column("landlord", sa.Text(), nullable=True),
        sa.Column("lease_start_on", sa.Date(), nullable=True),
        sa.Column("lease_end_on", sa.Date(), nullable=True),
        sa.Column("break_on", sa.Date(), nullable=True),
        sa.Column("rent_per_year", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "rent_per_year >= 0 AND rent_per_year < 'Infinity'",
            name=op.f("ck_interest_rent"),
        ),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_reason IS NOT NULL",
            name=op.f("ck_interest_end_has_reason"),
        ),
        sa.CheckConstraint(
            "lease_end_on IS NULL OR lease_end_on > lease_start_on",
            name=op.f("ck_interest_lease_dates"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_interest_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["building.id"],
            name=op.f("fk_interest_building_id_building"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
    )
    op.create_index(op.f("ix_interest_agency_id"), "interest", ["agency_id"], unique=False)
    op.create_index(op.f("ix_interest_building_id"), "interest", ["building_id"], unique=False)
    op.create_table(
        "occupancy_observation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column(
            "method",
            postgresql.ENUM(
                "survey",
                "passes",
                "log_ins",
                "bookings",
                "head_count",
                name="occupancymethod",
                create_type=False,
            ),
            nullable=False,
        ),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("peak", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("average", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("vacant_m2", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "average >= 0 AND average < 'Infinity'",
            name=op.f("ck_occupancy_observation_average"),
        ),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_occupancy_observation_capacity")),
        sa.CheckConstraint("peak >= average", name=op.f("ck_occupancy_observation_peak_is_highest")),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["building.id"],
            name=op.f("fk_occupancy_observation_building_id_building"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupancy_observation")),
        sa.UniqueConstraint(
            "building_id",
            "observed_on",
            "method",
            name=op.f("uq_occupancy_observation_building_id_observed_on_method"),
        ),
    )
    op.create_index(
        op.f("ix_occupancy_observation_building_id"),
        "occupancy_observation",
        ["building_id"],
        unique=False,
    )
    op.create_table(
        "occupation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("service_code", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("workstations", sa.Integer(), nullable=True),
        sa.Column("fte", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("is_public_counter", sa.Boolean(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("area_m2 > 0 AND area_m2 < 'Infinity'", name=op.f("ck_occupation_area")),
        sa.CheckConstraint("fte >= 0 AND fte < 'Infinity'", name=op.f("ck_occupation_fte")),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_reason IS NOT NULL",
            name=op.f("ck_occupation_end_has_reason"),
        ),
        sa.CheckConstraint("workstations >= 0", name=op.f("ck_occupation_workstations")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_occupation_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["building.id"],
            name=op.f("fk_occupation_building_id_building"),
        ),
        sa.ForeignKeyConstraint(
            ["service_code"],
            ["service.code"],
            name=op.f("fk_occupation_service_code_service"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupation")),
    )
    op.create_index(op.f("ix_occupation_agency_id"), "occupation", ["agency_id"], unique=False)
    op.create_index(op.f("ix_occupation_building_id"), "occupation", ["building_id"], unique=False)
    op.create_table(
        "proposal_building",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "outcome",
            postgresql.ENUM("host", "kept", "emptied", name="outcome", create_type=False),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("capacity_m2", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("used_m2", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("running_cost_per_year", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("is_cost_estimate", sa.Boolean(), nullable=False),
        sa.Column("is_capacity_estimate", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["building.id"],
            name=op.f("fk_proposal_building_building_id_building"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposal.id"],
            name=op.f("fk_proposal_building_proposal_id_proposal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_building")),
        sa.UniqueConstraint(
            "proposal_id",
            "building_id",
            name=op.f("uq_proposal_building_proposal_id_building_id"),
        ),
    )
    op.create_index(
        op.f("ix_proposal_building_building_id"),
        "proposal_building",
        ["building_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_proposal_building_proposal_id"),
        "proposal_building",
        ["proposal_id"],
        unique=False,
    )
    op.create_table(
        "running_cost",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("year_start", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("is_estimate", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0 AND amount < 'Infinity'", name=op.f("ck_running_cost_amount")),
        sa.CheckConstraint("year_start BETWEEN 1990 AND 2100", name=op.f("ck_running_cost_year_start")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_running_cost_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["building.id"],
            name=op.f("fk_running_cost_building_id_building"),
        ),
        sa.ForeignKeyConstraint(
            ["category_code"],
            ["cost_category.code"],
            name=op.f("fk_running_cost_category_code_cost_category"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_running_cost")),
        sa.UniqueConstraint(
            "building_id",
            "agency_id",
            "category_code",
            "year_start",
            name=op.f("uq_running_cost_building_id_agency_id_category_code_year_start"),
        ),
    )
    op.create_index(op.f("ix_running_cost_agency_id"), "running_cost", ["agency_id"], unique=False)
    op.create_index(
        op.f("ix_running_cost_building_id"),
        "running_cost",
        ["building_id"],
        unique=False,
    )
    op.create_index("ix_running_cost_year_start", "running_cost", ["year_start"], unique=False)
    op.create_table(
        "source_record",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("raw", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_source_record_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["building.id"],
            name=op.f("fk_source_record_building_id_building"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["import.id"], name=op.f("fk_source_record_import_id_import")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_record")),
        sa.UniqueConstraint("import_id", "line", name=op.f("uq_source_record_import_id_line")),
    )
    op.create_index(
        "ix_source_record_agency_id_layout_key",
        "source_record",
        ["agency_id", "layout", "key", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_source_record_building_id"),
        "source_record",
        ["building_id"],
        unique=False,
    )
    op.create_index(op.f("ix_source_record_import_id"), "source_record", ["import_id"], unique=False)
    op.create_table(
        "valuation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("valued_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("amount >= 0 AND amount < 'Infinity'", name=op.f("ck_valuation_amount")),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["building.id"],
            name=op.f("fk_valuation_building_id_building"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_valuation")),
        sa.UniqueConstraint(
            "building_id",
            "valued_on",
            "basis",
            name=op.f("uq_valuation_building_id_valued_on_basis"),
        ),
    )
    op.create_index(op.f("ix_valuation_building_id"), "valuation", ["building_id"], unique=False)
    op.create_table(
        "proposal_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("occupation_id", sa.BigInteger(), nullable=False),
        sa.Column("from_building_id", sa.BigInteger(), nullable=False),
        sa.Column("to_building_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("need_m2", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("fte", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("distance_m", sa.Numeric(precision=10, scale=1), nullable=False),
        sa.Column("move_cost", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_proposal_move_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["from_building_id"],
            ["building.id"],
            name=op.f("fk_proposal_move_from_building_id_building"),
        ),
        sa.ForeignKeyConstraint(
            ["occupation_id"],
            ["occupation.id"],
            name=op.f("fk_proposal_move_occupation_id_occupation"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposal.id"],
            name=op.f("fk_proposal_move_proposal_id_proposal"),
        ),
        sa.ForeignKeyConstraint(
            ["to_building_id"],
            ["building.id"],
            name=op.f("fk_proposal_move_to_building_id_building"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_move")),
        sa.UniqueConstraint(
            "proposal_id",
            "occupation_id",
            name=op.f("uq_proposal_move_proposal_id_occupation_id"),
        ),
    )
    op.create_index(
        op.f("ix_proposal_move_proposal_id"),
        "proposal_move",
        ["proposal_id"],
        unique=False,
    )
    op.create_table(
        "vote",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "choice",
            postgresql.ENUM("for", "against", "abstain", name="votechoice", create_type=False),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "cast_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_vote_decision_id_decision")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_vote_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
        sa.UniqueConstraint("decision_id", "user_id", name=op.f("uq_vote_decision_id_user_id")),
    )
    op.execute(REFUSE_EVENT_CHANGES)


def downgrade() -> None:
    op.execute("DROP TRIGGER event_is_append_only ON event; DROP TRIGGER event_is_never_truncated ON event")
    op.execute("DROP FUNCTION refuse_event_change")
    op.drop_table("vote")
    op.drop_index(op.f("ix_proposal_move_proposal_id"), table_name="proposal_move")
    op.drop_table("proposal_move")
    op.drop_index(op.f("ix_valuation_building_id"), table_name="valuation")
    op.drop_table("valuation")
    op.drop_index(op.f("ix_source_record_import_id"), table_name="source_record")
    op.drop_index(op.f("ix_source_record_building_id"), table_name="source_record")
    op.drop_index("ix_source_record_agency_id_layout_key", table_name="source_record")
    op.drop_table("source_record")
    op.drop_index("ix_running_cost_year_start", table_name="running_cost")
    op.drop_index(op.f("ix_running_cost_building_id"), table_name="running_cost")
    op.drop_index(op.f("ix_running_cost_agency_id"), table_name="running_cost")
    op.drop_table("running_cost")
    op.drop_index(op.f("ix_proposal_building_proposal_id"), table_name="proposal_building")
    op.drop_index(op.f("ix_proposal_building_building_id"), table_name="proposal_building")
    op.drop_table("proposal_building")
    op.drop_index(op.f("ix_occupation_building_id"), table_name="occupation")
    op.drop_index(op.f("ix_occupation_agency_id"), table_name="occupation")
    op.drop_table("occupation")
    op.drop_index(op.f("ix_occupancy_observation_building_id"), table_name="occupancy_observation")
    op.drop_table("occupancy_observation")
    op.drop_index(op.f("ix_interest_building_id"), table_name="interest")
    op.drop_index(op.f("ix_interest_agency_id"), table_name="interest")
    op.drop_table("interest")
    op.drop_index("ix_import_problem_import_id_line", table_name="import_problem")
    op.drop_table("import_problem")
    op.drop_index(op.f("ix_energy_rating_building_id"), table_name="energy_rating")
    op.drop_table("energy_rating")
    op.drop_index(
        "uq_decision_proposal_id_open",
        table_name="decision",
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_index(op.f("ix_decision_proposal_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_board_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_condition_survey_building_id"), table_name="condition_survey")
    op.drop_table("condition_survey")
    op.drop_index(op.f("ix_building_area_area_id"), table_name="building_area")
    op.drop_table("building_area")
    op.drop_index(op.f("ix_board_member_user_id"), table_name="board_member")
    op.drop_table("board_member")
    op.drop_index(op.f("ix_agency_position_proposal_id"), table_name="agency_position")
    op.drop_table("agency_position")
    op.drop_index(op.f("ix_proposal_area_id"), table_name="proposal")
    op.drop_table("proposal")
    op.drop_index(op.f("ix_membership_agency_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("ix_import_agency_id"), table_name="import")
    op.drop_table("import")
    op.drop_index(op.f("ix_building_use_class_code"), table_name="building")
    op.drop_index(op.f("ix_building_uprn"), table_name="building")
    op.drop_index(op.f("ix_building_status"), table_name="building")
    op.drop_index(op.f("ix_building_site_id"), table_name="building")
    op.drop_index(op.f("ix_building_postcode"), table_name="building")
    op.drop_index(
        "ix_building_name_trgm",
        table_name="building",
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.drop_geospatial_index(
        "ix_building_location",
        table_name="building",
        postgresql_using="gist",
        column_name="location",
    )
    op.drop_index(op.f("ix_building_agency_id"), table_name="building")
    op.drop_geospatial_table("building")
    op.drop_table("board")
    op.drop_table("space_standard")
    op.drop_index(op.f("ix_login_session_user_id"), table_name="login_session")
    op.drop_table("login_session")
    op.drop_index("ix_event_subject", table_name="event")
    op.drop_index("ix_event_group", table_name="event")
    op.drop_table("event")
    op.drop_table("assumption")
    op.drop_index(
        "uq_area_level_code_code_current",
        table_name="area",
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.drop_index(op.f("ix_area_parent_id"), table_name="area")
    op.drop_geospatial_index(
        "ix_area_geometry",
        table_name="area",
        postgresql_using="gist",
        column_name="geometry",
    )
    op.drop_geospatial_table("area")
    op.drop_index(op.f("ix_agency_parent_id"), table_name="agency")
    op.drop_table("agency")
    op.drop_index("uq_user_account_email_lower", table_name="user_account")
    op.drop_table("user_account")
    op.drop_table("use_class")
    op.drop_table("site")
    op.drop_table("service")
    op.drop_table("place")
    op.drop_index("ix_login_attempt_email_at", table_name="login_attempt")
    op.drop_index("ix_login_attempt_address_at", table_name="login_attempt")
    op.drop_table("login_attempt")
    op.drop_table("cost_category")
    op.drop_table("boundary_level")
    op.drop_table("agency_kind")
    sa.Enum("administrator", "asset_manager", "board_member", "viewer", name="role").drop(op.get_bind())
    sa.Enum(
        "surveyed_polygon",
        "coordinates",
        "easting_northing",
        "postcode_centroid",
        "postcode_sector",
        "postcode_district",
        "synthetic",
        name="fixsource",
    ).drop(op.get_bind())
    sa.Enum("active", "vacant", "surplus", "disposed", "retired", name="buildingstatus").drop(op.get_bind())
    sa.Enum(
        "freehold",
        "ground_lease",
        "leasehold",
        "sub_lease",
        "licence",
        "moto",
        "pfi",
        "vacant",
        "other",
        name="tenure",
    ).drop(op.get_bind())
    sa.Enum("survey", "passes", "log_ins", "bookings", "head_count", name="occupancymethod").drop(op.get_bind())
    sa.Enum("dec", "epc", name="energykind").drop(op.get_bind())
    sa.Enum(
        "waiting",
        "checking",
        "checked",
        "applying",
        "applied",
        "discarded",
        "failed",
        name="importstatus",
    ).drop(op.get_bind())
    sa.Enum("queued", "running", "finished", "failed", "cancelled", name="runstatus").drop(op.get_bind())
    sa.Enum("draft", "submitted", "approved", "rejected", "withdrawn", name="proposalstatus").drop(op.get_bind())
    sa.Enum("host", "kept", "emptied", name="outcome").drop(op.get_bind())
    sa.Enum("open", "approved", "rejected", "withdrawn", name="decisionstatus").drop(op.get_bind())
    sa.Enum("for", "against", "abstain", name="votechoice").drop(op.get_bind())
