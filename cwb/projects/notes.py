"""Notes that people pin to a supplier or a figure; they go into the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

import sqlalchemy as sa

from cwb.errors import WorkspaceError
from cwb.projects import record
from cwb.projects.tables import NOTES, now
from cwb.workspace import Workspace, require, transaction

About = Literal["supplier", "figure"]
_LONGEST = 2000


@dataclass(frozen=True)
class Note:
    """A note: what it is about (a supplier_id or a picture's id) with the name it had, its text, who wrote it, when."""

    note_id: str
    about: str
    ref: str
    label: str
    text: str
    who: str
    at: str


def add_note(workspace: Workspace, about: About, ref: str, text: str, *, label: str, who: str = "") -> Note:
    """Pin a note.

    Args:
        workspace: within a project.
        about: what kind of thing.
        ref: its supplier_id, or the picture's id.
        text: what is to be said; up to 2,000 letters.
        label: the name to print it under.
        who: the writer's name, where nobody signed in.

    Raises:
        WorkspaceError: there is no text, or too much; or the person may not write here.
    """
    said = text.strip()
    if not said:
        raise WorkspaceError("a note needs some text")
    if len(said) > _LONGEST:
        raise WorkspaceError(f"a note has up to {_LONGEST:,} letters; this one has {len(said):,}")
    writer = workspace.person or who.strip() or record.who(workspace)
    note = Note(uuid4().hex, about, ref, label, said, writer, now())
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        connection.execute(sa.insert(NOTES), [vars(note) | {"project_id": workspace.project}])
        record.write(workspace, connection, f"pinned a note to a {about}", "")
    return note


def notes(workspace: Workspace, about: About | None = None, ref: str | None = None) -> list[Note]:
    """Return the project's notes, the oldest first: all, or those about one thing."""
    query = sa.select(NOTES).where(NOTES.c.project_id == workspace.project, NOTES.c.removed_at.is_(None))
    if about is not None:
        query = query.where(NOTES.c.about == about)
    if ref is not None:
        query = query.where(NOTES.c.ref == ref)
    with transaction(workspace) as connection:
        require(workspace, connection, "viewer")
        return [_note(row._mapping) for row in connection.execute(query.order_by(NOTES.c.at))]


def remove_note(workspace: Workspace, note_id: str) -> None:
    """Take a note away; it can be had back until the project is erased."""
    _removed(workspace, note_id, now(), "removed a note")


def restore_note(workspace: Workspace, note_id: str) -> None:
    """Have a removed note back."""
    _removed(workspace, note_id, None, "had a note back")


def _removed(workspace: Workspace, note_id: str, when: str | None, what: str) -> None:
    this = (NOTES.c.project_id == workspace.project) & (NOTES.c.note_id == note_id)
    with transaction(workspace, alone=True) as connection:
        require(workspace, connection, "reviewer")
        connection.execute(sa.update(NOTES).where(this).values(removed_at=when))
        record.write(workspace, connection, what, "")


def _note(row: Mapping[Any, Any]) -> Note:
    return Note(*(row[name] for name in ("note_id", "about", "ref", "label", "text", "who", "at")))
