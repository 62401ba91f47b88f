"""This project: its name and people, how long it is kept, the record of what was done in it, and its end."""

from __future__ import annotations

import streamlit as st

from cwb import projects
from cwb.projects import Project
from cwb.ui import parts, people, session, undo, work
from cwb.ui.parts import Col
from cwb.workspace import ROLES

_SAID = {
    "viewer": "Viewer: looks and takes away",
    "reviewer": "Reviewer: also adds ledgers, decides and analyses",
    "owner": "Owner: also says who may, and deletes",
}
_LINES = 50


def page() -> None:
    """Print the page."""
    parts.heading("This project", "Who works in it, how long it is kept, and everything that was done in it.")
    project = session.project()
    if project is None:
        parts.show(
            '<h2 class="statement">No project is open</h2><p class="lead">Open one on the Projects page, or add a '
            "ledger: it begins a project of its own.</p>"
        )
        return
    if project.may("owner"):
        _rename(project)
    if people.has_sign_in():
        _members(project)
    _record(project)
    if project.may("owner"):
        _keep(project)
        _erase(project)


def _rename(project: Project) -> None:
    key = f"name-{project.project_id}"

    def keep() -> None:
        with parts.clear_errors():
            projects.rename(session.within(), st.session_state[key])

    st.text_input("Name", value=project.name, key=key, max_chars=120, on_change=keep)


def _members(project: Project) -> None:
    st.header("People", anchor=False)
    held = projects.members(session.within())
    parts.print_table(
        ["Person", "Role"], [[parts.esc(person), parts.esc(_SAID[role])] for person, role in held], "Members",
        numeric=[False, False],
    )  # fmt: skip
    if not project.may("owner"):
        return
    with st.form("member", border=False, clear_on_submit=True):
        person = st.text_input("Email address that they sign in with", max_chars=320, type="email")
        role = st.selectbox("Role", ROLES, format_func=lambda one: _SAID[one])
        if st.form_submit_button("Add, or change the role", icon=":material/person_add:"):
            projects.give_role(session.within(), person, role)
            st.rerun()
    if len(held) > 1:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            gone = st.selectbox("Member", [person for person, _ in held], key="member-gone")
            if st.button("Take out of the project", icon=":material/person_remove:"):
                projects.take_role(session.within(), gone)
                st.rerun()


def _record(project: Project) -> None:
    st.header("What was done", anchor=False)
    undo.offer()
    frame = projects.audit(session.within())
    last = max(1, -(-frame.height // _LINES))
    at = min(last, st.pagination(last, key="record-page")) if last > 1 else 1
    shown = frame.slice((at - 1) * _LINES, _LINES)
    parts.table(
        shown.with_columns(shown["at"].str.slice(0, 16).str.replace("T", " ")),
        [Col("at", "When (UTC)"), Col("who", "Who"), Col("what", "What"), Col("detail", "About")],
        "The record of this project", "newest first; nothing in it is changed or deleted while the project is there",
    )  # fmt: skip
    st.download_button(
        "The record (CSV)", lambda: parts.csv(frame), "record.csv", "text/csv", icon=":material/download:",
        on_click="ignore",
    )  # fmt: skip


def _keep(project: Project) -> None:
    st.header("How long it is kept", anchor=False)
    options = {None: "Until it is deleted", 30: "30 days after its last use", 365: "A year after its last use",
               2557: "Seven years after its last use"}  # fmt: skip
    if project.keep_days not in options:
        options[project.keep_days] = f"{project.keep_days} days after its last use"
    key = f"keep-{project.project_id}"
    st.selectbox(
        "Keep this project", list(options), index=list(options).index(project.keep_days), key=key,
        format_func=lambda days: options[days],
        on_change=lambda: projects.retain(session.within(), st.session_state[key]),
    )  # fmt: skip


def _erase(project: Project) -> None:
    st.header("Delete everything", anchor=False)
    parts.show(
        "<p>Deletes this project's ledgers, decisions, choices, notes, results and record, for good. Nobody can bring "
        "them back, other than from a backup of the server.</p>"
    )
    with st.form("erase", border=False):
        said = st.text_input(f"To delete it, type its name: {parts.plain(project.name)}", max_chars=120)
        if st.form_submit_button("Delete everything in this project", icon=":material/delete_forever:"):
            if " ".join(said.split()) != project.name:
                st.error("That is not its name, so nothing was deleted.", icon=":material/error:")
                return
            work.forget_results()
            projects.erase(session.within())
            session.forget()
            session.leave()
            st.query_params.clear()
            st.rerun()
