"""Projects: made, listed, opened, renamed, shared, and erased."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import polars as pl
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.engine import Connection

from cwb.errors import WorkspaceError
from cwb.projects import record
from cwb.projects.tables import AUDIT, DECISIONS, LEDGERS, MEMBERS, NOBODY, NOTES, PARTS, PROJECTS, RUNS, now
from cwb.workspace import ROLES, NotAllowedError, Workspace, require, transaction

_OWNED = (DECISIONS, AUDIT, NOTES, RUNS, PARTS, LEDGERS, MEMBERS)  # what goes with a project


class Choices(BaseModel):
    """What a project is analysed with. Texts are as their files would be; `register` names an index of this server."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    place: str = ""
    own_place: str = ""
    register_name: str = ""
    register_folder: str = ""
    undated_year: str = ""
    basis: str = "best_evidence"
    show_individuals: bool = False
    assumptions: str = ""
    scenarios: str = ""


@dataclass(frozen=True)
class Project:
    """A project as one person sees it: `role` is theirs, `run_key` names the result that stands, if any."""

    project_id: str
    name: str
    role: str
    choices: Choices
    run_key: str | None
    keep_days: int | None
    created_at: str
    used_at: str

    def may(self, role: str) -> bool:
        """Say whether the person may do what `role` may."""
        return ROLES.index(self.role) >= ROLES.index(role)


def create(workspace: Workspace, name: str) -> Workspace:
    """Make a project, owned by who makes it; return the workspace within it.

    Raises:
        WorkspaceError: the name is empty, or the store cannot be written.
    """
    within = replace(workspace, project=uuid4().hex)
    with transaction(workspace, alone=True) as connection:
        row = {
            "project_id": within.project, "name": _named(name), "created_at": now(), "created_by": record.who(within),
            "settings": Choices().model_dump_json(), "used_at": now(),
        }  # fmt: skip
        connection.execute(sa.insert(PROJECTS), [row])
        member = {"project_id": within.project, "person": workspace.person or NOBODY, "role": "owner"}
        connection.execute(sa.insert(MEMBERS), [member | {"opened_at": now()}])
        record.write(within, connection, "made the project", name)
    return within


def within(workspace: Workspace, project_id: str) -> Workspace:
    """Return the workspace within a project; every step taken with it is checked for the person's role there."""
    return replace(workspace, project=project_id)


def listing(workspace: Workspace) -> list[Project]:
    """Return the projects that the person is a member of, the last used first; without sign-in, all."""
    role: sa.ColumnElement[str] = sa.literal("owner")
    query = sa.select(PROJECTS).where(PROJECTS.c.erased_at.is_(None))
    if workspace.person is not None:
        role = MEMBERS.c.role
        query = query.join(MEMBERS, MEMBERS.c.project_id == PROJECTS.c.project_id)
        query = query.where(MEMBERS.c.person == workspace.person)
    query = query.add_columns(role.label("role")).order_by(PROJECTS.c.used_at.desc())
    with transaction(workspace) as connection:
        return [_project(row._mapping) for row in connection.execute(query)]


def open_project(workspace: Workspace) -> Project:
    """Return the workspace's project as the person sees it.

    Raises:
        NotAllowedError: there is none, or they are no member of it.
    """
    found = next((one for one in listing(workspace) if one.project_id == workspace.project), None)
    if found is None:
        raise NotAllowedError("there is no such project, or you are not a member of it")
    return found


def last_opened(workspace: Workspace) -> tuple[str, str] | None:
    """Return the project that the person opened last and the page they left it at; None if they have none."""
    query = (
        sa.select(MEMBERS.c.project_id, MEMBERS.c.page)
        .join(PROJECTS, MEMBERS.c.project_id == PROJECTS.c.project_id)
        .where(MEMBERS.c.person == (workspace.person or NOBODY), PROJECTS.c.erased_at.is_(None))
        .order_by(MEMBERS.c.opened_at.desc())
        .limit(1)
    )
    with transaction(workspace) as connection:
        row = connection.execute(query).first()
    return (row[0], row[1] or "") if row else None


def note_page(workspace: Workspace, page: str) -> None:
    """Keep that the person is at a page of the project, so that it opens there next time."""
    at = {"opened_at": now(), "page": page}
    person = workspace.person or NOBODY
    mine = (MEMBERS.c.project_id == workspace.project) & (MEMBERS.c.person == person)
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "viewer")
        connection.execute(sa.update(MEMBERS).where(mine).values(at))


def rename(workspace: Workspace, name: str) -> None:
    """Give the project another name."""
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "owner")
        _set(workspace, connection, name=_named(name))
        record.write(workspace, connection, "renamed the project", name)


def choose(workspace: Workspace, **changes: Any) -> Choices:
    """Change some of the project's `Choices`, and return them all as they are now."""
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        before, after = choose_again(workspace, connection, changes)
        if after != before:
            told = ", ".join(sorted(changes)).replace("_", " ")
            was = {"choices": {name: getattr(before, name) for name in changes}}
            record.write(workspace, connection, "changed choices", told, before=was)
    return after


def choose_again(workspace: Workspace, connection: Connection, changes: Mapping[str, Any]) -> tuple[Choices, Choices]:
    """Change some choices in a transaction; return what they were and what they are."""
    here = PROJECTS.c.project_id == workspace.project
    before = Choices.model_validate_json(connection.execute(sa.select(PROJECTS.c.settings).where(here)).scalar_one())
    after = before.model_copy(update=dict(changes))
    if after != before:
        _set(workspace, connection, settings=after.model_dump_json())
    return before, after


