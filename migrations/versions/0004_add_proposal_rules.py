"""Add what proposals need: which uses a host accepts, moves of teams nobody recorded, and three assumptions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OWN = "Estate default, to be reviewed"

# host: the uses whose teams may move in; a team may always stay where it is
ACCEPTS = {
    "office": "office civic_centre customer_centre jobcentre probation_office",
    "civic_centre": "office civic_centre customer_centre jobcentre probation_office library community_centre "
    "police_station",
    "customer_centre": "office civic_centre customer_centre jobcentre library",
    "library": "library customer_centre community_centre jobcentre childrens_centre office",
    "community_centre": "community_centre library customer_centre jobcentre childrens_centre office",
    "health_centre": "health_centre childrens_centre office",
    "police_station": "police_station probation_office office",
    "fire_station": "police_station office",
    "jobcentre": "jobcentre customer_centre probation_office office",
}

# code, value, unit
ASSUMPTIONS = [
    ("unrecorded_use_ratio", 0.7, "share of a building's area that is in use where nobody recorded who works in it"),
    ("host_lease_years", 3, "years that a lease must still run for its building to take in teams"),
    ("move_cost_optimism_bias", 0.24, "share added to the cost of fitting out space for a team that moves"),
]


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.alter_column("proposal_move", "occupation_id", nullable=True)
    op.add_column("proposal_move", sa.Column("team", sa.Text(), nullable=False, server_default=""))
    op.alter_column("proposal_move", "team", server_default=None)
    acceptance = op.create_table(
        "use_acceptance",
        sa.Column("host_use_code", sa.Text(), sa.ForeignKey("use_class.code"), primary_key=True),
        sa.Column("team_use_code", sa.Text(), sa.ForeignKey("use_class.code"), primary_key=True),
        sa.Column("source", sa.Text(), nullable=False),
    )
    pairs = [
        {"host_use_code": host, "team_use_code": use, "source": OWN}
        for host, uses in ACCEPTS.items()
        for use in uses.split()
    ]
    op.bulk_insert(acceptance, pairs)
    assumption = sa.Table("assumption", sa.MetaData(), autoload_with=op.get_bind())
    op.bulk_insert(
        assumption,
        [
            {
                "code": code,
                "use_class_code": None,
                "value": value,
                "unit": unit,
                "valid_from": "2024-04-01",
                "source": OWN,
            }
            for code, value, unit in ASSUMPTIONS
        ],
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    codes = ", ".join(f"'{code}'" for code, _, _ in ASSUMPTIONS)
    op.execute(f"DELETE FROM assumption WHERE code IN ({codes})")
    op.drop_table("use_acceptance")
    op.drop_column("proposal_move", "team")
    op.execute("DELETE FROM proposal_move WHERE occupation_id IS NULL")
    op.alter_column("proposal_move", "occupation_id", nullable=False)
