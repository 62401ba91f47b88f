"""The files of a project, ledgers and what is added beside them: their bytes, by hash, and how each is to be read."""

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
LEDGER, ADDED = "ledger", "added"
_SAID = {LEDGER: "a ledger", ADDED: "a file"}


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
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        return _add(workspace, connection, name, data, LEDGER)


def add_file(workspace: Workspace, name: str, data: bytes | memoryview) -> KeptLedger:
    """Keep a file that is added beside ledgers (see `cwb.added`), in place of one of that name, as a ledger is kept.

    Raises:
        CwbError: the same content is here already.
        WorkspaceError: the store cannot be written, or the person may not add here.
    """
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        same = (LEDGERS.c.project_id == workspace.project) & (LEDGERS.c.kind == ADDED) & LEDGERS.c.removed_at.is_(None)
        older = connection.execute(sa.select(LEDGERS.c.sha256).where(same, LEDGERS.c.name == name)).scalars().all()
        for sha in older:
            _remove(workspace, connection, sha, now(), "removed")
        return _add(workspace, connection, name, data, ADDED)


def _add(workspace: Workspace, connection: sa.Connection, name: str, data: bytes | memoryview, kind: str) -> KeptLedger:
    name = Path(name.replace("\\", "/")).name
    sha = hashlib.sha256(data).hexdigest()
    view = memoryview(data)
    same = connection.execute(sa.select(LEDGERS.c.name, LEDGERS.c.removed_at).where(_of(workspace, sha))).first()
    if same and same[1] is None:
        raise CwbError(f"{name}: has the same content as {same[0]}, which is already here; it was left out")
    if same:
        again = {"removed_at": None, "added_at": now(), "kind": kind, "name": name}
        connection.execute(sa.update(LEDGERS).where(_of(workspace, sha)).values(again))
    else:
        row = {
            "project_id": workspace.project, "sha256": sha, "name": name, "size": len(view), "reading": "{}",
            "added_at": now(), "added_by": record.who(workspace), "kind": kind,
        }  # fmt: skip
        connection.execute(sa.insert(LEDGERS), [row])
        key = {"project_id": workspace.project, "sha256": sha}
        for part, at in enumerate(range(0, len(view), _PART_BYTES)):
            piece = {"part": part, "data": bytes(view[at : at + _PART_BYTES])}
            connection.execute(sa.insert(PARTS), [key | piece])
    _used(workspace, connection)
    before = {"sha256": sha, "removed_at": now()}
    record.write(workspace, connection, f"added {_SAID[kind]}", name, before=before)
    return KeptLedger(name, sha, len(view))


def ledgers(workspace: Workspace, *, removed: bool = False) -> list[KeptLedger]:
    """Return the project's ledgers in the order they came; or those removed, which can be had back."""
    return _listed(workspace, LEDGER, LEDGERS.c.removed_at.is_not(None) if removed else LEDGERS.c.removed_at.is_(None))


def added_files(workspace: Workspace) -> list[KeptLedger]:
    """Return the project's files beside its ledgers, in the order they came."""
    return _listed(workspace, ADDED, LEDGERS.c.removed_at.is_(None))


def _listed(workspace: Workspace, kind: str, when: sa.ColumnElement[bool]) -> list[KeptLedger]:
    query = sa.select(LEDGERS).where(LEDGERS.c.project_id == workspace.project, LEDGERS.c.kind == kind, when)
    with transaction(workspace) as connection:
        require(workspace, connection, "viewer")
        return [_kept(row._mapping) for row in connection.execute(query.order_by(LEDGERS.c.added_at))]


def write_ledger(workspace: Workspace, sha256: str, path: Path) -> None:
    """Write a kept file's content to a file, all of it or nothing.

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
        held = sa.select(LEDGERS.c.reading).where(_of(workspace, ledger.sha256))
        before = {"sha256": ledger.sha256, "reading": json.loads(connection.execute(held).scalar() or "{}")}
        put_back(workspace, connection, {"sha256": ledger.sha256, "reading": _reading(ledger)})
        record.write(workspace, connection, "changed how a ledger is read", ledger.name, before=before)


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
    """Take a ledger, or a file beside them, out of the project; it can be had back until the project is erased."""
    _removed(workspace, sha256, now(), "removed")


def restore_ledger(workspace: Workspace, sha256: str) -> None:
    """Have a removed ledger or file back."""
    _removed(workspace, sha256, None, "had back")


_UNTOLD: Mapping[str, Any] = {"institution": None, "sheet": None, "columns": {}, "financial_year": None}


def _reading(ledger: KeptLedger) -> dict[str, Any]:
    return {name: dict(ledger.columns) if name == "columns" else getattr(ledger, name) for name in _UNTOLD}


def _removed(workspace: Workspace, sha256: str, when: str | None, what: str) -> None:
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        _remove(workspace, connection, sha256, when, what)


def _remove(workspace: Workspace, connection: sa.Connection, sha256: str, when: str | None, what: str) -> None:
    put_back(workspace, connection, {"sha256": sha256, "removed_at": when})
    held = sa.select(LEDGERS.c.name, LEDGERS.c.kind).where(_of(workspace, sha256))
    name, kind = connection.execute(held).first() or ("", LEDGER)
    before = {"sha256": sha256, "removed_at": None if when else now()}
    record.write(workspace, connection, f"{what} {_SAID[kind]}", name, before=before)


def put_back(workspace: Workspace, connection: sa.Connection, was: Mapping[str, Any]) -> None:
    """Put a ledger in a transaction as it was: `sha256`, and `removed_at` or its `reading`."""
    values: dict[str, Any] = {"removed_at": was.get("removed_at")}
    if "reading" in was:
        values = {"reading": json.dumps(was["reading"], ensure_ascii=False), "account": None}
    connection.execute(sa.update(LEDGERS).where(_of(workspace, was["sha256"])).values(values))
    _used(workspace, connection)


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
