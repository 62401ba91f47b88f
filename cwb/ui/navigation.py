"""The pages in the order of the work, and what stands around each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from cwb import projects
from cwb.errors import CwbError
from cwb.places import find_place
from cwb.ui import (
    accessibility,
    assumptions,
    change,
    export,
    impact,
    ledgers,
    measures,
    opportunities,
    parts,
    payments,
    people,
    project,
    project_list,
    review,
    scenarios,
    session,
    statutory,
    together,
    where,
    work,
)

_ICON = Path(__file__).with_name("icon.svg")
_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="112" height="32" viewBox="0 0 112 32">'
    "<style>text{fill:#17212B}@media(prefers-color-scheme:dark){text{fill:#EEF2F5}}</style>"
    '<rect x="0" y="4" width="14" height="24" fill="#0B4A6F"/><rect x="15" y="4" width="9" height="24" fill="#5FA8C9"/>'
    '<rect x="25" y="4" width="6" height="24" fill="#D5692A"/><rect x="32" y="4" width="3" height="24" fill="#A7AEB4"/>'
    '<text x="44" y="25" font-family="Arial, Helvetica, sans-serif" font-size="26" font-weight="700">'
    "cwb</text></svg>"
)

# Address, title, icon, and how it is printed: with the result that stands and the page to start from.
_PAGES: tuple[tuple[str, str, str, Callable[..., None]], ...] = (
    ("suppliers", "Suppliers", "fact_check", review.page),
    ("where", "Where it goes", "stacked_bar_chart", where.page),
    ("payments", "Payments", "receipt_long", payments.page),
    ("change", "Change", "trending_up", change.page),
    ("together", "Together", "join_inner", together.page),
    ("impact", "Impact", "groups", impact.page),
    ("home", "What could come home", "home_work", opportunities.page),
    ("scenarios", "Scenarios", "alt_route", scenarios.page),
    ("measures", "Measures", "straighten", measures.page),
    ("statutory", "Statutory views", "gavel", statutory.page),
    ("export", "Export", "download", export.page),
    ("assumptions", "Assumptions", "tune", assumptions.page),
)


def run() -> None:
    """Print the page that was asked for."""
    # An icon of our own, set before the menu's: Streamlit would fetch a menu icon for the tab from Google.
    st.set_page_config(page_title="cwb", page_icon=_ICON, layout="centered")
    session.stay()
    parts.style()
    if not people.gate():
        return
    problem = _enter()
    pages = _pages()
    # In one list: Streamlit's sections make no valid list of links. Shown whole: none hides behind "View more".
    chosen = st.navigation(list(pages.values()), expanded=True)
    st.set_page_config(page_title=f"{chosen.title} – cwb")
    st.logo(_LOGO, size="large")
    _go_where_left(chosen, pages)
    with st.sidebar:
        _about_project(pages)
        people.about()
    if problem:
        st.error(parts.plain(problem), icon=":material/error:")
    with parts.clear_errors():
        chosen.run()


def _enter() -> str:
    """Enter the project at hand; return what is wrong with it, if anything."""
    try:
        session.enter()
    except CwbError as error:
        session.leave()
        session.refresh()
        return str(error)
    return ""


def _pages() -> dict[str, st.Page]:
    pages: dict[str, st.Page] = {}

    def of_result(show: Callable[..., None], name: str) -> Callable[[], None]:
        def page() -> None:
            show(work.result(), pages["ledgers"])

        page.__name__ = name
        return page

    def first() -> None:
        ledgers.page(work.result(), pages["where"])

    def listed() -> None:
        project_list.page(pages["ledgers"])

    pages["ledgers"] = st.Page(first, title="Ledgers", icon=":material/upload_file:", url_path="ledgers", default=True)
    for address, title, icon, show in _PAGES:
        pages[address] = st.Page(
            of_result(show, address), title=title, icon=f":material/{icon}:", url_path=address
        )  # fmt: skip
    pages["projects"] = st.Page(listed, title="Projects", icon=":material/folder_open:", url_path="projects")
    pages["project"] = st.Page(project.page, title="This project", icon=":material/settings:", url_path="project")
    pages["accessibility"] = st.Page(
        accessibility.page, title="Accessibility", icon=":material/accessibility_new:", url_path="accessibility"
    )
    return pages


def _go_where_left(chosen: st.Page, pages: dict[str, st.Page]) -> None:
    """Open a project where it was left, and keep where it is now; an address that names a page is followed."""
    here = next(address for address, page in pages.items() if page.url_path == chosen.url_path)
    left = st.session_state.pop("left-at", "")
    if here == "ledgers" and left in pages and left != here:
        st.switch_page(pages[left])
    if session.project() is not None and st.session_state.get("page-kept") != (session.within().project, here):
        projects.note_page(session.within(), here)
        st.session_state["page-kept"] = (session.within().project, here)


@st.cache_data(show_spinner=False, max_entries=500)
def _place_name(place: str) -> str:
    try:
        return find_place(place).name if place else ""
    except CwbError:
        return place


def _about_project(pages: dict[str, st.Page]) -> None:
    """Print in the side bar what the pages are about, and the way to other projects."""
    found = session.project()
    if found is None:
        return
    place = "a place of your own" if found.choices.own_place else _place_name(found.choices.place)
    parts.show(
        f'<p class="where">Project<br><strong>{parts.esc(found.name)}</strong>'
        + (f"<br>Local is {parts.esc(place)}" if place else "")
        + ("" if found.role == "owner" else f"<br>You are a {found.role}")
        + "</p>"
    )
