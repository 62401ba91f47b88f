"""Undo: taking back the last change of a project's settings, wherever these are changed."""

from __future__ import annotations

import streamlit as st

from cwb import projects
from cwb.projects import Change
from cwb.ui import account, parts, session, work


def offer() -> None:
    """Print the button that takes back the last change of the project's settings, where there is one."""
    if session.project() is None or not session.may("reviewer"):
        return
    change = projects.last_change(session.within())
    if change is None:
        return
    who = f", by {change.who}" if change.who != session.me() else ""
    said = f"{change.what}: {change.detail}" if change.detail else change.what
    st.button(
        f"Undo: {parts.plain(said)}{parts.plain(who)}", key="undo-settings", icon=":material/undo:", type="tertiary",
        on_click=_take_back, args=(change,), help="Takes back the last change of this project's settings",
    )  # fmt: skip


def _take_back(change: Change) -> None:
    with parts.clear_errors():
        held = session.ledgers().get(str(change.before.get("sha256")))
        projects.take_back(session.within(), change.sequence)
        if held is not None and "reading" in change.before:
            account.forget_correction(held, change.before["reading"].get("columns", {}))
        session.turn_back()
        if "assumptions" in change.before.get("choices", {}) and (found := work.result()) is not None:
            work.assumed(found, work.assumptions_of(session.choices()))