def adopt_run(workspace: Workspace, run_key: str, summary: Mapping[str, Any]) -> None:
    """Make a result the one that stands in the project, and keep its summary.

    Raises:
        NotAllowedError: the person may not analyse here.
    """
    row = {"project_id": workspace.project, "run_key": run_key}
    same = (RUNS.c.project_id == workspace.project) & (RUNS.c.run_key == run_key)
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        connection.execute(sa.delete(RUNS).where(same))
        made = {"made_at": now(), "made_by": record.who(workspace), "summary": json.dumps(summary, ensure_ascii=False)}
        connection.execute(sa.insert(RUNS), [row | made])
        _set(workspace, connection, run_key=run_key)
        record.write(workspace, connection, "analysed", f"result {run_key[:8]}")


def runs(workspace: Workspace) -> pl.DataFrame:
    """Return the project's results, newest first: run_key, made_at (UTC), made_by, summary (JSON)."""
    columns = ("run_key", "made_at", "made_by", "summary")
    query = sa.select(*(RUNS.c[name] for name in columns)).where(RUNS.c.project_id == workspace.project)
    with transaction(workspace) as connection:
        require(workspace, connection, "viewer")
        rows = connection.execute(query.order_by(RUNS.c.made_at.desc())).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=dict.fromkeys(columns, pl.String), orient="row")


def members(workspace: Workspace) -> list[tuple[str, str]]:
    """Return the project's members with their roles."""
    query = sa.select(MEMBERS.c.person, MEMBERS.c.role).where(
        MEMBERS.c.project_id == workspace.project, MEMBERS.c.person != NOBODY
    )
    with transaction(workspace) as connection:
        require(workspace, connection, "viewer")
        return [(person, role) for person, role in connection.execute(query.order_by(MEMBERS.c.person))]


def give_role(workspace: Workspace, person: str, role: str) -> None:
    """Make someone a member with a role, or change theirs.

    Raises:
        WorkspaceError: the role is none, or the project would be left without an owner.
    """
    if role not in ROLES:
        raise WorkspaceError(f"'{role}' is no role; there are {', '.join(ROLES)}")
    person = person.strip().casefold()
    if not person or "@" not in person:
        raise WorkspaceError(f"'{person}' is no email address; a member is known by the one they sign in with")
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "owner")
        held = _of(workspace, person)
        if connection.execute(sa.select(MEMBERS.c.role).where(held)).first():
            connection.execute(sa.update(MEMBERS).where(held).values(role=role))
        else:
            connection.execute(sa.insert(MEMBERS), [{"project_id": workspace.project, "person": person, "role": role}])
        _owned_still(workspace, connection)
        record.write(workspace, connection, f"gave the role of {role}", person)


def take_role(workspace: Workspace, person: str) -> None:
    """Take someone out of the project."""
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "owner")
        connection.execute(sa.delete(MEMBERS).where(_of(workspace, person)))
        _owned_still(workspace, connection)
        record.write(workspace, connection, "took out of the project", person)


def retain(workspace: Workspace, keep_days: int | None) -> None:
    """Say after how many days without use the project is erased by itself; None: never."""
    if keep_days is not None and keep_days < 1:
        raise WorkspaceError(f"{keep_days} days: a project is kept for at least one")
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "owner")
        _set(workspace, connection, keep_days=keep_days)
        said = "until it is deleted" if keep_days is None else f"{keep_days} days after its last use"
        record.write(workspace, connection, "keeps the project", said)


def erase(workspace: Workspace) -> None:
    """Delete all that a project holds, for good: ledgers, decisions, notes, results, members and its record.

    What stays is that a project was there, without its name, and when it was erased.
    """
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "owner")
        _erase(connection, str(workspace.project))


def erase_old(workspace: Workspace) -> list[str]:
    """Erase the projects that were not used for as long as their owners keep them; return their identifiers."""
    today = datetime.now(UTC)
    query = sa.select(PROJECTS.c.project_id, PROJECTS.c.used_at, PROJECTS.c.keep_days).where(
        PROJECTS.c.erased_at.is_(None), PROJECTS.c.keep_days.is_not(None)
    )
    with transaction(workspace, alone=True) as connection:
        old = [
            project_id
            for project_id, used_at, days in connection.execute(query)
            if datetime.fromisoformat(used_at) + timedelta(days=days) < today
        ]
        for project_id in old:
            _erase(connection, project_id)
    return old


def _erase(connection: Connection, project_id: str) -> None:
    erased = {"erased_at": now(), "name": "", "created_by": "", "settings": "{}", "run_key": None}
    connection.execute(sa.update(PROJECTS).where(PROJECTS.c.project_id == project_id).values(erased))
    for table in _OWNED:
        connection.execute(sa.delete(table).where(table.c.project_id == project_id))


def _set(workspace: Workspace, connection: Connection, **values: Any) -> None:
    here = PROJECTS.c.project_id == workspace.project
    connection.execute(sa.update(PROJECTS).where(here).values({**values, "used_at": now()}))


def _of(workspace: Workspace, person: str) -> sa.ColumnElement[bool]:
    return (MEMBERS.c.project_id == workspace.project) & (MEMBERS.c.person == person)


def _owned_still(workspace: Workspace, connection: Connection) -> None:
    owners = sa.select(MEMBERS.c.person).where(MEMBERS.c.project_id == workspace.project, MEMBERS.c.role == "owner")
    if connection.execute(owners).first() is None:
        raise WorkspaceError("a project needs an owner; make someone else one first")


def _named(name: str) -> str:
    said = " ".join(name.split())[:120]
    if not said:
        raise WorkspaceError("a project needs a name")
    return said


def _project(row: Mapping[Any, Any]) -> Project:
    return Project(
        row["project_id"], row["name"], row["role"], Choices.model_validate_json(row["settings"]), row["run_key"],
        row["keep_days"], row["created_at"], row["used_at"],
    )  # fmt: skip
