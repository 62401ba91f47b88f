"""The files beside a project's ledgers that count in its result: which they are, and where they can be read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cwb import projects
from cwb.ui import session


def standing() -> str:
    """Return a short name for exactly the files that are beside the project's ledgers; nothing where there are none."""
    kept = [f"{one.name} {one.sha256}" for one in projects.added_files(session.within())]
    return hashlib.sha256("\n".join(sorted(kept)).encode()).hexdigest()[:16] if kept else ""


def folder_of(name: str) -> Path | None:
    """Return the folder of those files, as `cwb.added` reads it."""
    if not name:
        return None
    home = session.folder() / "added" / name
    for one in projects.added_files(session.within()):
        if not (home / one.name).is_file():
            projects.write_ledger(session.within(), one.sha256, home / one.name)
    return home
