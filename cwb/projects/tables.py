"""The tables of projects as SQLAlchemy's expressions see them; cwb/migrations makes them."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


PROJECTS = _table(
    "projects", "project_id", "name", "created_at", "created_by", "settings", "keep_days", "run_key", "used_at",
    "erased_at",
)  # fmt: skip
MEMBERS = _table("members", "project_id", "person", "role", "opened_at", "page")
LEDGERS = _table(
    "ledgers", "project_id", "sha256", "name", "size", "reading", "account", "added_at", "added_by", "removed_at",
    "kind",
)  # fmt: skip
PARTS = _table("ledger_parts", "project_id", "sha256", "part", "data")
RUNS = _table("runs", "project_id", "run_key", "made_at", "made_by", "summary")
NOTES = _table("notes", "note_id", "project_id", "about", "ref", "label", "text", "who", "at", "removed_at")
AUDIT = _table("audit", "sequence", "project_id", "at", "who", "what", "detail", "before", "undoes")
DECISIONS = _table("decisions", "project_id", "decision_id")

NOBODY = ""  # in `members`: the one person of a machine without sign-in


def now() -> str:
    """Return the time as it is kept: UTC, ISO 8601, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
