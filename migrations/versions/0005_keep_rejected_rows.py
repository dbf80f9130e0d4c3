"""Keep the rows that an import rejected, as the CSV that is given back to be mended."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.add_column("import", sa.Column("rejected_rows", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.execute("SET lock_timeout = '10s'")
    op.drop_column("import", "rejected_rows")
