"""The files beside a project's ledgers that count in its result: which they are, and what they say."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cwb import projects
from cwb.added import read_added
from cwb.errors import CwbError
from cwb.indicators.measures import NOTHING, Added
from cwb.ui import session


def standing() -> str:
    """Return a short name for exactly the files that are beside the project's ledgers; nothing where there are none."""
    kept = [f"{one.name} {one.sha256}" for one in projects.added_files(session.within())]
    return hashlib.sha256("\n".join(sorted(kept)).encode()).hexdigest()[:16] if kept else ""


def read(name: str) -> Added:
    """Return what those files say, by that name of them.

    Raises:
        CwbError: one cannot be used, or lacks another that was taken away.
    """
    if not name:
        return NOTHING
    home = session.folder() / "added" / name
    copy_to(home)
    return read_in(home)


def copy_to(home: Path) -> None:
    """Write the files that are beside the project's ledgers to a folder, where they are not there yet."""
    for one in projects.added_files(session.within()):
        if not (home / one.name).is_file():
            projects.write_ledger(session.within(), one.sha256, home / one.name)


def read_in(home: Path) -> Added:
    """Return what the files in a folder say.

    Raises:
        CwbError: one cannot be used; it is named as the person knows it.
    """
    try:
        return read_added(home)
    except CwbError as error:
        raise CwbError(str(error).replace(f"{home}/", "")) from None
