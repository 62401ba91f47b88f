"""The record of who did what and when. It only grows, and goes only with its project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cwb.projects.tables import AUDIT, now
from cwb.workspace import Workspace, require, transaction

_COLUMNS = ("at", "who", "what", "detail")
_THIS_MACHINE = "this machine"


def who(workspace: Workspace) -> str:
    """Return in whose name something is done: who signed in, or this machine's one person."""
    return workspace.person or _THIS_MACHINE


def write(
    workspace: Workspace, connection: Connection, what: str, detail: str = "", *,
    before: Mapping[str, Any] | None = None, undoes: int | None = None,
) -> None:  # fmt: skip
    """Add a line in the transaction of what it tells of.

    Args:
        workspace: whose project and hands it is in.
        connection: the transaction.
        what: what was done.
        detail: about what.
        before: what it changed, as it was; only of changes that can be taken back.
        undoes: the line that this one takes back.
    """
    line = {
        "project_id": workspace.project, "at": now(), "who": who(workspace), "what": what, "detail": detail,
        "before": None if before is None else json.dumps(before, ensure_ascii=False), "undoes": undoes,
    }  # fmt: skip
    connection.execute(sa.insert(AUDIT), [line])


def note_down(workspace: Workspace, what: str, detail: str = "") -> None:
    """Add a line about something that left no other mark, as a download.

    Raises:
        NotAllowedError: the person is no member of the project.
    """
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "viewer")
        write(workspace, connection, what, detail)


def audit(workspace: Workspace, *, most: int = 1000) -> pl.DataFrame:
    """Return what was done in the workspace's project, newest first: at (UTC), who, what, detail.

    Raises:
        NotAllowedError: the person is no member of the project.
    """
    with transaction(workspace) as connection:
        require(workspace, connection, "viewer")
        rows = connection.execute(
            sa.select(*(AUDIT.c[name] for name in _COLUMNS))
            .where(AUDIT.c.project_id == workspace.project)
            .order_by(AUDIT.c.sequence.desc())
            .limit(most)
        ).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=dict.fromkeys(_COLUMNS, pl.String), orient="row")
