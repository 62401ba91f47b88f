"""Where people's decisions are kept: the store the app was started with, or a file in the user's data folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import streamlit as st

from cwb.errors import WorkspaceError
from cwb.workspace import Workspace, current, open_workspace

VARIABLE = "CWB_WORKSPACE"


def where() -> str:
    """Return the path or URL of the store: `CWB_WORKSPACE`, or decisions.db in the platform's data folder.

    Raises:
        WorkspaceError: the data folder cannot be made.
    """
    if told := os.environ.get(VARIABLE):
        return told
    folder = _data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"{folder}: cannot keep decisions here ({error.strerror}); name a store: cwb app --workspace FILE"
        ) from None
    return str(folder / "decisions.db")


def _data_folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "cwb"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming")) / "cwb"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "cwb"


@st.cache_resource(show_spinner=False, max_entries=200)
def opened(store: str) -> Workspace:
    """Return the open store; all sessions share its connections."""
    return open_workspace(store)


def standing_ids(store: str) -> frozenset[str]:
    """Return the decision_ids that hold now."""
    return frozenset(current(opened(store))["decision_id"])
