"""Where people's work is kept: the store the app was started with, or a file in the user's data folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import streamlit as st

from cwb.errors import WorkspaceError
from cwb.folders import home_folder
from cwb.projects import erase_old
from cwb.workspace import Workspace, current, open_workspace

VARIABLE = "CWB_WORKSPACE"


def where() -> str:
    """Return the path or URL of the store: `CWB_WORKSPACE`, or decisions.db in the platform's data folder.

    Raises:
        WorkspaceError: the data folder cannot be made.
    """
    if told := os.environ.get(VARIABLE):
        return told
    folder = home_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"{folder}: cannot keep your work here ({error.strerror}); name a store: cwb app --workspace FILE"
        ) from None
    return str(folder / "decisions.db")


@st.cache_resource(show_spinner=False, max_entries=8)
def opened(store: str) -> Workspace:
    """Return the open store; all sessions share its connections."""
    return open_workspace(store)


@st.cache_resource(show_spinner=False, ttl="6h")
def tidied(store: str) -> list[str]:
    """Erase what is past its keeping, in the store and on this server, every six hours that the app is used."""
    gone = erase_old(opened(store))
    for project_id in gone:
        shutil.rmtree(results_folder(opened(store)) / project_id, ignore_errors=True)
    return gone


def results_folder(workspace: Workspace) -> Path:
    """Return where results of a store are kept on this server: beside a file, else in the user's data folder."""
    url = workspace.engine.url
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).absolute().with_suffix(".results")
    return home_folder() / "results" / f"{url.host or 'local'}-{url.database}"


def standing_ids(workspace: Workspace) -> frozenset[str]:
    """Return the decision_ids that hold now."""
    return frozenset(current(workspace)["decision_id"])
