"""The store of people's work: a SQLite file for one person, PostgreSQL for a team. Here: opening it, and decisions.

The history only grows: a decision is added, and taken back by adding its undoing. Opening a store brings its tables
up to date (cwb/migrations), one opener at a time. What else a project holds is in cwb/projects.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from cwb.decisions import DECISIONS, Decision, standing, undone
from cwb.errors import WorkspaceError
from cwb.schema import conform

_WAIT_SECONDS = 30  # for another writer of the same SQLite file
_AT_ONCE = 500  # identifiers asked for in one question
_LOCK = 0x637762  # PostgreSQL's advisory lock for whoever must be alone: "cwb"
_TABLE = sa.table(
    "decisions", sa.column("sequence"), sa.column("project_id"), *(sa.column(name) for name in DECISIONS.columns)
)
_PROJECTS = sa.table("projects", sa.column("project_id"), sa.column("erased_at"))
_MEMBERS = sa.table("members", sa.column("project_id"), sa.column("person"), sa.column("role"))


@dataclass(frozen=True)
class Workspace:
    """An open store, and whose hands it is in.

    `name` is how it is shown: never with a password. `project` is the one whose decisions are meant; without, those
    made outside any project, which hold in every project. `person` is who signed in, whose role in the project is
    asked at every step; without, it is the one person of this machine, who may do everything.
    """

    name: str
    engine: Engine
    project: str | None = None
    person: str | None = None


class DecidedMeanwhileError(WorkspaceError):
    """Someone else decided about a supplier after the person deciding now last saw it; nothing was recorded."""


class NotAllowedError(WorkspaceError):
    """The person's role in the project does not allow what was asked, or there is no such project for them."""


def open_workspace(where: str | Path) -> Workspace:
    """Open the store at a path (SQLite) or a database URL, making it or bringing it up to date where needed.

    Raises:
        WorkspaceError: it cannot be opened, holds something else, or was made by a newer cwb.
    """
    url = _url(where)
    name = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    try:
        engine = _engine(url)
    except ModuleNotFoundError:
        raise WorkspaceError(f"{name}: PostgreSQL needs its driver: pip install 'cwb[postgres]'") from None
    workspace = Workspace(str(name), engine)
    with transaction(workspace, alone=True) as connection:
        _bring_up_to_date(workspace, connection)
    return workspace


def record(
    workspace: Workspace, decisions: Sequence[Decision], *, seen: Mapping[str, frozenset[str]] | None = None
) -> None:
    """Add decisions to the history, all or none.

    Args:
        workspace: an open store.
        decisions: what was decided.
        seen: by supplier_id, the decision_ids that held when the person decided; if others hold by now, they have not
            seen them, and nothing is recorded.

    Raises:
        WorkspaceError: the store cannot be written, or a decision to be undone is not in it.
        DecidedMeanwhileError: `seen` is out of date.
    """
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        for supplier_id, known in (seen or {}).items():
            holds = set(standing(_read(workspace, connection, _TABLE.c.supplier_id == supplier_id))["decision_id"])
            if holds != known:
                raise DecidedMeanwhileError(f"{workspace.name}: someone else decided about this supplier meanwhile")
        _insert(workspace, connection, decisions)


def undo(workspace: Workspace, decision_id: str, *, who: str, why: str = "") -> Decision:
    """Take back a decision, by its identifier or enough of its start, and return the undoing.

    What held before it holds again; the history keeps both.

    Raises:
        WorkspaceError: there is no such decision, several begin like that, or it does not hold now.
    """
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        found = _read(workspace, connection, _TABLE.c.decision_id.startswith(decision_id, autoescape=True))
        if found.height != 1 or not decision_id:
            several = "several decisions begin" if found.height else "no decision begins"
            raise WorkspaceError(f"{workspace.name}: {several} with '{decision_id}'; `cwb review log` lists them")
        taken = found.row(0, named=True)
        if taken["decision_id"] in undone(_read(workspace, connection, _TABLE.c.supplier_id == taken["supplier_id"])):
            raise WorkspaceError(f"{workspace.name}: decision {taken['decision_id']} is undone already")
        undoing = Decision(
            supplier_id=taken["supplier_id"], supplier_name=taken["supplier_name"], kind="undo", who=who, why=why,
            undoes=taken["decision_id"],
        )  # fmt: skip
        _insert(workspace, connection, [undoing])
    return undoing


def history(workspace: Workspace) -> pl.DataFrame:
    """Return every decision ever made, as DECISIONS, in the order they came into this store."""
    with transaction(workspace) as connection:
        require(workspace, connection, "viewer")
        return _read(workspace, connection)


def since(workspace: Workspace, sequence: int) -> tuple[pl.DataFrame, int]:
    """Return the decisions that came into this store after `sequence` (0: all), as DECISIONS, and the last one's.

    A store is written by one at a time, so nothing comes in later with an earlier sequence.
    """
    with transaction(workspace) as connection:
        require(workspace, connection, "viewer")
        last = connection.execute(sa.select(sa.func.max(_TABLE.c.sequence))).scalar() or 0
        if last <= sequence:
            return DECISIONS.empty(), sequence
        return _read(workspace, connection, _TABLE.c.sequence > sequence, _TABLE.c.sequence <= last), last


def current(workspace: Workspace | str) -> pl.DataFrame:
    """Return the decisions that hold now in a store, open or to be opened; see `cwb.decisions.standing`."""
    return standing(history(open_workspace(workspace) if isinstance(workspace, str) else workspace))


