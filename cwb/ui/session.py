"""What one browser session is at: a project of the workspace, and a folder of its own for passing files.

What matters is in the store (cwb/projects) before a page shows it; a session may end at any time. The folder goes when
Streamlit drops the session (two minutes after the browser closes), when the person asks, or when the server stops.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cwb import projects
from cwb.errors import WorkspaceError
from cwb.pipeline import Comparison, LedgerFile, Run
from cwb.projects import Choices, KeptLedger, Note, Project
from cwb.ui import people, review_store
from cwb.workspace import NotAllowedError, Workspace

NEW = "new"  # ?project=new: none yet; the first ledger makes one
_HERE = "project-here"  # where it is `_NONE`, the person asked for no project
_NONE = ""
_TURN = "settings-turn"


@dataclass(frozen=True)
class Result:
    """What an analysis gave: runs by label (all years first, where there are several), and the change between years.

    Sessions share it, so it is never changed. Its runs hold what is shown; the rows and the evidence behind them are in
    `folder` (see `cwb.kept_runs` and `cwb.ui.work`). `register` is the index it was matched with; `applied` and `added`
    are the decisions and the files beside ledgers that counted when it was made.
    """

    key: str
    name: str
    runs: Mapping[str, Run]
    first: str
    folder: Path
    comparison: Comparison | None = None
    register: Path | None = None
    applied: frozenset[str] = frozenset()
    added: str = ""


# --- the project at hand ----------------------------------------------------------------------------------------------


def store() -> Workspace:
    """Return the store in the hands of who is here, within no project."""
    where = review_store.where()
    held = review_store.opened(where)
    review_store.tidied(where)
    return Workspace(held.name, held.engine, person=people.person())


def enter() -> None:
    """Find the project that this run of a page is about: the address's, else this session's, else the last opened.

    Raises:
        NotAllowedError: the address names one that is none of theirs.
    """
    asked = st.query_params.get("project")
    if asked == NEW:
        if st.session_state.get(_HERE) != _NONE:
            leave()
    elif asked and asked != st.session_state.get(_HERE):
        open_one(asked)
    elif _HERE not in st.session_state:
        last = projects.last_opened(store())
        st.session_state[_HERE] = last[0] if last else None
        st.session_state["left-at"] = last[1] if last else ""
    refresh()


def refresh() -> None:
    """Read the project at hand again from the store."""
    here = st.session_state.get(_HERE)
    st.session_state["project"], st.session_state["ledgers"], st.session_state["notes"] = None, {}, []
    if not here:
        if here == _NONE and "project" not in st.query_params:
            st.query_params["project"] = NEW  # so that the browser's reload begins here again
        return
    try:
        st.session_state["project"] = projects.open_project(within())
    except NotAllowedError:
        st.session_state[_HERE] = None  # gone, or theirs no more
        raise
    st.session_state["ledgers"] = {one.sha256: one for one in projects.ledgers(within())}
    st.session_state["notes"] = projects.notes(within())
    if st.query_params.get("project") != here:
        st.query_params["project"] = here


def open_one(project_id: str) -> None:
    """Go to a project; what other pages held of another is let go."""
    st.session_state[_HERE] = project_id
    for name in ("year", "review-desk", "said"):
        st.session_state.pop(name, None)


def leave() -> None:
    """Go to no project."""
    open_one(_NONE)


def within() -> Workspace:
    """Return the store within the project at hand.

    Raises:
        WorkspaceError: there is none.
    """
    here = st.session_state.get(_HERE)
    if not here:
        raise WorkspaceError("no project is open; choose one on the Projects page, or add a ledger")
    return projects.within(store(), here)


def begin(name: str) -> Workspace:
    """Return the store within the project at hand; where there is none, make one of that name."""
    if not st.session_state.get(_HERE):
        made = projects.create(store(), name)
        open_one(str(made.project))
        refresh()
    return within()


def project() -> Project | None:
    """Return the project at hand as it was when this run of the page began."""
    found: Project | None = st.session_state.get("project")
    return found


def choose(**changes: Any) -> None:
    """Change some of the project's choices, saved at once."""
    projects.choose(within(), **changes)
    refresh()


def choices() -> Choices:
    """Return what the project at hand is analysed with."""
    found = project()
    return found.choices if found else Choices()


def turn() -> int:
    """Return how often settings were taken back: widgets that show them go by it, to begin anew with what is kept."""
    times: int = st.session_state.get(_TURN, 0)
    return times


def turn_back() -> None:
    """Have widgets that show settings begin anew."""
    st.session_state[_TURN] = turn() + 1
    refresh()


def me() -> str:
    """Return in whose name this session does things, as the record says it."""
    return projects.who(store())


def may(role: str) -> bool:
    """Say whether the person may do what a role may; the store refuses the rest whatever a page shows."""
    found = project()
    return found is None or found.may(role)


def ledgers() -> dict[str, KeptLedger]:
    """Return the project's ledgers by the hash of their content, in the order they came."""
    held: dict[str, KeptLedger] = st.session_state.get("ledgers", {})
    return held


def notes() -> list[Note]:
    """Return the project's notes, the oldest first."""
    held: list[Note] = st.session_state.get("notes", [])
    return held


# --- files on their way -----------------------------------------------------------------------------------------------


def ledger_file(ledger: KeptLedger, undated_year: str | None = None) -> LedgerFile:
    """Return a ledger as the pipeline takes it, its content in this session's folder."""
    home = folder() / "ledgers" / ledger.sha256[:16]
    path = home / ledger.name
    if not path.is_file():
        projects.write_ledger(within(), ledger.sha256, path)
    year = ledger.financial_year or undated_year
    return LedgerFile(path, ledger.institution, year, dict(ledger.columns) or None, ledger.sheet)


def _leave(path: str, session_id: str) -> None:
    """Remove a session's folder, unless its browser is back."""
    if not (runtime.exists() and runtime.get_instance().is_active_session(session_id)):
        shutil.rmtree(path, ignore_errors=True)


def _when_gone(present: tuple[str, str]) -> None:
    """Streamlit calls this when the browser is gone; it may come back for a while, with the same session."""
    wait = threading.Timer(st.get_option("server.disconnectedSessionTTL") + 1, _leave, present)
    wait.daemon = True
    wait.start()


@st.cache_resource(scope="session", show_spinner=False, on_release=_when_gone)
def _present(path: str, session_id: str) -> tuple[str, str]:
    return path, session_id


def folder() -> Path:
    """Return this session's own folder. It goes with the session, and at the latest when the server stops."""
    if "folder" not in st.session_state:
        st.session_state["folder"] = tempfile.TemporaryDirectory(prefix="cwb-app-", ignore_cleanup_errors=True)
    path: str = st.session_state["folder"].name
    context = get_script_run_ctx()
    if context is not None:
        _present(path, context.session_id)
    return Path(path)


def stay() -> None:
    """Say that this session's browser is here; every run of every page does."""
    if "folder" in st.session_state:
        folder()


def forget() -> None:
    """Delete what this session holds at once."""
    held = st.session_state.pop("folder", None)
    if held is not None:
        held.cleanup()
    st.session_state.clear()
