"""Notes pinned to a supplier or a figure: shown where they are pinned, and printed in the report."""

from __future__ import annotations

import html

import streamlit as st

from cwb import projects
from cwb.errors import CwbError
from cwb.projects import Note
from cwb.projects.notes import About
from cwb.ui import session


def pinned(about: About, ref: str, label: str) -> None:
    """Print the notes about a thing, and the way to write another.

    Args:
        about: what kind of thing.
        ref: its supplier_id, or the picture's id.
        label: the name it goes by, which the report prints.
    """
    if session.project() is None:
        return
    mine = [one for one in session.notes() if (one.about, one.ref) == (about, ref)]
    for one in mine:
        _note(one)
    if not session.may("reviewer"):
        return
    key = f"note-{about}-{ref}"
    with st.popover("Pin a note", icon=":material/push_pin:", key=f"{key}-box"):
        with st.form(f"{key}-form", border=False, clear_on_submit=True):
            text = st.text_area("Note, printed in the report", max_chars=2000, key=f"{key}-text")
            if st.form_submit_button("Pin it"):
                _add(about, ref, text, label)
        gone = st.session_state.get("note-gone")
        if gone is not None:
            st.button("Have the removed note back", key=f"{key}-back", on_click=_restore, args=(gone,))


def _note(one: Note) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        said = "<br>".join(html.escape(line) for line in one.text.splitlines())
        st.html(
            f'<div class="cwb"><p class="pinned"><strong>Note:</strong> {said} '
            f'<span class="where">{html.escape(one.who)}, {one.at[:10]}</span></p></div>'
        )
        if session.may("reviewer"):
            st.button(
                "Remove", key=f"unpin-{one.note_id}", on_click=_remove, args=(one.note_id,), type="tertiary",
                help="Remove this note",
            )  # fmt: skip


def _add(about: About, ref: str, text: str, label: str) -> None:
    try:
        projects.add_note(session.within(), about, ref, text, label=label, who=st.session_state.get("review-who", ""))
    except CwbError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.rerun()


def _remove(note_id: str) -> None:
    projects.remove_note(session.within(), note_id)
    st.session_state["note-gone"] = note_id


def _restore(note_id: str) -> None:
    projects.restore_note(session.within(), note_id)
    st.session_state.pop("note-gone", None)
