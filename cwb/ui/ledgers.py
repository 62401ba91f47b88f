"""Ledgers: give files, see how each was read and put it right, choose the place and the register, and start."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cwb.errors import CwbError
from cwb.places import describe, find_place, place_names
from cwb.ui import account, parts, registers, session, work
from cwb.ui.session import Result

_KINDS = ["csv", "txt", "tsv", "xlsx", "xlsm", "xls", "ods", "zip", "gz"]
_NEEDED = "Choose a place first: it says what counts as local."


def page(result: Result | None, where: Any) -> None:
    """Print the page; `where` is the page that shows the result."""
    parts.heading(
        "Ledgers",
        "Give cwb the payments your finance system exports, or the ones you publish. It shows where every pound went.",
    )
    _said()
    first_time = not session.ledgers()
    if first_time:
        left, right = st.columns([3, 2], gap="large")
    else:
        left = right = st.container()
    with left:
        _upload()
    if first_time:
        with right:
            _sample(where)
        return
    _check()
    settings = _choices()
    _start(settings, result, where)


def _said() -> None:
    """Print what the last action had to say."""
    for text in st.session_state.pop("said", []):
        st.error(parts.plain(text), icon=":material/error:")


def _upload() -> None:
    st.header("Add ledgers", anchor=False)
    count = st.session_state.setdefault("uploads", 0)
    given = st.file_uploader(
        "Drop one or more files here: CSV, Excel, ODS, or a zip of them", type=_KINDS, accept_multiple_files=True,
        key=f"upload-{count}",
    )  # fmt: skip
    parts.show(
        '<p class="where">Files stay on this machine, in a folder of this session that is deleted when you leave. '
        "Headings, preambles, totals rows and date formats are worked out; you check them next.</p>"
    )
    if not given:
        return
    said = st.session_state.setdefault("said", [])
    for file in given:
        try:
            session.add(file.name, file.getvalue())
        except CwbError as error:
            said.append(str(error))
    st.session_state["uploads"] = count + 1  # a fresh box: what was given is listed below
    st.rerun()


def _sample(where: Any) -> None:
    st.header("New here?", anchor=False)
    parts.show(
        "<p>Six made-up institutions around Preston, two years, twelve ledgers in six file formats: the answer "
        "in a few seconds, on every page.</p>"
    )
    if st.button("Try the sample", key="sample", icon=":material/play_arrow:"):
        with parts.clear_errors():
            work.sample()
            st.switch_page(where)


def _check() -> None:
    st.header("Check how each file was read", anchor=False)
    parts.show('<p class="lead">Compare the £ with your finance system. They should agree to the penny.</p>')
    for sha in list(session.ledgers()):
        account.card(sha)
    with st.container(horizontal=True):
        if st.button("Delete everything I gave", icon=":material/delete:", type="tertiary"):
            session.forget()
            st.rerun()


def _choices() -> work.Settings:
    st.header("Say what is local", anchor=False)
    names = place_names()
    place = st.selectbox(
        "Place", names, index=None, key="place", persist_state="session",
        placeholder="Start typing: a district, county, combined authority or region",
    )  # fmt: skip
    own = None
    with st.expander("Use a place of your own"):
        parts.show(
            "<p>A short text file names the districts that count as local and as the region around them:</p>"
            '<pre>name = "North bank"\nlocal = ["Preston", "South Ribble"]\n'
            'region_name = "Lancashire"\nregion = ["Lancashire"]</pre>'
        )
        given = st.file_uploader("Place file", type=["toml"], key="own-place")
        if given is not None:
            own = session.folder() / "place.toml"
            own.write_bytes(given.getvalue())
    chosen = str(own) if own else place
    if chosen:
        with parts.clear_errors():
            said = describe(find_place(chosen))
            rest = len(said["rest_of_region"])
            local = ", ".join(d["lad_name"] for d in said["local"][:6]) + (
                " and others" if len(said["local"]) > 6 else ""
            )
            parts.show(
                f'<p class="where">Local is {parts.esc(local)}. The region is {parts.esc(said["region_name"])}, with '
                f"{rest:,} other district{'' if rest == 1 else 's'}. Elsewhere is leaked.</p>"
            )
    st.header("Say how suppliers are found", anchor=False)
    register = registers.choose()
    with st.expander("More choices"):
        year = st.text_input(
            "Financial year of undated payments", key="undated", persist_state="session", placeholder="2016-17",
            validate=(r"^(\d{4}-\d{2})?$", "Write it as 2016-17"),
        )  # fmt: skip
        basis = st.selectbox(
            "What counts as a supplier's place", list(work.BASES), key="basis", persist_state="session",
            format_func=lambda b: work.BASES[b],
        )  # fmt: skip
        individuals = st.toggle("Show names of individuals", key="individuals", persist_state="session")
        parts.show(
            '<p class="where">Off: people paid in their own name are shown as “Individual (name withheld)” on every '
            "page and in every file. Names the ledger itself hides stay hidden either way.</p>"
        )
    return work.Settings(
        place=chosen or "", register=register, undated_year=year or None, basis=basis, show_individuals=individuals
    )


def _start(settings: work.Settings, result: Result | None, where: Any) -> None:
    st.space("small")
    ready = bool(settings.place)
    if st.button("Show where the money goes", type="primary", icon=":material/arrow_forward:", key="start"):
        if not ready:
            st.error(_NEEDED, icon=":material/error:")
            return
        with parts.clear_errors():
            work.uploads(settings)
            st.switch_page(where)
    elif result is not None:
        parts.show('<p class="where">There is a result already; it stays until you start again.</p>')
