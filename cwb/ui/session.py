"""What one browser session holds: its ledgers in a folder of its own, its choices and its result.

Nothing here is shared between sessions. The folder goes when Streamlit drops the session (two minutes after the
browser closes), when the person asks, or when the server stops.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cwb.errors import CwbError
from cwb.pipeline import Comparison, LedgerFile, Run


@dataclass(frozen=True)
class Added:
    """A ledger someone gave: its name as given, where its copy is, its content's hash, and how to read it."""

    name: str
    path: Path
    sha256: str
    size: int
    institution: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    def as_ledger(self, undated_year: str | None) -> LedgerFile:
        """Return it as the pipeline takes it."""
        return LedgerFile(self.path, self.institution, undated_year, dict(self.columns) or None, self.sheet)


@dataclass(frozen=True)
class Result:
    """What an analysis gave: runs by label (all years first, where there are several), and the change between years.

    `register` is the index it was matched with, `workspace` the store of decisions it took, and `applied` which those
    were.
    """

    key: str
    name: str
    runs: Mapping[str, Run]
    first: str
    comparison: Comparison | None = None
    register: Path | None = None
    workspace: str = ""
    applied: frozenset[str] = frozenset()


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


def ledgers() -> dict[str, Added]:
    """Return the ledgers of this session by the hash of their content, in the order they came."""
    held: dict[str, Added] = st.session_state.setdefault("ledgers", {})
    return held


def add(name: str, data: bytes) -> None:
    """Keep a ledger.

    Raises:
        CwbError: the same content is here already.
    """
    name = Path(name.replace("\\", "/")).name
    sha = hashlib.sha256(data).hexdigest()
    if sha in ledgers():
        raise CwbError(f"{name}: has the same content as {ledgers()[sha].name}, which is already here; it was left out")
    home = folder() / "ledgers" / sha[:16]
    home.mkdir(parents=True, exist_ok=True)
    path = home / name
    path.write_bytes(data)
    ledgers()[sha] = Added(name, path, sha, len(data))


def remove(sha: str) -> None:
    """Delete a ledger and its copy."""
    gone = ledgers().pop(sha, None)
    if gone is not None:
        gone.path.unlink(missing_ok=True)


def result() -> Result | None:
    """Return what the last analysis gave."""
    found: Result | None = st.session_state.get("result")
    return found


def forget() -> None:
    """Delete this session's ledgers, choices and results at once."""
    held = st.session_state.pop("folder", None)
    if held is not None:
        held.cleanup()
    st.session_state.clear()
