"""The record says how to take a change of settings back; a project keeps other files than ledgers too."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add `before`, what a change changed as JSON, `undoes`, the line that a line took back, and a file's `kind`."""
    op.add_column("audit", sa.Column("before", sa.Text))
    op.add_column("audit", sa.Column("undoes", sa.Integer))
    op.add_column("ledgers", sa.Column("kind", sa.String(16), nullable=False, server_default="ledger"))
