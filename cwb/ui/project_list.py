"""Projects: those that are there, the last used first; open one, or begin another."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from cwb import projects
from cwb.charts import words
from cwb.projects import Project
from cwb.ui import parts, session


def page(start: Any) -> None:
    """Print the page; `start` is the page that a project begins at."""
    parts.heading(
        "Projects", "A project holds its ledgers, decisions, choices, notes and results. All is saved as you go."
    )
    found = projects.listing(session.store())
    with st.form("new-project", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of a new project", max_chars=120, placeholder="Spend 2025-26", width=380)
        wanted = st.form_submit_button("Begin it", icon=":material/add:")
    if wanted:
        with parts.clear_errors():
            made = projects.create(session.store(), name)
            session.open_one(str(made.project))
            st.switch_page(start, query_params={"project": str(made.project)})
    if not found:
        parts.show(
            '<h2 class="statement">No project yet</h2><p class="lead">Name one above, or just add a ledger: it begins '
            "a project of its own.</p>"
        )
        st.page_link(start, label="Go to Ledgers", icon=":material/upload_file:")
        return
    here = session.project()
    for one in found:
        _card(one, is_open=here is not None and here.project_id == one.project_id, start=start)


def _card(one: Project, *, is_open: bool, start: Any) -> None:
    within = projects.within(session.store(), one.project_id)
    with st.container(border=True, key=f"project-{one.project_id[:8]}"):
        st.header(parts.plain(one.name), anchor=False)
        parts.show(f'<p class="where">{parts.esc(_about(one, within))}</p>')
        if is_open:
            parts.show('<p class="where"><strong>Open now</strong></p>')
        elif st.button("Open", key=f"open-{one.project_id}", help=f"Open {parts.plain(one.name)}"):
            session.open_one(one.project_id)
            st.switch_page(start, query_params={"project": one.project_id})


def _about(one: Project, within: Any) -> str:
    kept = projects.ledgers(within)
    said = [f"{len(kept)} ledger{'' if len(kept) == 1 else 's'}"]
    made = projects.runs(within)
    if made.height:
        summary = json.loads(made["summary"][0])
        said.append(f"{words.money(summary['amount_pence']['payments'])} paid")
        said.append(f"{words.percent(summary['bands']['local']['share'])} local to {summary['place']['name']}")
    said.append(f"last used {one.used_at[:10]}")
    if one.role != "owner":
        said.append(f"you are a {one.role}")
    return " · ".join(said)
