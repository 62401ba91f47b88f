"""Taking back changes of a project's settings, the last first: its choices, its files and how they are read.

The record keeps what each change changed; taking one back adds a line to it, as every other step does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cwb.errors import WorkspaceError
from cwb.projects import record
from cwb.projects.ledgers import put_back
from cwb.projects.store import choose_again
from cwb.projects.tables import AUDIT
from cwb.workspace import Workspace, require, transaction


@dataclass(frozen=True)
class Change:
    """A change that can be taken back: when, by whom, what, about what, and what it changed as it was before."""

    sequence: int
    at: str
    who: str
    what: str
    detail: str
    before: Mapping[str, Any]


def last_change(workspace: Workspace) -> Change | None:
    """Return the last change of the project's settings that stands; None where there is none.

    Raises:
        NotAllowedError: the person is no member of the project.
    """
    with transaction(workspace) as connection:
        require(workspace, connection, "viewer")
        return _last(workspace, connection)


def take_back(workspace: Workspace, sequence: int) -> Change:
    """Take back the last change, and return it.

    Raises:
        WorkspaceError: it is not the last any more, or the store cannot be written.
        NotAllowedError: the person may not change settings here.
    """
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        found = _last(workspace, connection)
        if found is None or found.sequence != sequence:
            raise WorkspaceError("something else was changed since; look again before taking it back")
        if "choices" in found.before:
            choose_again(workspace, connection, found.before["choices"])
        else:
            put_back(workspace, connection, found.before)
        record.write(workspace, connection, "took back", f"{found.what}: {found.detail}", undoes=found.sequence)
    return found


def _last(workspace: Workspace, connection: Connection) -> Change | None:
    undone = sa.select(AUDIT.c.undoes).where(AUDIT.c.project_id == workspace.project, AUDIT.c.undoes.is_not(None))
    columns = ("sequence", "at", "who", "what", "detail", "before")
    row = connection.execute(
        sa.select(*(AUDIT.c[name] for name in columns))
        .where(AUDIT.c.project_id == workspace.project, AUDIT.c.before.is_not(None), AUDIT.c.sequence.not_in(undone))
        .order_by(AUDIT.c.sequence.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    told: dict[str, Any] = dict(row._mapping)
    return Change(**{**told, "before": json.loads(told["before"])})
