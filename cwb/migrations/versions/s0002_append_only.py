"""What the register said is kept with a decision, and the history can only grow, whoever is at the database."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_REFUSED = "decisions are never changed or deleted; undo them instead"


def upgrade() -> None:
    """Add `snapshot`, and triggers against changing or deleting a row."""
    op.add_column("decisions", sa.Column("snapshot", sa.Text))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION cwb_keep_decisions() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER cwb_keep_decisions BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions "
            "FOR EACH STATEMENT EXECUTE FUNCTION cwb_keep_decisions()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER cwb_keep_decisions_{what.lower()} BEFORE {what} ON decisions "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
