"""The pages in the order of the work, and what stands around each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from cwb.ui import (
    accessibility,
    assumptions,
    change,
    export,
    impact,
    ledgers,
    parts,
    review,
    scenarios,
    session,
    where,
)

_ICON = Path(__file__).with_name("icon.svg")
_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="112" height="32" viewBox="0 0 112 32">'
    '<rect x="0" y="4" width="14" height="24" fill="#0B4A6F"/><rect x="15" y="4" width="9" height="24" fill="#5FA8C9"/>'
    '<rect x="25" y="4" width="6" height="24" fill="#D5692A"/><rect x="32" y="4" width="3" height="24" fill="#A7AEB4"/>'
    '<text x="44" y="25" font-family="Arial, Helvetica, sans-serif" font-size="26" font-weight="700" fill="#17212B">'
    "cwb</text></svg>"
)


def run() -> None:
    """Print the page that was asked for."""
    # An icon of our own, set before the menu's: Streamlit would fetch a menu icon for the tab from Google.
    st.set_page_config(page_title="cwb", page_icon=_ICON, layout="centered")
    session.stay()
    parts.style()
    pages: dict[str, st.Page] = {}

    def result_page(show: Callable[..., None]) -> Callable[[], None]:
        def page() -> None:
            with parts.clear_errors():
                show(session.result(), pages["ledgers"])

        page.__name__ = show.__module__.rsplit(".", 1)[-1]
        return page

    def first() -> None:
        with parts.clear_errors():
            ledgers.page(session.result(), pages["where"])

    pages["ledgers"] = st.Page(first, title="Ledgers", icon=":material/upload_file:", url_path="ledgers", default=True)
    pages["suppliers"] = st.Page(
        result_page(review.page), title="Suppliers", icon=":material/fact_check:", url_path="suppliers"
    )
    pages["where"] = st.Page(
        result_page(where.page), title="Where it goes", icon=":material/stacked_bar_chart:", url_path="where"
    )
    pages["change"] = st.Page(
        result_page(change.page), title="Change", icon=":material/trending_up:", url_path="change"
    )
    pages["impact"] = st.Page(result_page(impact.page), title="Impact", icon=":material/groups:", url_path="impact")
    pages["assumptions"] = st.Page(
        result_page(assumptions.page), title="Assumptions", icon=":material/tune:", url_path="assumptions"
    )
    pages["scenarios"] = st.Page(
        result_page(scenarios.page), title="Scenarios", icon=":material/alt_route:", url_path="scenarios"
    )
    pages["export"] = st.Page(result_page(export.page), title="Export", icon=":material/download:", url_path="export")
    pages["accessibility"] = st.Page(
        accessibility.page, title="Accessibility", icon=":material/accessibility_new:", url_path="accessibility"
    )
    chosen = st.navigation(list(pages.values()))
    st.set_page_config(page_title=f"{chosen.title} – cwb")
    st.logo(_LOGO, size="large")
    with st.sidebar:
        _about_result()
    chosen.run()


def _about_result() -> None:
    """Print in the side bar what the pages are about."""
    result = session.result()
    if result is None:
        return
    run = result.runs[result.first]
    parts.show(
        f'<p class="where"><strong>{parts.esc(result.name)}</strong><br>Local is '
        f"{parts.esc(run.summary['place']['name'])}</p>"
    )
