"""What one browser session holds: its ledgers in a folder of its own, its choices and its result.

Nothing here is shared between sessions. The folder goes when Streamlit drops the session (two minutes after the
browser closes), when the person asks, or when the server stops.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

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
    """What an analysis gave: runs by label (all years first, where there are several), and the change between years."""

    key: str
    name: str
    runs: Mapping[str, Run]
    first: str
    comparison: Comparison | None = None


def folder() -> Path:
    """Return this session's own folder; it is removed with the session."""
    if "folder" not in st.session_state:
        st.session_state["folder"] = tempfile.TemporaryDirectory(prefix="cwb-app-", ignore_cleanup_errors=True)
    return Path(st.session_state["folder"].name)


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
