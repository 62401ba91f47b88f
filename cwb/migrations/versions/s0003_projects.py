"""Projects with their members, ledgers, runs, notes and a record of who did what; decisions belong to a project."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_REFUSED = {
    "decisions": "decisions are never changed or deleted; undo them instead",
    "audit": "the record of what was done is never changed or deleted",
}

_ERASED = "EXISTS (SELECT 1 FROM projects p WHERE p.project_id = OLD.project_id AND p.erased_at IS NOT NULL)"


def upgrade() -> None:
    """Make the tables; only a project that its owner erased lets go of its decisions and its part of the record."""
    op.create_table(
        "projects",
        sa.Column("project_id", sa.String(32), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(40), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("keep_days", sa.Integer),
        sa.Column("run_key", sa.String(64)),
        sa.Column("used_at", sa.String(40), nullable=False),
        sa.Column("erased_at", sa.String(40)),
    )
    op.create_table(
        "members",
        sa.Column("project_id", sa.String(32), primary_key=True),
        sa.Column("person", sa.String(320), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("opened_at", sa.String(40)),
        sa.Column("page", sa.String(64)),
    )
    op.create_table(
        "ledgers",
        sa.Column("project_id", sa.String(32), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("reading", sa.Text, nullable=False),
        sa.Column("account", sa.Text),
        sa.Column("added_at", sa.String(40), nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("removed_at", sa.String(40)),
    )
    op.create_table(
        "ledger_parts",
        sa.Column("project_id", sa.String(32), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("project_id", sa.String(32), primary_key=True),
        sa.Column("run_key", sa.String(64), primary_key=True),
        sa.Column("made_at", sa.String(40), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("note_id", sa.String(32), primary_key=True),
        sa.Column("project_id", sa.String(32), nullable=False, index=True),
        sa.Column("about", sa.String(16), nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("removed_at", sa.String(40)),
    )
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("project_id", sa.String(32), index=True),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.add_column("decisions", sa.Column("project_id", sa.String(32)))
    op.create_index("ix_decisions_project_id", "decisions", ["project_id"])
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_postgresql() -> None:
    op.execute("DROP TRIGGER cwb_keep_decisions ON decisions")
    op.execute("DROP FUNCTION cwb_keep_decisions()")
    for table, refused in _REFUSED.items():
        op.execute(
            f"CREATE FUNCTION cwb_keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' AND {_ERASED} THEN RETURN OLD; END IF; RAISE EXCEPTION '{refused}'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER cwb_keep_{table} BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION cwb_keep_{table}()"
        )
        op.execute(
            f"CREATE TRIGGER cwb_keep_all_{table} BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION cwb_keep_{table}()"
        )


def _guard_sqlite() -> None:
    op.execute("DROP TRIGGER cwb_keep_decisions_delete")
    for table, refused in _REFUSED.items():
        op.execute(
            f"CREATE TRIGGER cwb_keep_{table}_delete BEFORE DELETE ON {table} WHEN NOT {_ERASED} "
            f"BEGIN SELECT RAISE(ABORT, '{refused}'); END"
        )
    op.execute(
        "CREATE TRIGGER cwb_keep_audit_update BEFORE UPDATE ON audit "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED['audit']}'); END"
    )