def add_history(workspace: Workspace, decisions: Sequence[Decision]) -> tuple[int, int]:
    """Add the decisions of another store, all or none; return how many were new, and how many were here already."""
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        known = set(_read(workspace, connection)["decision_id"])
        new = [d for d in decisions if d.decision_id not in known]
        _insert(workspace, connection, new)
    return len(new), len(decisions) - len(new)


def _url(where: str | Path) -> URL:
    text = str(where)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        raise WorkspaceError("the workspace is not a path or a database URL, as postgresql://user@host/name") from None
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database:
        return url
    raise WorkspaceError(f"a workspace is a SQLite file or a PostgreSQL database, not {backend}")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"timeout": _WAIT_SECONDS})

    # The driver's own transactions start late and leave DDL out; SQLAlchemy's documentation gives this way round it.
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


@contextmanager
def transaction(workspace: Workspace, *, alone: bool = False) -> Iterator[Connection]:
    """Give a connection in a transaction that ends with the block; `alone` waits until no other is in such a block."""
    try:
        with workspace.engine.begin() as connection:
            if alone and connection.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection
    except DBAPIError as error:
        # The driver's message names host and user at most; SQLAlchemy's would add statement and values.
        said = str(error.orig).strip().splitlines()[0]
        raise WorkspaceError(f"{workspace.name}: cannot be used as a workspace: {said}") from None


ROLES = ("viewer", "reviewer", "owner")  # each may do what those before it may


def require(workspace: Workspace, connection: Connection, role: str) -> None:
    """Refuse whoever is not at least this in the workspace's project; see `ROLES`.

    Raises:
        NotAllowedError: so it is; that there is such a project is not told to those outside it.
    """
    if workspace.person is None and workspace.project is None:
        return
    held = _role(workspace, connection)
    if held is None:
        raise NotAllowedError("there is no such project, or you are not a member of it")
    if ROLES.index(held) < ROLES.index(role):
        raise NotAllowedError(f"this needs the role of {role} in the project; yours is {held}. Ask one of its owners")


def _role(workspace: Workspace, connection: Connection) -> str | None:
    here = sa.select(_PROJECTS.c.project_id).where(
        _PROJECTS.c.project_id == workspace.project, _PROJECTS.c.erased_at.is_(None)
    )
    if workspace.person is None:
        return "owner" if connection.execute(here).first() else None
    held = sa.select(_MEMBERS.c.role).where(_MEMBERS.c.project_id.in_(here), _MEMBERS.c.person == workspace.person)
    role: str | None = connection.execute(held).scalar()
    return role


def _bring_up_to_date(workspace: Workspace, connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "cwb:migrations")
    config.attributes["connection"] = connection
    tables = set(sa.inspect(connection).get_table_names())
    at = None
    if "alembic_version" in tables:
        at = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    elif tables:
        raise WorkspaceError(f"{workspace.name}: this database holds something else; a workspace needs one of its own")
    script = ScriptDirectory.from_config(config)
    if at == script.get_current_head():
        return
    if at is not None and at not in {step.revision for step in script.walk_revisions()}:
        raise WorkspaceError(f"{workspace.name}: this workspace was made by a newer cwb (its tables are at '{at}')")
    command.upgrade(config, "head")


def _read(workspace: Workspace, connection: Connection, *only: sa.ColumnElement[bool]) -> pl.DataFrame:
    columns = [_TABLE.c[name] for name in DECISIONS.columns]
    of_these: sa.ColumnElement[bool] = _TABLE.c.project_id.is_(None)
    if workspace.project is not None:
        of_these |= _TABLE.c.project_id == workspace.project
    rows = connection.execute(sa.select(*columns).where(of_these, *only).order_by(_TABLE.c.sequence)).all()
    frame = pl.DataFrame([tuple(row) for row in rows], schema=DECISIONS.dtypes, orient="row")
    return conform(frame, DECISIONS)


def _insert(workspace: Workspace, connection: Connection, decisions: Sequence[Decision]) -> None:
    if not decisions:
        return
    if workspace.person is not None and any(decision.who != workspace.person for decision in decisions):
        raise NotAllowedError("a decision is made in the name of who signed in, never in another's")
    asked = sorted({d.decision_id for d in decisions} | {d.undoes for d in decisions if d.undoes is not None})
    known: set[str] = set()
    seen: set[str] = set()  # of those, what this project sees
    for at in range(0, len(asked), _AT_ONCE):
        held = sa.select(_TABLE.c.decision_id, _TABLE.c.project_id).where(
            _TABLE.c.decision_id.in_(asked[at : at + _AT_ONCE])
        )
        for decision_id, project_id in connection.execute(held):
            known.add(decision_id)
            if project_id in (None, workspace.project):
                seen.add(decision_id)
    for decision in decisions:
        # An undo comes after what it undoes, so that undoings cannot go round in a ring.
        if decision.undoes is not None and decision.undoes not in seen:
            raise WorkspaceError(f"{workspace.name}: no decision '{decision.undoes}' to undo")
        if decision.decision_id in known:
            raise WorkspaceError(f"{workspace.name}: decision '{decision.decision_id}' is in the history already")
        known.add(decision.decision_id)
        seen.add(decision.decision_id)
    own = {"project_id": workspace.project}
    connection.execute(sa.insert(_TABLE), [decision.model_dump() | own for decision in decisions])
