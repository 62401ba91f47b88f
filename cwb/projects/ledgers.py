"""The ledgers of a project: their bytes, known by their hash, and how each is to be read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cwb.errors import CwbError, WorkspaceError
from cwb.files import staged_file
from cwb.projects import record
from cwb.projects.tables import LEDGERS, PARTS, PROJECTS, now
from cwb.workspace import Workspace, require, transaction

_PART_BYTES = 8 << 20


@dataclass(frozen=True)
class KeptLedger:
    """A ledger: its name as given, its content's SHA-256 and size in bytes, and how to read it."""

    name: str
    sha256: str
    size: int
    institution: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    financial_year: str | None = None
    account: Mapping[str, Any] | None = None
    is_removed: bool = False


def add_ledger(workspace: Workspace, name: str, data: bytes | memoryview) -> KeptLedger:
    """Keep a ledger, all of it or nothing. Once this returns it is safe from a crash.

    Raises:
        CwbError: the same content is here already.
        WorkspaceError: the store cannot be written, or the person may not add here.
    """
    name = Path(name.replace("\\", "/")).name
    sha = hashlib.sha256(data).hexdigest()
    view = memoryview(data)
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        same = connection.execute(sa.select(LEDGERS.c.name, LEDGERS.c.removed_at).where(_of(workspace, sha))).first()
        if same and same[1] is None:
            raise CwbError(f"{name}: has the same content as {same[0]}, which is already here; it was left out")
        if same:
            connection.execute(sa.update(LEDGERS).where(_of(workspace, sha)).values(removed_at=None, added_at=now()))
        else:
            row = {
                "project_id": workspace.project, "sha256": sha, "name": name, "size": len(view), "reading": "{}",
                "added_at": now(), "added_by": record.who(workspace),
            }  # fmt: skip
            connection.execute(sa.insert(LEDGERS), [row])
            key = {"project_id": workspace.project, "sha256": sha}
            for part, at in enumerate(range(0, len(view), _PART_BYTES)):
                piece = {"part": part, "data": bytes(view[at : at + _PART_BYTES])}
                connection.execute(sa.insert(PARTS), [key | piece])
        _used(workspace, connection)
        record.write(workspace, connection, "added a ledger", name)
    return KeptLedger(name, sha, len(view))


def ledgers(workspace: Workspace, *, removed: bool = False) -> list[KeptLedger]:
    """Return the project's ledgers in the order they came; or those removed, which can be had back."""
    when = LEDGERS.c.removed_at.is_not(None) if removed else LEDGERS.c.removed_at.is_(None)
    query = sa.select(LEDGERS).where(LEDGERS.c.project_id == workspace.project, when)
    with transaction(workspace) as connection:
        require(workspace, connection, "viewer")
        return [_kept(row._mapping) for row in connection.execute(query.order_by(LEDGERS.c.added_at))]


def write_ledger(workspace: Workspace, sha256: str, path: Path) -> None:
    """Write a ledger's content to a file, all of it or nothing.

    Raises:
        WorkspaceError: it is not in the project, or is damaged there.
    """
    said = hashlib.sha256()
    parts = sa.select(PARTS.c.data).where(PARTS.c.project_id == workspace.project, PARTS.c.sha256 == sha256)
    with transaction(workspace) as connection, staged_file(path) as scratch, scratch.open("wb") as file:
        require(workspace, connection, "viewer")
        for (data,) in connection.execute(parts.order_by(PARTS.c.part).execution_options(yield_per=1)):
            said.update(data)
            file.write(data)
        if said.hexdigest() != sha256:
            raise WorkspaceError(f"{path.name}: is not whole in {workspace.name}; remove it and give it again")


def read_as(workspace: Workspace, ledger: KeptLedger) -> None:
    """Keep how a ledger is to be read, as it says now; what was counted under another reading is forgotten."""
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        said = json.dumps(_reading(ledger), ensure_ascii=False)
        connection.execute(sa.update(LEDGERS).where(_of(workspace, ledger.sha256)).values(reading=said, account=None))
        _used(workspace, connection)
        record.write(workspace, connection, "changed how a ledger is read", ledger.name)


def keep_account(workspace: Workspace, ledger: KeptLedger, account: Mapping[str, Any]) -> None:
    """Keep what reading a ledger gave, so that it need not be read again to be shown.

    Nothing is kept where the ledger is to be read in another way by now.
    """
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "viewer")
        held = connection.execute(sa.select(LEDGERS.c.reading).where(_of(workspace, ledger.sha256))).scalar()
        if held is not None and {**_UNTOLD, **json.loads(held)} == _reading(ledger):
            said = json.dumps(account, ensure_ascii=False)
            connection.execute(sa.update(LEDGERS).where(_of(workspace, ledger.sha256)).values(account=said))


def remove_ledger(workspace: Workspace, sha256: str) -> None:
    """Take a ledger out of the project; it can be had back until the project is erased."""
    _removed(workspace, sha256, now(), "removed a ledger")


def restore_ledger(workspace: Workspace, sha256: str) -> None:
    """Have a removed ledger back."""
    _removed(workspace, sha256, None, "had a ledger back")


_UNTOLD: Mapping[str, Any] = {"institution": None, "sheet": None, "columns": {}, "financial_year": None}


def _reading(ledger: KeptLedger) -> dict[str, Any]:
    return {name: dict(ledger.columns) if name == "columns" else getattr(ledger, name) for name in _UNTOLD}


def _removed(workspace: Workspace, sha256: str, when: str | None, what: str) -> None:
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        connection.execute(sa.update(LEDGERS).where(_of(workspace, sha256)).values(removed_at=when))
        _used(workspace, connection)
        record.write(workspace, connection, what, _name(workspace, connection, sha256))


def _name(workspace: Workspace, connection: sa.Connection, sha256: str) -> str:
    return str(connection.execute(sa.select(LEDGERS.c.name).where(_of(workspace, sha256))).scalar() or "")


def _used(workspace: Workspace, connection: sa.Connection) -> None:
    here = PROJECTS.c.project_id == workspace.project
    connection.execute(sa.update(PROJECTS).where(here).values(used_at=now()))


def _of(workspace: Workspace, sha256: str) -> sa.ColumnElement[bool]:
    return (LEDGERS.c.project_id == workspace.project) & (LEDGERS.c.sha256 == sha256)


def _kept(row: Mapping[Any, Any]) -> KeptLedger:
    reading = {**_UNTOLD, **json.loads(row["reading"])}
    account = json.loads(row["account"]) if row["account"] else None
    return KeptLedger(
        row["name"], row["sha256"], row["size"], reading["institution"], reading["sheet"], reading["columns"],
        reading["financial_year"], account, row["removed_at"] is not None,
    )  # fmt: skip
